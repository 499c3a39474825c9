"""Commands, autocompletion, buttons, menus and forms, with a real bot that answers them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import hikari
import lightbulb
import pytest

from sandbox.discord.interactions.book import interactions_of
from sandbox.discord.models import Overwrite
from sandbox.scenario import cast
from tests.contract.discord_spec import rest_description
from tests.contract.sandbox.gateway_schema import dispatch_problems
from tests.contract.sandbox.live import Live, RawShard, in_a_loop, running, until

PRESSED = hikari.ComponentInteractionCreateEvent
SUBMITTED = hikari.ModalInteractionCreateEvent


@asynccontextmanager
async def moderator_bot(live: Live) -> AsyncIterator[lightbulb.Client]:
    """A lightbulb bot with one command of each kind that the product has."""
    bot = hikari.GatewayBot(
        live.token,
        rest_url=f"{live.url}/api/v10",
        intents=hikari.Intents.ALL,
        banner=None,
        suppress_optimization_warning=True,
        logs=None,
    )
    client = lightbulb.client_from_app(bot)
    bot.subscribe(hikari.StartingEvent, client.start)
    register(client, bot)
    await bot.start(check_for_updates=False)
    await asyncio.sleep(0)
    try:
        yield client
    finally:
        await bot.close()


def register(client: Any, bot: hikari.GatewayBot) -> None:
    async def complete(context: lightbulb.AutocompleteContext[str]) -> None:
        typed = str(context.focused.value or "")
        await context.respond([f"{typed}am", f"{typed}oof"])

    @client.register
    class Ban(
        lightbulb.SlashCommand,
        name="ban",
        description="Ban",
        default_member_permissions=hikari.Permissions.BAN_MEMBERS,
        contexts=[hikari.ApplicationContextType.GUILD],
    ):
        who = lightbulb.user("who", "Whom")
        why = lightbulb.string("why", "Why", default="no reason", autocomplete=complete, max_length=20)
        days = lightbulb.integer("days", "Days", default=0, min_value=0, max_value=7)

        @lightbulb.invoke
        async def run(self, context: lightbulb.Context) -> None:
            await context.defer(ephemeral=True)
            assert context.member is not None
            may = bool(context.member.permissions & hikari.Permissions.BAN_MEMBERS)
            await context.respond(f"{self.who.username} {self.why} {self.days} {may}")

    cases = lightbulb.Group("case", "Cases")

    @cases.register
    class View(lightbulb.SlashCommand, name="view", description="View"):
        number = lightbulb.integer("number", "Number")

        @lightbulb.invoke
        async def run(self, context: lightbulb.Context) -> None:
            await context.respond(f"case {self.number}")
            await context.respond("its history", ephemeral=True)

    @client.register
    class Panel(lightbulb.SlashCommand, name="panel", description="Panel"):
        @lightbulb.invoke
        async def run(self, context: lightbulb.Context) -> None:
            row = bot.rest.build_message_action_row()
            row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "open", label="Open")
            menu = bot.rest.build_message_action_row()
            menu.add_text_menu("pick").add_option("Snow", "snow").add_option("Ice", "ice")
            await context.respond("panel", components=[row, menu])

    @client.register
    class Profile(lightbulb.UserCommand, name="Case history"):
        @lightbulb.invoke
        async def run(self, context: lightbulb.Context) -> None:
            await context.respond(f"history of {self.target.username}", ephemeral=True)

    @client.register
    class Warn(lightbulb.MessageCommand, name="Delete and warn"):
        @lightbulb.invoke
        async def run(self, context: lightbulb.Context) -> None:
            await context.respond(f"said {self.target.content}", ephemeral=True)

    @client.register
    class Mute(lightbulb.SlashCommand, name="silent", description="Never answers"):
        @lightbulb.invoke
        async def run(self, context: lightbulb.Context) -> None:
            return

    client.register(cases)
    bot.subscribe(PRESSED, on_component)
    bot.subscribe(SUBMITTED, on_modal)


async def on_component(event: hikari.ComponentInteractionCreateEvent) -> None:
    interaction = event.interaction
    if interaction.custom_id == "pick":
        await interaction.create_initial_response(
            hikari.ResponseType.MESSAGE_UPDATE, f"picked {interaction.values[0]}", components=[]
        )
        return
    row = interaction.app.rest.build_modal_action_row()  # type: ignore[attr-defined]
    row.add_text_input("reason", "Reason", min_length=3)
    await interaction.create_modal_response("Why?", "why", component=row)


async def on_modal(event: hikari.ModalInteractionCreateEvent) -> None:
    text = event.interaction.components[0][0].value
    await event.interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, f"because {text}")


async def use(live: Live, what: str, person: int = cast.BOB.id, **fields: Any) -> tuple[int, Any]:
    """One act of a person in #general."""
    channel = fields.pop("channel_id", live.channel("general").id)
    return await live.act(**{"as": str(person), "do": f"interaction.{what}", "channel_id": str(channel), **fields})


