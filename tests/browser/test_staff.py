"""How others come in: by a link, by a Discord role; and what each finds there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Village
from tests.browser.visitor import Visitor
from tests.journeys.steps import until
from tests.servers.sandbox import ALICE, BOB, SERVER_A, STAN, VERA

pytestmark = pytest.mark.browser


def test_bob_comes_in_by_a_link_as_moderator_and_times_somebody_out(
    visit: Callable[..., Visitor], village: Village
) -> None:
    owner = visit(ALICE).page
    owner.goto(village.path("/settings/staff"))
    owner.locator("#invite").get_by_label("Role", exact=True).select_option("moderator")
    owner.get_by_role("button", name="Make a link").click()
    ready = owner.get_by_text("The invitation is ready")
    expect(ready).to_be_visible()
    owner.locator(".sf-notice [data-copy]").first.click()
    link = owner.evaluate("navigator.clipboard.readText()")

    bob = visit(BOB, link.removeprefix(village.url)).page
    expect(bob.locator("#invitation")).to_contain_text("Moderator")
    bob.get_by_role("button", name="Accept").click()
    bob.wait_for_url(f"**/servers/{SERVER_A}")
    expect(bob.get_by_role("link", name="Staff")).to_have_count(0)

    shouter = village.newcomer("loud_lou")
    until(lambda: bob.goto(village.path(f"/members/{shouter}")).status == 200, "the page")  # type: ignore[union-attr]
    bob.get_by_role("link", name="Time out", exact=True).click()
    dialog = bob.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("all capitals")
    dialog.get_by_role("button", name="Time out").click()
    expect(bob.locator("#member-cases")).to_contain_text("Applied")

    again = visit(STAN, link.removeprefix(village.url), may_answer=410)
    expect(again.page.get_by_text("No longer valid")).to_be_visible()


def test_vera_comes_in_by_her_discord_role_as_viewer_and_is_out_when_she_loses_it(
    visit: Callable[..., Visitor], village: Village
) -> None:
    role = village.discord.act(ALICE, "role.create", guild_id=SERVER_A, name="Readers", permissions="0")["id"]
    village.discord.act(ALICE, "role.add", guild_id=SERVER_A, user_id=VERA, role_id=role)
    owner = visit(ALICE).page

    def offered() -> bool:
        owner.goto(village.path("/settings/staff"))
        return owner.locator(f"#map-discord-role option[value='{role}']").count() == 1

    until(offered, "the role among those that may be mapped")
    owner.locator("#map-discord-role").select_option(role)
    owner.locator("#map-panel-role").select_option("viewer")
    owner.get_by_role("button", name="Map the role").click()
    expect(owner.locator("#mapped")).to_contain_text("@Readers")

    visitor = visit(VERA, f"/servers/{SERVER_A}")
    vera: Page = visitor.page
    stranger = village.newcomer("quiet_quinn")
    until(lambda: vera.goto(village.path(f"/members/{stranger}")).status == 200, "the page")  # type: ignore[union-attr]
    expect(vera.get_by_role("link", name="Ban", exact=True)).to_have_count(0)
    hidden = village.say(ALICE, "only for those who shovel", "staff-room")
    shown = village.say(ALICE, "for everybody who reads")
    vera.goto(village.path("/messages"))
    vera.mouse.move(2, 2)
    expect(vera.locator(f"#message-{shown}")).to_be_visible()
    expect(vera.locator(f"#message-{hidden}")).to_have_count(0)

    visitor.may_answer(401, 403, 404)
    village.discord.act(ALICE, "role.remove", guild_id=SERVER_A, user_id=VERA, role_id=role)
    until(lambda: vera.goto(village.path("/messages")).status == 404, "the shut door", 5)  # type: ignore[union-attr]
