"""What an owner does: sign in, connect a server, watch a message arrive, find it, look around it, ban, see the case."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Village
from tests.browser.visitor import Visitor
from tests.journeys.steps import is_banned, until
from tests.servers.sandbox import ALICE, SERVER_A, SERVER_C

pytestmark = pytest.mark.browser


def test_alice_signs_in_connects_a_server_and_makes_her_choices(
    visit: Callable[..., Visitor], village: Village
) -> None:
    visitor = visit()
    page = visitor.page
    page.goto(village.url)
    page.get_by_role("link", name="Sign in with Discord").first.click()
    page.get_by_role("link", name="Sign in with Discord").first.click()
    visitor.consent(ALICE)
    page.wait_for_url("**/servers")

    page.get_by_role("link", name="Connect Alice's Workshop").click()
    expect(page.get_by_role("heading", name="Connect Alice's Workshop")).to_be_visible()
    page.get_by_role("link", name="Go on to Discord").click()
    visitor.consent(ALICE)
    page.wait_for_url(f"**/servers/{SERVER_C}/set-up")

    expect(page.locator("#step-bot_present")).to_contain_text("Done")
    expect(page.locator("#step-copy_guild")).to_contain_text("Done")
    expect(page.locator("#setup-steps")).not_to_have_attribute("hx-trigger", "every 2s")
    page.get_by_label("90 days").check()
    page.get_by_role("button", name="Choose this").click()
    expect(page.locator("#archive")).to_contain_text("Chosen")
    expect(page.get_by_label("90 days")).to_be_checked()
    page.get_by_role("button", name="Confirm the channels").click()
    expect(page.locator("#channels")).to_contain_text("Confirmed")
    page.get_by_role("link", name="Open the panel").click()
    page.wait_for_url(f"**/servers/{SERVER_C}")


def test_a_message_arrives_while_one_looks_is_found_and_shown_in_its_context(alice: Page, village: Village) -> None:
    alice.goto(village.path("/messages"))
    expect(alice.locator("[data-live-signal]")).to_have_attribute("data-state", "live")
    alice.mouse.move(2, 2)
    author = village.newcomer("lamp_lighter")

    sent = village.say(author, "the *lighthouse* keeps its zephyr tonight")

    row = alice.locator(f"#message-{sent}")
    expect(row).to_contain_text("keeps its zephyr tonight")
    expect(row.locator("em")).to_have_text("lighthouse")

    village.discord.act(
        author, "message.edit", channel_id=village.channel("general"), message_id=sent, content="the zephyr is calm"
    )
    expect(row).to_contain_text("the zephyr is calm")
    expect(row).to_contain_text("Edited")

    box = alice.get_by_role("combobox", name="Search messages")
    box.fill("zephyr")
    box.press("Enter")
    alice.wait_for_url("**q=zephyr*")
    expect(alice.locator(f"#message-{sent} mark")).to_have_text("zephyr")

    alice.locator(f"#message-{sent} a[data-opens]").click()
    expect(alice.locator(f"[data-context-of='{sent}']")).to_be_visible()
    expect(alice.locator("#context-versions")).to_contain_text("2 versions")
    expect(alice.locator("#context-versions del").first).to_be_visible()


def test_what_arrives_between_the_page_and_its_stream_is_not_missed(alice: Page, village: Village) -> None:
    held: list[Route] = []
    alice.route("**/api/bot/ws-ticket", lambda route: held.append(route))
    alice.goto(village.path("/messages"))
    alice.mouse.move(2, 2)
    until(lambda: alice.wait_for_timeout(50) or held, "the page asking for its ticket")
    sent = village.say(ALICE, "said into the gap")
    until(lambda: village.knows(sent), "the message in the archive")

    held[0].continue_()

    expect(alice.locator(f"#message-{sent}")).to_contain_text("said into the gap")


def test_a_wrong_search_says_where_and_keeps_what_was_typed(visit: Callable[..., Visitor], village: Village) -> None:
    visitor = visit(ALICE)
    visitor.may_answer(422)
    page = visitor.page
    page.goto(village.path("/messages"))
    box = page.get_by_role("combobox", name="Search messages")
    box.fill('lighthouse ("never closed')
    box.press("Enter")

    expect(page.locator(".sf-field__error").first).to_be_visible()
    expect(page.get_by_role("combobox", name="Search messages")).to_have_value('lighthouse ("never closed')


def test_a_ban_from_the_members_page_shows_its_case_and_is_true_on_discord(alice: Page, village: Village) -> None:
    spammer = village.newcomer("free_key_seller")
    alice.goto(village.path("/members?q=free_key_seller"))
    until(lambda: alice.reload() and "free_key_seller" in alice.locator("#main").inner_text(), "the newcomer's row")
    alice.goto(village.path(f"/members/{spammer}"))

    alice.get_by_role("link", name="Ban", exact=True).click()
    dialog = alice.get_by_role("dialog")
    expect(dialog).to_contain_text("Free Key Seller")
    dialog.get_by_label("Reason").fill("sells free keys")
    dialog.get_by_role("button", name="Ban").click()

    expect(alice.locator(".sf-toast")).to_contain_text("Case")
    expect(alice.locator("#member-cases")).to_contain_text("Applied")
    assert is_banned(village.discord, SERVER_A, spammer)
    alice.locator(".sf-toast a").first.click()
    expect(alice.locator("#case-facts")).to_contain_text("sells free keys")
    expect(alice.locator("#case-events")).to_be_visible()


def test_a_ban_in_discord_appears_in_the_open_list_of_cases(alice: Page, village: Village) -> None:
    troll = village.newcomer("toll_asker")
    alice.goto(village.path("/cases"))
    expect(alice.locator("[data-live-signal]")).to_have_attribute("data-state", "live")

    village.discord.act(ALICE, "ban", guild_id=SERVER_A, user_id=troll, reason="asks for toll")

    expect(alice.locator("#case-list")).to_contain_text("Toll Asker")
