"""A community at its fullest, written through the domain's own verbs: ten thousand members, messages and cases.

Names reach Discord's 32 characters, in scripts that run both ways, with emoji; reasons reach 512 characters.
`python -m tests.browser.drawing.crowd <guild> <channel>`, with the panel's environment.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from app.bootstrap import create_core_app
from app.clients.discord_guild.fake import FakeDiscordGuild
from app.config import Process, Settings
from app.db.scope import tenant_scope
from app.domain.access import SystemActor
from app.domain.clock import first_snowflake
from app.domain.members.service import copy_members
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.moderation.service import record_audit_entry
from app.domain.tenants.queries import tenant_of_guild

CROWD = SystemActor("crowd")
ROWS = 10_000
BATCH = 1_000
FIRST_ID = 700_000_000_000_000_000
NAMES = (
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "Maximiliana-Konstanze von Schnee",
    "❄️🐧🦊🛷🏔️⛄🎿🧣🧤🌨️☃️🥶🦌🐻‍❄️🎄🔥",
    "عبد الرحمن بن محمد الثلجي الطويل",
    "שלג לבן על ההרים הגבוהים בצפון",
    "冬の星空と湖の釣り人と雪の村の小さなパン屋さんと猫たちの夜の物語",
    "H̷̛a̸̓r̵̈a̶͝l̷̇d̸̂ ̶t̷͐h̵́e̶̓ ̵̌Z̸a̷l̵g̸o",
    "\u202eright to left, overridden",
    "ﷺ",
    "Ольга-Вікторія Сніжинка-Морозенко",
    "i",
    "👩‍👩‍👧‍👦 family of the frozen lake 👩‍👩‍👧‍👦",
)
SAYINGS = (
    "Did anybody see where the sled went?",
    "WORDWITHOUTANYSPACE" * 18,
    "שלום לכולם! Mixed directions: the שלג is 3 m deep, and https://example.org/a/very/long/path?with=many&parameters=yes",
    "مرحبا بالجميع، كيف حال الثلج اليوم؟ 🏔️",
    "```python\n"
    + "\n".join(f"row_{number} = melt(snow[{number}], degrees={number})" for number in range(12))
    + "\n```",
    "# A heading\n> quoted\n- one\n- two\n||a spoiler|| and **bold**, *italic*, ~~struck~~, `code`",
    "🥶" * 27,
    "\n".join(f"line {number} of a message that goes on and on" for number in range(30)),
)
LONG_REASON = (
    "Repeatedly posted the same advertisement after being asked twice to stop, in four channels, at night; " * 6
)[:512]
REASONS = ("", "spam", LONG_REASON, "إعلانات متكررة في قناة المساعدة", "🧊" * 60, "NOSPACES" * 40)


def fill(guild_id: int, channel_id: int) -> None:
    """Write all of it into this guild's community; the channel is where everybody talks."""
    app = create_core_app(Settings.from_environment(Process.CLI), discord_guild=FakeDiscordGuild())
    with app.app_context():
        tenant = tenant_of_guild(guild_id)
        assert tenant is not None, "the community is not installed"
        with tenant_scope(tenant.id):
            copy_members(CROWD, [_member(number) for number in range(ROWS)], complete=False)
            for number in range(ROWS):
                record_audit_entry(CROWD, _audit_entry(guild_id, number))
        for start in range(0, ROWS, BATCH):
            payloads = (_message(guild_id, channel_id, number) for number in range(start, start + BATCH))
            index_batch(CROWD, [ArchiveRecord(tenant.id, RecordKind.CREATED, one, _ms(one)) for one in payloads])


def _member(number: int) -> dict[str, Any]:
    joined = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=47 * number)
    name = NAMES[number % len(NAMES)]
    return {"user": _user(number), "nick": name[:32], "roles": [], "joined_at": joined.isoformat(), "flags": 0}


def _user(number: int) -> dict[str, Any]:
    return {
        "id": str(FIRST_ID + number),
        "username": f"crowd.member.number.{number:05}.xyz" if number % 3 else f"crowd{number}",
        "global_name": NAMES[(number + 5) % len(NAMES)][:32],
        "discriminator": "0",
        "avatar": None,
        "bot": number % 97 == 0,
    }


def _message(guild_id: int, channel_id: int, number: int) -> dict[str, Any]:
    written = datetime.now(UTC) - timedelta(seconds=90 * (ROWS - number))
    return {
        "id": str(first_snowflake(written) + number),
        "channel_id": str(channel_id),
        "guild_id": str(guild_id),
        "author": _user(number % 400),
        "content": SAYINGS[number % len(SAYINGS)][:2000],
        "timestamp": written.isoformat(),
        "edited_timestamp": None,
        "type": 0,
        "attachments": [],
        "embeds": [],
        "mentions": [],
        "mention_roles": [],
    }


def _audit_entry(guild_id: int, number: int) -> dict[str, Any]:
    happened = datetime.now(UTC) - timedelta(minutes=7 * (ROWS - number))
    chosen = random.Random(number)
    return {
        "id": str(first_snowflake(happened) + number),
        "guild_id": str(guild_id),
        "user_id": str(FIRST_ID + number % 12),
        "target_id": str(FIRST_ID + chosen.randrange(ROWS)),
        "action_type": chosen.choice((20, 22, 22, 23)),
        "reason": REASONS[number % len(REASONS)],
        "changes": [],
        "options": None,
    }


def _ms(payload: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(payload["timestamp"]).timestamp() * 1000)


if __name__ == "__main__":
    fill(int(sys.argv[1]), int(sys.argv[2]))