@in_a_loop
async def test_a_slash_command_is_run_and_its_deferred_answer_comes_back() -> None:
    async with running() as live, moderator_bot(live):
        status, done = await use(live, "command", name="ban", options={"who": str(cast.VERA.id), "days": 2})

    assert (status, done["answered"], done["settled"], done["type"]) == (200, True, True, 5)
    assert done["message"]["content"] == "vera.lumi no reason 2 True"
    assert done["ephemeral"] and not done["thinking"]
    assert all(one.content != done["message"]["content"] for one in live.channel("general").messages)


@in_a_loop
async def test_a_sub_command_answers_in_the_channel_and_follows_up_in_private() -> None:
    async with running() as live, moderator_bot(live):
        shard = await live.identified()
        _, done = await use(live, "command", name="case view", options={"number": 41})
        posted = await shard.event("MESSAGE_CREATE")
        interaction = interactions_of(live.world).get(int(done["interaction_id"]))
        assert interaction is not None
        await until(lambda: bool(interaction.followups))
        _, later = await use(live, "outcome", interaction_id=done["interaction_id"])

    assert posted["content"] == done["message"]["content"] == "case 41"
    assert posted["interaction_metadata"]["user"]["id"] == str(cast.BOB.id)
    assert (posted["type"], posted["application_id"]) == (20, str(live.world.application.id))
    assert [(one["content"], one["flags"] & 64) for one in later["followups"]] == [("its history", 64)]


@pytest.mark.parametrize(
    ("name", "target", "content"),
    [("Case history", "vera", "history of vera.lumi"), ("Delete and warn", "message", "said spoilers")],
)
@in_a_loop
async def test_context_menus_get_what_they_were_opened_on(name: str, target: str, content: str) -> None:
    async with running() as live, moderator_bot(live):
        message = live.world.create_message(live.channel("general").id, cast.VERA.id, "spoilers")
        chosen = cast.VERA.id if target == "vera" else message.id
        _, done = await use(live, "command", name=name, target=str(chosen))

    assert done["message"]["content"] == content


@in_a_loop
async def test_an_option_completes_itself_while_it_is_typed() -> None:
    async with running() as live, moderator_bot(live):
        _, done = await use(live, "autocomplete", name="ban", options={"why": "sp"}, focused="why")
        refused, _ = await use(live, "autocomplete", name="ban", options={"days": 1}, focused="days")

    assert [one["value"] for one in done["choices"]] == ["spam", "spoof"]
    assert refused == 400


@in_a_loop
async def test_a_button_opens_a_form_and_a_menu_changes_its_message() -> None:
    async with running() as live, moderator_bot(live):
        _, panel = await use(live, "command", name="panel")
        message_id = panel["message"]["id"]
        _, form = await use(live, "component", message_id=message_id, custom_id="open")
        too_short, _ = await use(live, "modal", fields={"reason": "x"})
        _, sent = await use(live, "modal", fields={"reason": "raid"})
        _, picked = await use(live, "component", message_id=message_id, custom_id="pick", values=["ice"])
        gone, _ = await use(live, "component", message_id=message_id, custom_id="open")

    assert form["modal"]["title"] == "Why?"
    assert too_short == 400
    assert sent["message"]["content"] == "because raid"
    assert picked["message"]["id"] == message_id
    assert (picked["message"]["content"], picked["message"]["components"]) == ("picked ice", [])
    assert gone == 400


