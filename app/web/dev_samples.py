"""Messages for `/dev/components` that use everything that Discord's marks can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.web.discord_markup import BodyLook, Look, RoleLook, read_body


@dataclass(frozen=True)
class SampleAuthor:
    name: str
    id: int
    avatar: str | None = None
    url: str | None = "/dev/components"
    is_bot: bool = False


@dataclass(frozen=True)
class SampleReply:
    author: str
    text: str
    url: str | None = None


@dataclass(frozen=True)
class SampleMessage:
    author: SampleAuthor
    text: str
    sent_at: datetime
    hits: tuple[tuple[int, int], ...] = ()
    body: BodyLook | None = None
    reply: SampleReply | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    deleted_by: str | None = None
    channel: str | None = None


LOOK = Look(
    people={200000000000000002: "Bob"},
    roles={400000000000000001: RoleLook("Moderator", 0x3BA7D9)},
    channels={500000000000000001: "help"},
)

_EVERYTHING = """# Patch 1.4 is out
**Bold**, *italic*, __underlined__, ~~struck~~, ||the yeti did it|| and `inline code`.
> A quote, with a [masked link](https://example.com/patch) in it
- Thanks <@200000000000000002>, <@&400000000000000001>
  - see <#500000000000000001>, by <t:1790000000:R>
1. First
2. Second
```py
print("snow")
```
-# Small print at the end"""

_BODY = """{
 "embeds": [{"title": "Changelog 1.4", "url": "https://example.com/1.4", "color": 3909593, "description": "Ice now **melts** in the right order.",
   "author": {"name": "Snowfall Bot"}, "fields": [{"name": "Fixed", "value": "12 bugs", "inline": true}, {"name": "Added", "value": "2 maps", "inline": true}, {"name": "Note", "value": "Saves stay valid."}],
   "footer": {"text": "Build 4711"}, "timestamp": "2026-11-20T18:00:00+00:00"}],
 "attachments": [{"id": "600000000000000001", "filename": "crash-report.txt", "size": 48213, "content_type": "text/plain"},
                 {"id": "600000000000000002", "filename": "glacier.png", "size": 1204511, "content_type": "image/png", "width": 1280, "height": 720}],
 "poll": {"question": {"text": "Which map first?"}, "answers": [{"poll_media": {"text": "Glacier"}}, {"poll_media": {"text": "Harbour"}}]},
 "sticker_items": [{"name": "Waving yeti"}]
}"""


def sample_messages() -> tuple[SampleMessage, ...]:
    """Plain, rich, edited, deleted, right-to-left, from a bot, with a reply and search hits."""
    now = datetime.now(UTC)
    mika, bob = SampleAuthor("Mika Snow", 200000000000000003), SampleAuthor("Bob", 200000000000000002)
    phishing = "Anyone want free keys? https://steam-gifts.example/claim"
    return (
        SampleMessage(
            mika,
            phishing,
            now - timedelta(hours=7),
            hits=((12, 21),),
            channel="help",
            edited_at=now,
            deleted_at=now,
            deleted_by="Bob",
        ),
        SampleMessage(
            bob,
            "that is not Steam, do not click it",
            now - timedelta(minutes=4),
            reply=SampleReply("Mika Snow", "Anyone want free keys? …"),
        ),
        SampleMessage(bob, _EVERYTHING, now - timedelta(days=2), channel="announcements"),
        SampleMessage(SampleAuthor("مريم", 5), "مرحبا بالجميع، كيف حالكم؟", now - timedelta(days=3)),
        SampleMessage(mika, "🎿❄️", now - timedelta(days=3)),
        SampleMessage(SampleAuthor("Snowfall Bot", 9, is_bot=True), "", now - timedelta(days=2), body=read_body(_BODY)),
        SampleMessage(mika, "", now - timedelta(days=9)),
    )
