"""What the bot answers to interactions: the callback, the original answer's edits, and follow-ups."""

from __future__ import annotations

from dataclasses import replace

from sandbox.discord import message_payloads
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.interactions import answers
from sandbox.discord.interactions.book import IS_EPHEMERAL, IS_LOADING, CallbackKind, Interaction, Kind, interactions_of
from sandbox.discord.models import Json, Message
from sandbox.discord.rest.drafting import read_draft, read_edit
from sandbox.discord.rest.messages import refuse_emptied
from sandbox.discord.rest.routing import Answer, Call, NotMine, route
from sandbox.discord.rest.validation import Form, invalid_form

CALLBACK = "/interactions/{interaction_id}/{token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{token}"
ORIGINAL = "/webhooks/{webhook_id}/{token}/messages/@original"
ONE = "/webhooks/{webhook_id}/{token}/messages/{message_id}"
MOST_CHOICES = 25

_MAY_ANSWER: dict[Kind, tuple[CallbackKind, ...]] = {
    Kind.COMMAND: (CallbackKind.MESSAGE, CallbackKind.DEFERRED_MESSAGE, CallbackKind.MODAL),
    Kind.COMPONENT: (
        CallbackKind.MESSAGE,
        CallbackKind.DEFERRED_MESSAGE,
        CallbackKind.DEFERRED_UPDATE,
        CallbackKind.UPDATE_MESSAGE,
        CallbackKind.MODAL,
    ),
    Kind.AUTOCOMPLETE: (CallbackKind.CHOICES,),
    Kind.MODAL_SUBMIT: (
        CallbackKind.MESSAGE,
        CallbackKind.DEFERRED_MESSAGE,
        CallbackKind.DEFERRED_UPDATE,
        CallbackKind.UPDATE_MESSAGE,
    ),
}


@route("POST", CALLBACK, auth=(), limit=None)
async def create_response(call: Call) -> Answer:
    """The first answer, within three seconds and once; a JSON object where `with_response` asks for it."""
    interaction = interactions_of(call.world).to_answer(call.params["interaction_id"], call.words["token"])
    if interaction is None:
        raise DiscordError(Code.UNKNOWN_INTERACTION)
    if interaction.callback is not None:
        raise DiscordError(Code.ALREADY_ACKNOWLEDGED)
    kind = _callback_kind(call, interaction)
    _answer(call, interaction, kind, call.fields().get("data") or {})
    interaction.callback = kind
    interaction.note()
    if call.query.get("with_response", "").lower() not in ("true", "1"):
        return Answer(204)
    return Answer(200, _callback_payload(call, interaction))


@route("POST", FOLLOW_UP, auth=())
async def create_followup(call: Call) -> Json:
    """One more message. The first one after a deferred answer takes that answer's place."""
    interaction = _interaction(call)
    draft = read_draft(call, None)
    if interaction.is_pending_edit and interaction.original is not None and interaction.original.flags & IS_LOADING:
        answers.fill_deferred(call.world, interaction, draft)
        interaction.note()
        return _payload(call, interaction.original)
    is_ephemeral = bool((call.fields().get("flags") or 0) & IS_EPHEMERAL)
    message = answers.post(call.world, interaction, draft, is_ephemeral=is_ephemeral, is_followup=True)
    interaction.followups.append(message)
    interaction.is_pending_edit = False
    interaction.note()
    return _payload(call, message)


@route("GET", ORIGINAL, auth=())
@route("GET", ONE, auth=())
async def get_response(call: Call) -> Json:
    """The original answer, or a follow-up."""
    return _payload(call, _message(call, _interaction(call)))


@route("PATCH", ORIGINAL, auth=())
@route("PATCH", ONE, auth=())
async def edit_response(call: Call) -> Json:
    """Edits an answer; what was deferred is answered by that."""
    interaction = _interaction(call)
    message = _message(call, interaction)
    new = read_edit(call, message.flags, message.attachments)
    if message.flags & IS_LOADING:
        new["flags"] = new.get("flags", message.flags) & ~IS_LOADING
    refuse_emptied(message, new)
    answers.edit(call.world, interaction, message, new)
    interaction.is_pending_edit = False
    interaction.note()
    return _payload(call, message)


