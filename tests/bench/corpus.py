"""Made-up talk for the benchmarks: the same words, authors and channels from the same seed, frequencies as people speak."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from app.domain.clock import DISCORD_EPOCH_MS
from app.domain.messages.records import ArchiveRecord, RecordKind

VOCABULARY = 40_000
FIRST_MS = 1_750_000_000_000
CHANNELS_A_TENANT = 12
CHUNK = 2_000


@dataclass(frozen=True)
class Shape:
    """How much talk there is, and how it is spread over communities."""

    messages: int
    tenants: tuple[tuple[int, float], ...] = ((1, 0.02), (2, 0.18), (3, 0.80))
    """(tenant id, share of the messages): a small, a middle and a large one."""

    def share(self, tenant_id: int) -> int:
        """Messages of one tenant, about."""
        return int(self.messages * dict(self.tenants)[tenant_id])


class Talk:
    """An endless, repeatable stream of MESSAGE_CREATE records in the order of their ids."""

    def __init__(self, shape: Shape, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._words = [_word(number) for number in range(VOCABULARY)]
        # Zipf's law, a little flattened: the commonest word is in every fifth message.
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(VOCABULARY)))
        self._tenants = [tenant_id for tenant_id, _share in shape.tenants]
        self._shares = list(accumulate(share for _tenant, share in shape.tenants))
        self._millisecond = FIRST_MS
        self.word_of_rank = self._words.__getitem__

    def records(self, count: int) -> Iterator[ArchiveRecord]:
        """The next `count` records."""
        chance = self._random
        while count > 0:
            now = min(count, CHUNK)
            count -= now
            lengths = [min(60, 1 + int(chance.expovariate(1 / 11))) for _ in range(now)]
            words = iter(chance.choices(self._words, cum_weights=self._weights, k=sum(lengths)))
            for length, tenant in zip(
                lengths, chance.choices(self._tenants, cum_weights=self._shares, k=now), strict=True
            ):
                yield self._record(tenant, " ".join(next(words) for _ in range(length)))

    def _record(self, tenant_id: int, content: str) -> ArchiveRecord:
        chance = self._random
        self._millisecond += 1 + int(chance.expovariate(1 / 400))
        message_id = (self._millisecond - DISCORD_EPOCH_MS) << 22 | chance.getrandbits(12)
        author = author_of(tenant_id, min(499, int(chance.expovariate(1 / 60))))
        channel = channel_of(tenant_id, min(CHANNELS_A_TENANT - 1, int(chance.expovariate(1 / 3))))
        return ArchiveRecord(
            tenant_id, RecordKind.CREATED, _payload(tenant_id, message_id, channel, author, content), self._millisecond
        )


def author_of(tenant_id: int, number: int) -> int:
    """The id of a community's person."""
    return 200_000_000_000_000_000 + tenant_id * 1_000_000 + number


def channel_of(tenant_id: int, number: int) -> int:
    """The id of a community's channel; the first has the most talk."""
    return 400_000_000_000_000_000 + tenant_id * 1_000_000 + number


def guild_of(tenant_id: int) -> int:
    """The id of a community on Discord."""
    return 300_000_000_000_000_000 + tenant_id


def _payload(tenant_id: int, message_id: int, channel_id: int, author_id: int, content: str) -> dict[str, object]:
    """As the gateway sends a plain message."""
    return {
        "id": str(message_id),
        "channel_id": str(channel_id),
        "guild_id": str(guild_of(tenant_id)),
        "type": 0,
        "tts": False,
        "timestamp": "2026-11-01T08:00:00.000000+00:00",
        "edited_timestamp": None,
        "pinned": False,
        "nonce": str(message_id - 1),
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "member": {"roles": ["500000000000000001"], "nick": None, "joined_at": "2025-01-01T00:00:00+00:00", "flags": 0},
        "flags": 0,
        "embeds": [],
        "components": [],
        "attachments": [],
        "content": content,
        "author": {
            "id": str(author_id),
            "username": f"member{author_id % 1_000_000}",
            "global_name": f"Member {author_id % 1_000_000}",
            "avatar": None,
            "discriminator": "0",
            "public_flags": 0,
        },
    }


_SYLLABLES = [
    "ka",
    "lo",
    "mi",
    "ter",
    "an",
    "ju",
    "sel",
    "dor",
    "ve",
    "ni",
    "pra",
    "gus",
    "tol",
    "he",
    "ri",
    "am",
    "bo",
    "sto",
    "fel",
    "un",
    "cha",
    "zi",
    "mer",
    "ol",
    "da",
]


def _word(number: int) -> str:
    """A word that can be spoken; frequent ones are short."""
    parts = []
    number += 1
    while number:
        number, part = divmod(number, len(_SYLLABLES))
        parts.append(_SYLLABLES[part])
    return "".join(parts)