@pytest.mark.parametrize(
    ("person", "fields", "status", "code"),
    [
        (cast.VERA.id, {"name": "ban", "options": {"who": str(cast.BOB.id)}}, 403, 50013),
        (cast.STAN.id, {"name": "panel"}, 403, 50001),
        (cast.BOB.id, {"name": "unheard-of"}, 404, 10063),
        (cast.BOB.id, {"name": "case"}, 404, 10063),
        (cast.BOB.id, {"name": "case nothing"}, 404, 10063),
        (cast.BOB.id, {"name": "ban"}, 400, 50035),
        (cast.BOB.id, {"name": "ban", "options": {"who": "42"}}, 400, 50035),
        (cast.BOB.id, {"name": "ban", "options": {"who": str(cast.VERA.id), "days": 8}}, 400, 50035),
        (cast.BOB.id, {"name": "ban", "options": {"who": str(cast.VERA.id), "days": "2"}}, 400, 50035),
        (cast.BOB.id, {"name": "ban", "options": {"who": str(cast.VERA.id), "why": "w" * 21}}, 400, 50035),
        (cast.BOB.id, {"name": "ban", "options": {"who": str(cast.VERA.id), "else": 1}}, 400, 50035),
        (cast.BOB.id, {"name": "Case history", "target": "42"}, 404, 10013),
    ],
)
@in_a_loop
async def test_what_a_client_would_not_send_is_refused(
    person: int, fields: dict[str, Any], status: int, code: int
) -> None:
    async with running() as live, moderator_bot(live):
        answered, problem = await use(live, "command", person, **fields)

    assert (answered, problem["code"]) == (status, code)


@in_a_loop
async def test_commands_need_the_channel_and_no_timeout() -> None:
    async with running() as live, moderator_bot(live):
        hidden, _ = await use(live, "command", cast.VERA.id, name="panel", channel_id=live.channel("staff-room").id)
        member = live.guild.members[cast.VERA.id]
        before, _ = await use(live, "command", cast.VERA.id, name="panel")
        until = live.world.clock.now().replace(year=2100)
        live.world.edit_member(live.guild, member, cast.BOB.id, timed_out_until=until)
        after, _ = await use(live, "command", cast.VERA.id, name="panel")
        no_commands = Overwrite(cast.BOB.id, False, 0, 1 << 31)
        live.world.set_overwrite(live.channel("general"), no_commands, cast.ALICE.id)
        denied, _ = await use(live, "command", cast.BOB.id, name="panel")

    assert (hidden, before, after, denied) == (403, 200, 403, 403)


@in_a_loop
async def test_an_application_that_does_not_answer_in_three_seconds_did_not_respond() -> None:
    async with running() as live, moderator_bot(live):
        interactions_of(live.world).answer_seconds = 0.2
        _, done = await use(live, "command", name="silent")

    assert (done["answered"], done["settled"], done["message"]) == (False, False, None)


class RawInteraction:
    """One interaction that a raw bot has received, and its REST calls."""

    def __init__(self, live: Live, payload: dict[str, Any]) -> None:
        self.live = live
        self.payload = payload
        self.callback = f"/interactions/{payload['id']}/{payload['token']}/callback"
        self.webhook = f"/webhooks/{payload['application_id']}/{payload['token']}"

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A REST call without a token, as interactions are answered; held against Discord's description."""
        async with self.live.http.request(method, f"{self.live.url}/api/v10{path}", json=body) as answer:
            status, payload = answer.status, await answer.json() if answer.status != 204 else None
        description, bare = rest_description(), path.partition("?")[0]
        template = bare.replace(self.payload["token"], "{token}").replace(self.payload["id"], "{id}")
        template = template.replace(self.payload["application_id"], "{id}")
        if "@original" not in template and "/messages/" in template:
            template = template.rpartition("/")[0] + "/{message_id}"
        if "{token}" in template and description is not None:
            assert description.complaints(method, template, status, payload) == []
        return status, payload


