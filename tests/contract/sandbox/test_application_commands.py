"""Registering application commands: what is kept, what is refused, what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.scenario import cast
from tests.contract.discord_spec import rest_description
from tests.contract.sandbox.live import Live, in_a_loop, running

APPLICATION = 100_000_000_000_000_001
GLOBAL = "/applications/{application_id}/commands"
IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
BAN: dict[str, Any] = {
    "name": "ban",
    "description": "Ban someone",
    "default_member_permissions": "4",
    "name_localizations": {"de": "bannen"},
    "contexts": [0],
    "options": [
        {"type": 6, "name": "who", "description": "Whom", "required": True},
        {"type": 3, "name": "why", "description": "Why", "autocomplete": True, "max_length": 400},
        {"type": 4, "name": "days", "description": "Days", "choices": [{"name": "One", "value": 1}]},
    ],
}
CASE: dict[str, Any] = {
    "name": "case",
    "description": "Cases",
    "options": [
        {
            "type": 2,
            "name": "notes",
            "description": "Notes",
            "options": [{"type": 1, "name": "add", "description": "Add", "options": []}],
        },
        {"type": 1, "name": "view", "description": "View"},
    ],
}
MENU: dict[str, Any] = {"name": "Open in panel", "type": 2}


async def call(live: Live, method: str, template: str, body: Any = None, **ids: int) -> tuple[int, Any]:
    """One REST call of the bot; the answer has to be as Discord describes it."""
    path = template.format(**{"application_id": APPLICATION, "guild_id": cast.GUILD_A} | ids)
    async with live.http.request(method, f"{live.url}/api/v10{path}", json=body, headers=live.bot_headers()) as answer:
        status, payload = answer.status, await answer.json() if answer.status != 204 else None
    description = rest_description()
    bare = template.partition("?")[0]
    assert description is None or description.complaints(method, bare, status, payload) == []
    return status, payload


@pytest.mark.parametrize("place", [GLOBAL, IN_GUILD])
@in_a_loop
async def test_a_command_is_created_replaced_changed_and_deleted(place: str) -> None:
    async with running() as live:
        created, first = await call(live, "POST", place, BAN)
        replaced, second = await call(live, "POST", place, BAN | {"description": "Show someone out"})
        _, got = await call(live, "GET", place + "/{command_id}", command_id=int(first["id"]))
        _, changed = await call(live, "PATCH", place + "/{command_id}", {"nsfw": True}, command_id=int(first["id"]))
        deleted, _ = await call(live, "DELETE", place + "/{command_id}", command_id=int(first["id"]))
        gone, problem = await call(live, "GET", place + "/{command_id}", command_id=int(first["id"]))

    assert (created, replaced, deleted, gone, problem["code"]) == (201, 200, 204, 404, 10063)
    assert second["id"] == first["id"] and second["version"] != first["version"]
    assert got["description"] == "Show someone out"
    assert got["options"][0] == {"type": 6, "name": "who", "description": "Whom", "required": True}
    assert (changed["nsfw"], changed["default_member_permissions"]) == (True, "4")
    assert ("guild_id" in first) == (place == IN_GUILD)


@in_a_loop
async def test_a_bulk_overwrite_keeps_ids_and_takes_the_rest_away() -> None:
    async with running() as live:
        _, before = await call(live, "PUT", GLOBAL, [BAN, CASE])
        _, after = await call(live, "PUT", GLOBAL, [MENU, CASE])
        _, listed = await call(live, "GET", GLOBAL)

    assert [one["name"] for one in after] == ["Open in panel", "case"]
    assert after[1]["id"] == before[1]["id"] and after[1]["version"] == before[1]["version"]
    assert {one["id"] for one in listed} == {one["id"] for one in after}


@in_a_loop
async def test_localizations_are_listed_only_when_asked_for() -> None:
    async with running() as live:
        await call(live, "PUT", GLOBAL, [BAN])
        _, short = await call(live, "GET", GLOBAL)
        _, whole = await call(live, "GET", GLOBAL + "?with_localizations=true")

    assert "name_localizations" not in short[0]
    assert whole[0]["name_localizations"] == {"de": "bannen"}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": "Ban"}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": ""}, "name"),
        ({"description": ""}, "description"),
        ({"description": "d" * 101}, "description"),
        ({"type": 9}, "type"),
        ({"options": [{"type": 3, "name": "x", "description": "d"}] * 2}, "options.1"),
        ({"options": [{"type": 3, "name": f"o{n}", "description": "d"} for n in range(26)]}, "options"),
        (
            {
                "options": [
                    {"type": 3, "name": "a", "description": "d"},
                    {"type": 3, "name": "b", "description": "d", "required": True},
                ]
            },
            "options.1",
        ),
        ({"options": [{"type": 3, "name": "UPPER", "description": "d"}]}, "options.0.name"),
        ({"options": [{"type": 3, "name": "a"}]}, "options.0.description"),
        (
            {"options": [{"type": 4, "name": "a", "description": "d", "choices": [{"name": "x", "value": "y"}]}]},
            "options.0.choices.0.value",
        ),
        (
            {
                "options": [
                    {
                        "type": 3,
                        "name": "a",
                        "description": "d",
                        "autocomplete": True,
                        "choices": [{"name": "x", "value": "y"}],
                    }
                ]
            },
            "options.0.autocomplete",
        ),
        (
            {
                "options": [
                    {
                        "type": 1,
                        "name": "s",
                        "description": "d",
                        "options": [{"type": 1, "name": "t", "description": "d"}],
                    }
                ]
            },
            "options.0.options.0.type",
        ),
        ({"type": 2, "name": "Menu", "description": "no"}, "description"),
    ],
)
@in_a_loop
async def test_what_discord_refuses_is_refused_at_its_place_and_changes_nothing(
    fields: dict[str, Any], place: str
) -> None:
    async with running() as live:
        wrong = {"name": "fine", "description": "fine"} | fields
        alone, problem = await call(live, "POST", GLOBAL, wrong)
        together, problems = await call(live, "PUT", GLOBAL, [BAN, wrong])
        _, listed = await call(live, "GET", GLOBAL)

    assert (alone, problem["code"], together, problems["code"]) == (400, 50035, 400, 50035)
    for spot in (problem["errors"], problems["errors"]["1"]):
        for part in place.split("."):
            spot = spot[part]
        assert spot["_errors"]
    assert listed == []


@in_a_loop
async def test_names_are_unique_and_there_is_room_for_a_hundred() -> None:
    async with running() as live:
        twice, problem = await call(live, "PUT", GLOBAL, [BAN, BAN])
        hundred = [{"name": f"c{number}", "description": "d"} for number in range(100)]
        full, _ = await call(live, "PUT", GLOBAL, hundred)
        more, too_many = await call(live, "POST", GLOBAL, BAN)

    assert (twice, problem["code"], full, more, too_many["code"]) == (400, 50035, 200, 400, 30032)


@in_a_loop
async def test_other_applications_and_servers_without_the_bot_are_out_of_reach() -> None:
    async with running() as live:
        stranger, unknown = await call(live, "GET", GLOBAL, application_id=42)
        absent, missing = await call(live, "PUT", IN_GUILD, [BAN], guild_id=cast.GUILD_C)

    assert (stranger, unknown["code"]) == (404, 10002)
    assert (absent, missing["code"]) == (403, 50001)
