"""Turns the body of a message request into a draft, refusing what Discord refuses."""

from datetime import timedelta
from typing import Any

from sandbox.discord.changes.messages import Draft
from sandbox.discord.clock import iso
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Attachment, Channel, Json
from sandbox.discord.rest.attachments import read_attachments
from sandbox.discord.rest.components import IS_COMPONENTS_V2, read_components
from sandbox.discord.rest.embeds import MOST_EMBEDS, read_embeds
from sandbox.discord.rest.routing import Call
from sandbox.discord.rest.validation import Form

LONGEST_CONTENT = 2000
LONGEST_NONCE = 25
SETTABLE_FLAGS = 1 << 2 | 1 << 12 | IS_COMPONENTS_V2
ALLOWED_PARSES = ("users", "roles", "everyone")


def read_draft(call: Call, channel: Channel | None, *, fields: Json | None = None) -> Draft:
    """The message that the body asks for. Raises 50006 for an empty one, 50035 with every problem."""
    form = Form(call.fields() if fields is None else fields)
    draft = Draft(content=(form.text("content", longest=LONGEST_CONTENT) or "").strip())
    draft.flags = (form.integer("flags") or 0) & SETTABLE_FLAGS
    draft.tts = bool(form.boolean("tts"))
    draft.nonce = form.text("nonce", longest=LONGEST_NONCE)
    embeds = form.sequence("embeds", longest=MOST_EMBEDS) or ()
    draft.embeds = read_embeds(form, embeds, call.world.public_url)
    is_v2 = bool(draft.flags & IS_COMPONENTS_V2)
    components = form.sequence("components") or ()
    draft.components = read_components(form, components, is_v2, call.world.public_url)
    draft.attachments = read_attachments(call, form, [])
    draft.sticker_items = _stickers(form)
    draft.poll = _poll(form, call)
    draft.allowed_mentions = read_allowed_mentions(form)
    if channel is not None:
        _read_reference(call, form, draft, channel)
    if is_v2:
        _refuse_beside_v2(form, draft)
    form.check()
    if not _says_something(draft):
        raise DiscordError(Code.EMPTY_MESSAGE)
    return draft


def read_edit(call: Call, flags: int, attachments: list[Attachment]) -> dict[str, Any]:
    """What an edit changes, as `World.edit_message` takes it. `flags` and `attachments` are what stands now."""
    form = Form(call.fields())
    new: dict[str, Any] = {}
    if form.given("flags"):
        asked = form.integer("flags") or 0
        new["flags"] = (flags & ~(1 << 2)) | (asked & (1 << 2 | IS_COMPONENTS_V2))
    is_v2 = bool(new.get("flags", flags) & IS_COMPONENTS_V2)
    if form.given("content"):
        new["content"] = (form.text("content", longest=LONGEST_CONTENT) or "").strip()
    if form.given("embeds"):
        embeds = form.sequence("embeds", longest=MOST_EMBEDS) or ()
        new["embeds"] = read_embeds(form, embeds, call.world.public_url)
    if form.given("components"):
        components = form.sequence("components") or ()
        new["components"] = read_components(form, components, is_v2, call.world.public_url)
    if form.given("attachments") or call.files:
        new["attachments"] = read_attachments(call, form, attachments)
    read_allowed_mentions(form)
    form.check()
    if is_v2 and (new.get("content") or new.get("embeds")):
        form.refuse("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", _BESIDE_V2.format("content"))
        form.check()
    return new


def read_allowed_mentions(form: Form) -> Json | None:
    """Discord's allowed mentions, checked."""
    allowed = form.mapping("allowed_mentions")
    if allowed is None:
        return None
    inner = Form(allowed)
    parses = inner.sequence("parse") or ()
    inner.snowflakes("users", longest=100)
    inner.snowflakes("roles", longest=100)
    for name in ("users", "roles"):
        if name in parses and allowed.get(name):
            message = f"parse:['{name}'] and {name}: [ids...] are mutually exclusive."
            form.refuse("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    for index, parse in enumerate(parses):
        if parse not in ALLOWED_PARSES:
            inner.refuse(f"parse.{index}", "BASE_TYPE_CHOICES", "Value must be one of ('roles', 'users', 'everyone').")
    if inner.errors:
        form.errors.setdefault("allowed_mentions", {}).update(inner.errors)
    return allowed


def _read_reference(call: Call, form: Form, draft: Draft, channel: Channel) -> None:
    reference = form.mapping("message_reference")
    if reference is None:
        return
    inner = Form(reference)
    message_id = inner.snowflake("message_id", required=True)
    is_forward = inner.choice("type", (0, 1)) == 1
    source_id = inner.snowflake("channel_id", required=is_forward)
    if inner.errors:
        form.errors["message_reference"] = inner.errors
        return
    source = call.world.channels.get(source_id or channel.id)
    found = source.messages.get(message_id or 0) if source else None
    if found is None or (not is_forward and source is not channel):
        if is_forward or reference.get("fail_if_not_exists", True):
            form.refuse("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        return
    if is_forward:
        draft.forwarded = found
    else:
        draft.reply_to = found
        allowed = draft.allowed_mentions
        draft.pings_replied = allowed is None or bool(allowed.get("replied_user"))


def _stickers(form: Form) -> list[Json]:
    sticker_ids = form.snowflakes("sticker_ids", longest=3) or ()
    return [{"id": str(one), "name": f"sticker {one}", "format_type": 1} for one in sticker_ids]


def _poll(form: Form, call: Call) -> Json | None:
    poll = form.mapping("poll")
    if poll is None:
        return None
    question = (poll.get("question") or {}).get("text") or ""
    answers = poll.get("answers") or []
    if not 1 <= len(str(question)) <= 300:
        form.refuse("poll.question.text", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 300 in length.")
    if not isinstance(answers, list) or not 1 <= len(answers) <= 10:
        form.refuse("poll.answers", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length.")
        answers = []
    asked = poll.get("duration")
    hours = asked if isinstance(asked, int) else 24
    ends = call.world.clock.now() + timedelta(hours=hours)
    return {
        "question": {"text": str(question)},
        "answers": [
            {"answer_id": number, "poll_media": (one.get("poll_media") or {}) if isinstance(one, dict) else {}}
            for number, one in enumerate(answers, start=1)
        ],
        "expiry": iso(ends),
        "allow_multiselect": bool(poll.get("allow_multiselect")),
        "layout_type": 1,
        "results": {"answer_counts": [], "is_finalized": False},
    }


_BESIDE_V2 = "The '{}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"


def _refuse_beside_v2(form: Form, draft: Draft) -> None:
    for name in ("content", "embeds", "poll", "sticker_items"):
        if getattr(draft, name):
            shown = "sticker_ids" if name == "sticker_items" else name
            form.refuse(shown, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", _BESIDE_V2.format(shown))


def _says_something(draft: Draft) -> bool:
    parts = (draft.content, draft.embeds, draft.attachments, draft.sticker_items, draft.components, draft.poll)
    return any(parts) or draft.forwarded is not None