@asynccontextmanager
async def raw_interaction(live: Live) -> AsyncIterator[tuple[RawInteraction, asyncio.Task[tuple[int, Any]]]]:
    """A command as a raw bot gets it, and the person's act that waits for the answer."""
    shard: RawShard = await live.identified()
    command = {"name": "wait", "description": "Waits"}
    url = f"{live.url}/api/v10/applications/{live.world.application.id}/commands"
    async with live.http.post(url, json=command, headers=live.bot_headers()) as answer:
        assert answer.status == 201
    act = asyncio.create_task(use(live, "command", name="wait"))
    payload = await shard.event("INTERACTION_CREATE")
    assert dispatch_problems(shard.seen[-1]) == []
    yield RawInteraction(live, payload), act
    await act


@in_a_loop
async def test_a_deferred_answer_thinks_until_it_is_edited() -> None:
    async with running() as live, raw_interaction(live) as (one, act):
        deferred, told = await one.call("POST", one.callback + "?with_response=true", {"type": 5})
        _, thinking = await one.call("GET", one.webhook + "/messages/@original")
        edited, message = await one.call("PATCH", one.webhook + "/messages/@original", {"content": "done"})
        _, done = await act

    assert (deferred, edited) == (200, 200)
    assert told["interaction"]["response_message_loading"] is True
    assert (thinking["flags"], message["flags"], message["edited_timestamp"]) == (128, 0, None)
    assert (done["message"]["id"], done["message"]["content"]) == (thinking["id"], "done")


@in_a_loop
async def test_the_first_follow_up_of_a_deferred_answer_takes_its_place() -> None:
    async with running() as live, raw_interaction(live) as (one, act):
        await one.call("POST", one.callback, {"type": 5})
        _, first = await one.call("POST", one.webhook + "?wait=true", {"content": "first"})
        _, second = await one.call("POST", one.webhook, {"content": "second", "flags": 64})
        _, done = await act
        _, original = await one.call("GET", one.webhook + "/messages/@original")
        deleted, _ = await one.call("DELETE", f"{one.webhook}/messages/{second['id']}")
        gone, problem = await one.call("GET", f"{one.webhook}/messages/{second['id']}")

    assert done["message"]["content"] == "first"
    assert original["id"] == first["id"] != second["id"]
    assert second["flags"] & 64
    assert (deleted, gone, problem["code"]) == (204, 404, 10008)


@in_a_loop
async def test_an_interaction_is_answered_once_in_time_and_by_its_token() -> None:
    async with running() as live, raw_interaction(live) as (one, act):
        forged, unknown = await one.call("POST", one.callback.replace(one.payload["token"], "forged"), {"type": 5})
        early, invalid = await one.call("POST", one.webhook, {"content": "too early"})
        wrong, problem = await one.call("POST", one.callback, {"type": 8, "data": {"choices": []}})
        first, _ = await one.call("POST", one.callback, {"type": 4, "data": {"content": "hi"}})
        second, again = await one.call("POST", one.callback, {"type": 4, "data": {"content": "hi"}})
        await act
        live.world.clock.advance(15 * 60 + 1)
        late, _ = await one.call("POST", one.webhook, {"content": "too late"})

    assert (forged, unknown["code"]) == (404, 10062)
    assert (early, invalid["code"]) == (401, 50027)
    assert (wrong, problem["code"]) == (400, 50035)
    assert (first, second, again["code"], late) == (204, 400, 40060, 401)


@in_a_loop
async def test_an_answer_after_three_seconds_meets_an_unknown_interaction() -> None:
    async with running() as live:
        interactions_of(live.world).answer_seconds = 0.1
        async with raw_interaction(live) as (one, act):
            await act
            late, problem = await one.call("POST", one.callback, {"type": 4, "data": {"content": "late"}})

    assert (late, problem["code"]) == (404, 10062)
