"""Search over a guild's messages, as bots may use it."""

from collections.abc import Callable, Iterator

from sandbox.discord import message_payloads, payloads, permissions
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Channel, Json, Message
from sandbox.discord.rest import access
from sandbox.discord.rest.routing import Call, route
from sandbox.discord.rest.validation import Form

MOST_A_PAGE = 25
LARGEST_OFFSET = 9975
HAS: dict[str, Callable[[Message], bool]] = {
    "link": lambda one: "http://" in one.content or "https://" in one.content,
    "embed": lambda one: bool(one.embeds),
    "file": lambda one: bool(one.attachments),
    "image": lambda one: any(item.content_type.startswith("image/") for item in one.attachments),
    "video": lambda one: any(item.content_type.startswith("video/") for item in one.attachments),
    "sound": lambda one: any(item.content_type.startswith("audio/") for item in one.attachments),
    "sticker": lambda one: bool(one.sticker_items),
    "poll": lambda one: one.poll is not None,
    "snapshot": lambda one: bool(one.snapshots),
}


@route("GET", "/guilds/{guild_id}/messages/search", limit=(10, 10.0))
async def search_messages(call: Call) -> Json:
    """Messages of the channels that the caller reads; 202 with 110000 while the index is being built."""
    access.guild_of(call, permissions.READ_MESSAGE_HISTORY)
    if call.world.is_indexing:
        raise DiscordError(Code.INDEXING, retry_after=2, documents_indexed=0)
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=MOST_A_PAGE) or MOST_A_PAGE
    offset = form.integer("offset", most=LARGEST_OFFSET) or 0
    tests = _tests(call, form)
    form.check()
    wanted = _ids(call, "channel_id")
    found = [one for one in _readable(call, wanted) if all(test(one) for test in tests)]
    is_oldest_first = call.query.get("sort_order") == "asc"
    found.sort(key=lambda one: one.id, reverse=not is_oldest_first)
    page = found[offset : offset + limit]
    threads = {one.channel_id: call.world.channels[one.channel_id] for one in page}
    return {
        "messages": [[message_payloads.message(call.world, one, call.actor.id) | {"hit": True}] for one in page],
        "threads": [payloads.thread(one) for one in threads.values() if one.is_thread],
        "members": [],
        "total_results": len(found),
        "doing_deep_historical_index": False,
        "documents_indexed": None,
    }


def _tests(call: Call, form: Form) -> list[Callable[[Message], bool]]:
    tests: list[Callable[[Message], bool]] = []
    words = (form.text("content", longest=1024) or "").casefold().split()
    if words:
        tests.append(lambda one: all(word in one.content.casefold() for word in words))
    authors, mentions = _ids(call, "author_id"), _ids(call, "mentions")
    if authors:
        tests.append(lambda one: (one.webhook_id or one.author.id) in authors)
    if mentions:
        tests.append(lambda one: bool(mentions.intersection(one.mention_ids)))
    least, most = form.snowflake("min_id"), form.snowflake("max_id")
    if least is not None:
        tests.append(lambda one: one.id > least)
    if most is not None:
        tests.append(lambda one: one.id < most)
    if "pinned" in call.query:
        is_pinned = call.query["pinned"] == "true"
        tests.append(lambda one: (one.pinned_at is not None) == is_pinned)
    for written in _all(call, "has"):
        is_wanted, name = not written.startswith("-"), written.lstrip("-")
        if name not in HAS:
            form.refuse("has.0", "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(sorted(HAS))}}}.")
            continue
        tests.append(lambda one, has=HAS[name], wanted=is_wanted: has(one) == wanted)  # type: ignore[misc]
    return tests


def _readable(call: Call, wanted: set[int]) -> Iterator[Message]:
    guild = call.world.guilds[call.params["guild_id"]]
    channels: list[Channel] = [*guild.channels.values(), *guild.threads.values()]
    for channel in channels:
        if wanted and channel.id not in wanted and channel.parent_id not in wanted:
            continue
        if access.channel_bits(call, channel) & permissions.READ_MESSAGE_HISTORY:
            yield from channel.messages


def _all(call: Call, name: str) -> list[str]:
    getall = getattr(call.query, "getall", None)
    if getall is not None:
        return list(getall(name, []))
    return [call.query[name]] if name in call.query else []


def _ids(call: Call, name: str) -> set[int]:
    return {int(one) for one in _all(call, name) if one.isdecimal()}
