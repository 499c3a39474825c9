"""The people and guilds with fixed ids, and the permission sets they stand on."""

from __future__ import annotations

from sandbox.scenario.model import Person

ALICE = Person(200000000000000001, "alice.winter", "Alice", 205)
BOB = Person(200000000000000002, "bob_the_warden", "Bob", 150)
VERA = Person(200000000000000003, "vera.lumi", "Vera", 320)
CHARLIE = Person(200000000000000004, "charlie_outpost", "Charlie", 28)
STAN = Person(200000000000000005, "stan_the_stranger", "Stan", 268)
CAST = (ALICE, BOB, VERA, CHARLIE, STAN)

GUILD_A = 300000000000000001
GUILD_B = 300000000000000002
GUILD_C = 300000000000000003

ADMINISTRATOR = 1 << 3
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
CREATE_PUBLIC_THREADS = 1 << 35
SEND_MESSAGES_IN_THREADS = 1 << 38

EVERYONE = (
    1 << 0  # create instant invite
    | 1 << 6  # add reactions
    | 1 << 9  # stream
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | 1 << 14  # embed links
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | 1 << 18  # use external emojis
    | 1 << 20  # connect
    | 1 << 21  # speak
    | 1 << 25  # use voice activity
    | 1 << 26  # change nickname
    | 1 << 31  # use application commands
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS
)
MODERATOR = (
    1 << 1  # kick members
    | 1 << 2  # ban members
    | 1 << 7  # view audit log
    | MANAGE_MESSAGES
    | 1 << 27  # manage nicknames
    | 1 << 34  # manage threads
    | 1 << 40  # moderate members
)
