"""What a person does in their client: run a command, type into an option, press, choose, submit a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sandbox.discord import message_payloads, payloads, permissions
from sandbox.discord.commands import CHAT_INPUT, MESSAGE, USER, Command, commands_of
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.interactions.book import IS_EPHEMERAL, IS_LOADING, Interaction, Kind, interactions_of
from sandbox.discord.interactions.options import Resolved, command_path, fill_in, wrapped
from sandbox.discord.interactions.payloads import interaction_create, member_bits
from sandbox.discord.models import Channel, Guild, Json, Message, User
from sandbox.discord.rest.validation import Form, invalid_form, problem
from sandbox.discord.world import World

WAIT_SECONDS = 5.0
_MESSAGE_TYPES = {CHAT_INPUT: 20, USER: 23, MESSAGE: 23}
_SELECTS = (3, 5, 6, 7, 8)


async def run_command(world: World, request: Json) -> Json:
    """`interaction.command`: `as`, `guild_id`, `channel_id`, `name` (`case view` for a sub-command), `options`.

    Context menu commands take the user's or message's id as `target`. Answers what the bot answered.
    """
    scene = _scene(world, request)
    command, data, name = _command_data(world, scene, request)
    about: Json = {}
    if command.kind == USER:
        about["target_user"] = data["resolved"]["users"][data["target_id"]]
    elif command.kind == MESSAGE:
        about["target_message_id"] = data["target_id"]
    interaction = interactions_of(world).begin(
        Kind.COMMAND,
        scene.user,
        scene.guild.id,
        scene.channel.id,
        name=name,
        message_type=_MESSAGE_TYPES[command.kind],
        metadata=about,
    )
    return await _send(world, interaction, scene.guild, data, request)


async def autocomplete(world: World, request: Json) -> Json:
    """`interaction.autocomplete`: as a command, with `focused`, the option that is being typed in."""
    scene = _scene(world, request)
    focused = str(request.get("focused", ""))
    command, data, name = _command_data(world, scene, request, focused=focused)
    _, declared = command_path(command, str(request.get("name", "")).split()[1:])
    if not any(option["name"] == focused and option.get("autocomplete") for option in declared):
        raise invalid_form({"focused": problem("OPTION_UNKNOWN", "No option of this name completes itself")})
    interaction = interactions_of(world).begin(
        Kind.AUTOCOMPLETE, scene.user, scene.guild.id, scene.channel.id, name=name
    )
    return await _send(world, interaction, scene.guild, data, request)


async def use_component(world: World, request: Json) -> Json:
    """`interaction.component`: `message_id`, `custom_id`, for select menus `values`."""
    scene = _scene(world, request)
    source = _source(world, scene, request)
    component = _component(source.components, str(request.get("custom_id", "")))
    data: Json = {"component_type": component["type"], "custom_id": component["custom_id"]}
    if "id" in component:
        data["id"] = component["id"]
    if component["type"] in _SELECTS:
        data |= _selection(world, scene, component, request)
    interaction = interactions_of(world).begin(
        Kind.COMPONENT,
        scene.user,
        scene.guild.id,
        scene.channel.id,
        metadata={"interacted_message_id": str(source.id)},
        source=source,
    )
    return await _send(world, interaction, scene.guild, data, request)


async def submit_modal(world: World, request: Json) -> Json:
    """`interaction.modal`: `fields`, custom id to text, of the form that was shown to the person last."""
    scene = _scene(world, request)
    shown = interactions_of(world).with_modal(scene.user.id)
    if shown is None or shown.modal is None:
        raise DiscordError(Code.UNKNOWN_INTERACTION)
    fields = request.get("fields") or {}
    data = {"custom_id": shown.modal["custom_id"], "components": _submitted(shown.modal["components"], fields)}
    shown.modal = None
    triggering = {
        "id": str(shown.id),
        "type": int(shown.kind),
        "user": payloads.user(shown.user),
        "authorizing_integration_owners": {"0": str(scene.guild.id)},
        **shown.metadata,
    }
    interaction = interactions_of(world).begin(
        Kind.MODAL_SUBMIT,
        scene.user,
        scene.guild.id,
        scene.channel.id,
        metadata={"triggering_interaction_metadata": triggering},
        source=shown.source,
    )
    return await _send(world, interaction, scene.guild, data, request)


async def show_outcome(world: World, request: Json) -> Json:
    """`interaction.outcome`: what stands by now as the answer to `interaction_id`, with later follow-ups."""
    form = Form(request)
    interaction_id = form.snowflake("interaction_id", required=True) or 0
    form.check()
    interaction = interactions_of(world).get(interaction_id)
    if interaction is None:
        raise DiscordError(Code.UNKNOWN_INTERACTION)
    return _outcome(world, interaction, is_settled=interaction.is_settled)


ACTS: dict[str, Callable[[World, Json], Awaitable[Json]]] = {
    "interaction.command": run_command,
    "interaction.autocomplete": autocomplete,
    "interaction.component": use_component,
    "interaction.modal": submit_modal,
    "interaction.outcome": show_outcome,
}


class _Scene:
    def __init__(self, user: User, guild: Guild, channel: Channel, bits: int) -> None:
        self.user = user
        self.guild = guild
        self.channel = channel
        self.bits = bits


def _scene(world: World, request: Json) -> _Scene:
    form = Form(request)
    user_id, channel_id = form.snowflake("as", required=True), form.snowflake("channel_id", required=True)
    form.check()
    user, channel = world.users.get(user_id or 0), world.channels.get(channel_id or 0)
    if user is None:
        raise DiscordError(Code.UNKNOWN_USER)
    guild = world.guilds.get(channel.guild_id or 0) if channel is not None else None
    if channel is None or guild is None:
        raise DiscordError(Code.UNKNOWN_CHANNEL)
    member = guild.members.get(user.id)
    if member is None or world.bot_user.id not in guild.members:
        raise DiscordError(Code.MISSING_ACCESS)
    bits = member_bits(world, guild, member, channel)
    if not bits & permissions.VIEW_CHANNEL:
        raise DiscordError(Code.MISSING_ACCESS)
    return _Scene(user, guild, channel, bits)


def _command_data(
    world: World, scene: _Scene, request: Json, *, focused: str | None = None
) -> tuple[Command, Json, str]:
    written = str(request.get("name", "")).strip()
    command = _usable_command(world, scene, written)
    resolved = Resolved(world, scene.guild, scene.channel.id)
    data: Json = {"id": str(command.id), "name": command.name, "type": command.kind}
    if command.guild_id is not None:
        data["guild_id"] = str(command.guild_id)
    if command.kind == CHAT_INPUT:
        way, declared = command_path(command, written.split()[1:])
        filled = fill_in(declared, request.get("options") or {}, resolved, focused=focused)
        options = wrapped(way, filled)
        if options:
            data["options"] = options
    else:
        data["target_id"] = _target(resolved, command, request)
    found = resolved.payload()
    if found is not None:
        data["resolved"] = found
    return command, data, written


def _usable_command(world: World, scene: _Scene, written: str) -> Command:
    usable = commands_of(world).usable_in(scene.guild.id)
    root = written.split()[0] if written.split() else ""
    found = next((one for one in usable if one.kind == CHAT_INPUT and one.name == root), None)
    found = found or next((one for one in usable if one.kind != CHAT_INPUT and one.name == written), None)
    if found is None or (found.body["contexts"] is not None and 0 not in found.body["contexts"]):
        raise DiscordError(Code.UNKNOWN_COMMAND)
    needed = found.body["default_member_permissions"]
    wanted = permissions.ADMINISTRATOR if needed == "0" else int(needed or 0)
    if scene.bits & permissions.ADMINISTRATOR:
        return found
    if scene.bits & (wanted | permissions.USE_APPLICATION_COMMANDS) != wanted | permissions.USE_APPLICATION_COMMANDS:
        raise DiscordError(Code.MISSING_PERMISSIONS)
    return found


def _target(resolved: Resolved, command: Command, request: Json) -> str:
    form = Form(request)
    target = form.snowflake("target", required=True) or 0
    form.check()
    add = resolved.add_user if command.kind == USER else resolved.add_message
    if not add(target):
        raise DiscordError(Code.UNKNOWN_USER if command.kind == USER else Code.UNKNOWN_MESSAGE)
    return str(target)


def _source(world: World, scene: _Scene, request: Json) -> Message:
    form = Form(request)
    message_id = form.snowflake("message_id", required=True) or 0
    form.check()
    found = scene.channel.messages.get(message_id) or interactions_of(world).whispered(scene.user.id, message_id)
    if found is None:
        raise DiscordError(Code.UNKNOWN_MESSAGE)
    return found


def _component(components: list[Json], custom_id: str) -> Json:
    for component in components:
        if component.get("custom_id") == custom_id and not component.get("disabled"):
            return component
        inner = [*component.get("components", ()), *([component["accessory"]] if "accessory" in component else [])]
        if inner:
            try:
                return _component(inner, custom_id)
            except DiscordError:
                continue
    raise invalid_form({"custom_id": problem("COMPONENT_UNKNOWN", "The message has no such component in use")})


def _selection(world: World, scene: _Scene, component: Json, request: Json) -> Json:
    values = [str(value) for value in request.get("values") or ()]
    if not component.get("min_values", 1) <= len(values) <= component.get("max_values", 1):
        raise invalid_form({"values": problem("BASE_TYPE_BAD_LENGTH", "Too few or too many values are chosen")})
    if component["type"] == 3:
        known = {option["value"] for option in component.get("options", ())}
        if not set(values) <= known:
            raise invalid_form({"values": problem("BASE_TYPE_CHOICES", "A value is none of the options")})
        return {"values": values}
    option_type = {5: 6, 6: 8, 7: 9, 8: 7}[component["type"]]
    resolved = Resolved(world, scene.guild, scene.channel.id)
    if not all(value.isdecimal() and resolved.add(option_type, value) for value in values):
        raise invalid_form({"values": problem("BASE_TYPE_CHOICES", "There is nothing with this id here")})
    return {"values": values, "resolved": resolved.payload() or {}}


def _submitted(rows: list[Json], fields: Json) -> list[Json]:
    submitted = []
    for number, row in enumerate(rows, start=1):
        if row["type"] == 1:
            inputs = [_value(one, fields) for one in row["components"]]
            submitted.append({"type": 1, "id": row.get("id", number), "components": inputs})
        elif row["type"] == 18:
            submitted.append({"type": 18, "id": row.get("id", number), "component": _value(row["component"], fields)})
    return submitted


def _value(component: Json, fields: Json) -> Json:
    name = component["custom_id"]
    given = fields.get(name, component.get("value", ""))
    told: Json = {"type": component["type"], "id": component.get("id", 0), "custom_id": name}
    if component["type"] in _SELECTS:
        return told | {"values": list(given or ())}
    text = str(given)
    shortest, longest = component.get("min_length", 0), component.get("max_length", 4000)
    is_missing = component.get("required", True) and not text
    if is_missing or (text and not shortest <= len(text) <= longest):
        raise invalid_form({"fields": {name: problem("BASE_TYPE_BAD_LENGTH", "The text is too short or too long")}})
    return told | {"value": text}


async def _send(world: World, interaction: Interaction, guild: Guild, data: Json, request: Json) -> Json:
    content = interaction_create(world, interaction, guild, data)
    if interaction.source is not None:
        content["message"] = message_payloads.message(world, interaction.source)
    world.emit("INTERACTION_CREATE", guild.id, interaction.channel_id, content, world.bot_user.id)
    seconds = min(float(request.get("wait", WAIT_SECONDS)), 30.0)
    is_settled = await interactions_of(world).settled(interaction, seconds)
    return _outcome(world, interaction, is_settled=is_settled)


def _outcome(world: World, interaction: Interaction, *, is_settled: bool) -> Json:
    original = interaction.message(None)
    return {
        "interaction_id": str(interaction.id),
        "answered": interaction.callback is not None,
        "settled": is_settled,
        "type": int(interaction.callback) if interaction.callback is not None else None,
        "message": message_payloads.message(world, original) if original else None,
        "ephemeral": bool(original.flags & IS_EPHEMERAL) if original else None,
        "thinking": bool(original.flags & IS_LOADING) if original else False,
        "followups": [message_payloads.message(world, one) for one in interaction.followups if not one.deleted_at],
        "modal": interaction.modal,
        "choices": interaction.choices,
    }