@route("DELETE", ORIGINAL, auth=())
@route("DELETE", ONE, auth=())
async def delete_response(call: Call) -> None:
    """Deletes an answer."""
    interaction = _interaction(call)
    answers.delete(call.world, interaction, _message(call, interaction))
    interaction.is_pending_edit = False
    interaction.note()


def _callback_kind(call: Call, interaction: Interaction) -> CallbackKind:
    form = Form(call.fields())
    allowed = _MAY_ANSWER[interaction.kind]
    if interaction.source is None:
        updates = (CallbackKind.DEFERRED_UPDATE, CallbackKind.UPDATE_MESSAGE)
        allowed = tuple(kind for kind in allowed if kind not in updates)
    number = form.choice("type", [int(kind) for kind in allowed], required=True)
    form.check()
    return CallbackKind(number or 0)


def _answer(call: Call, interaction: Interaction, kind: CallbackKind, data: Json) -> None:
    is_ephemeral = bool((data.get("flags") or 0) & IS_EPHEMERAL)
    match kind:
        case CallbackKind.MESSAGE:
            draft = read_draft(call, None, fields=data)
            interaction.original = answers.post(call.world, interaction, draft, is_ephemeral=is_ephemeral)
        case CallbackKind.DEFERRED_MESSAGE:
            interaction.original = answers.defer(call.world, interaction, is_ephemeral=is_ephemeral)
            interaction.is_pending_edit = True
        case CallbackKind.DEFERRED_UPDATE:
            interaction.original = interaction.source
            interaction.is_pending_edit = True
        case CallbackKind.UPDATE_MESSAGE:
            source = interaction.source
            assert source is not None
            new = read_edit(replace(call, body=data), source.flags, source.attachments)
            refuse_emptied(source, new)
            interaction.original = source
            answers.edit(call.world, interaction, source, new)
        case CallbackKind.CHOICES:
            interaction.choices = _choices(data)
        case CallbackKind.MODAL:
            interaction.modal = _modal(data)


def _choices(data: Json) -> list[Json]:
    form = Form(data)
    choices = form.sequence("choices", longest=MOST_CHOICES, required=True) or ()
    for index, choice in enumerate(choices):
        name = choice.get("name") if isinstance(choice, dict) else None
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            form.refuse(f"choices.{index}.name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        value = choice.get("value") if isinstance(choice, dict) else None
        if value is None or (isinstance(value, str) and len(value) > 100):
            form.refuse(f"choices.{index}.value", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    if form.errors:
        raise invalid_form({"data": form.errors})
    return list(choices)


def _modal(data: Json) -> Json:
    form = Form(data)
    form.text("custom_id", shortest=1, longest=100, required=True)
    form.text("title", shortest=1, longest=45, required=True)
    rows = form.sequence("components", shortest=1, longest=5, required=True) or ()
    for index, row in enumerate(rows):
        if not isinstance(row, dict) or row.get("type") not in (1, 10, 18):
            form.refuse(f"components.{index}.type", "BASE_TYPE_CHOICES", "Value must be one of {1, 10, 18}.")
    if form.errors:
        raise invalid_form({"data": form.errors})
    return data


def _interaction(call: Call) -> Interaction:
    if call.params["webhook_id"] != call.world.application.id:
        raise NotMine
    interaction = interactions_of(call.world).by_token(call.words["token"])
    if interaction is None:
        raise DiscordError(Code.INVALID_WEBHOOK_TOKEN)
    return interaction


def _message(call: Call, interaction: Interaction) -> Message:
    message = interaction.message(call.params.get("message_id"))
    if message is None:
        raise DiscordError(Code.UNKNOWN_MESSAGE)
    return message


def _payload(call: Call, message: Message) -> Json:
    return message_payloads.message(call.world, message)


def _callback_payload(call: Call, interaction: Interaction) -> Json:
    about: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "channel_id": str(interaction.channel_id),
    }
    if interaction.guild_id is not None:
        about["guild_id"] = str(interaction.guild_id)
    payload: Json = {"interaction": about}
    original = interaction.original
    if original is not None:
        about["response_message_id"] = str(original.id)
        about["response_message_loading"] = bool(original.flags & IS_LOADING)
        about["response_message_ephemeral"] = bool(original.flags & IS_EPHEMERAL)
    if original is not None and interaction.callback in (CallbackKind.MESSAGE, CallbackKind.UPDATE_MESSAGE):
        payload["resource"] = {"type": int(interaction.callback), "message": _payload(call, original)}
    return payload
