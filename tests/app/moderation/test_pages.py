"""Acts and cases as people use them: with and without a script, refused, failed, while the bot is away."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.clients import clients
from app.clients.errors import Refused, Unavailable
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role, SystemActor
from app.domain.members.models import GuildMember
from app.domain.moderation.models import Case
from app.domain.moderation.service import record_audit_entry
from app.domain.staff.models import Membership
from app.extensions import db
from tests.app.browsing import Town
from tests.app.moderation.bot_in_process import BotInProcess
from tests.app.moderation.conftest import MALLORY, UMA, Community
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, VERA

HERE = f"/servers/{SERVER_A}"
MEMBER = f"{HERE}/members/{MALLORY}"
HTMX = {"HX-Request": "true"}


@dataclass
class Panel:
    """Browsers of the cast on Alice's panel, and the bot behind it."""

    town: Town
    bot: BotInProcess
    community: Community

    def browser(self, user_id: int = BOB) -> FlaskClient:
        return self.town.signed_in(user_id)

    def cases(self) -> list[Case]:
        db.session.rollback()
        with tenant_scope(1):
            found = list(db.session.scalars(select(Case).order_by(Case.number)))
            db.session.expunge_all()
        return found

    def key(self, path: str, user_id: int = BOB) -> str:
        """The form's own key, read off the page."""
        return field_of(self.browser(user_id).get(path), "idempotency_key")


@pytest.fixture
def panel(app: Flask, community: Community) -> Panel:
    bot = BotInProcess()
    clients().bot_api = bot
    return Panel(Town.of(app), bot, community)


def field_of(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, page.text
    return html.unescape(found.group(1))


def seen(page: TestResponse) -> str:
    """The page's words without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_a_moderator_bans_without_a_script_and_comes_back_to_the_person(panel: Panel) -> None:
    question = panel.browser().get(f"{MEMBER}/bans/new")
    assert "Ban Mallory?" in seen(question)
    data = {
        "reason": "spam",
        "delete_message_seconds": "3600",
        "idempotency_key": field_of(question, "idempotency_key"),
    }
    answer = panel.browser().post(f"{MEMBER}/bans", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, MEMBER)
    profile = panel.browser().get(MEMBER)
    assert "Banned: Mallory (case 1)" in seen(profile)
    assert panel.community.acts() == [("ban", MALLORY)]


def test_the_same_with_htmx_is_a_dialog_that_closes_with_a_toast(panel: Panel) -> None:
    question = panel.browser().get(f"{MEMBER}/timeouts/new", headers=HTMX)
    assert question.text.lstrip().startswith("<dialog")
    data = {"seconds": "600", "idempotency_key": field_of(question, "idempotency_key")}
    answer = panel.browser().post(f"{MEMBER}/timeouts", data=data, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (200, "none")
    assert '"close-dialog": true' in answer.headers["HX-Trigger"]
    assert "Timed out: Mallory" in seen(answer)
    assert f'{HERE}/cases/1"' in answer.text


@pytest.mark.parametrize("noun", ["bans", "kicks", "timeouts"])
def test_every_act_can_be_asked_for_from_its_own_address(panel: Panel, noun: str) -> None:
    assert panel.browser().get(f"{MEMBER}/{noun}/new").status_code == 200
    answer = panel.browser().post(f"{MEMBER}/{noun}", data={"seconds": "60", "reason": "x"})
    assert answer.status_code == 303
    assert [case.status for case in panel.cases()] == ["applied"]


def test_the_same_form_sent_twenty_times_is_one_act(panel: Panel) -> None:
    key = panel.key(f"{MEMBER}/bans/new")
    for _ in range(20):
        panel.browser().post(f"{MEMBER}/bans", data={"idempotency_key": key})
    assert len(panel.cases()) == 1
    assert panel.community.acts() == [("ban", MALLORY)]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(panel: Panel, headers: dict[str, str]) -> None:
    data = {"reason": "<b>é" * 200, "seconds": "7", "idempotency_key": "k" * 20}
    answer = panel.browser().post(f"{MEMBER}/timeouts", data=data, headers=headers)
    assert answer.status_code == 422
    assert "Write at most 512 characters." in seen(answer)
    assert "Choose between ten seconds and 28 days." in seen(answer)
    assert html.escape("<b>é" * 200) in answer.text
    assert field_of(answer, "idempotency_key") == "k" * 20
    assert panel.bot.asked == []


@pytest.mark.parametrize(("headers", "status"), [({}, 403), (HTMX, 409)], ids=["page", "htmx"])
def test_a_refusal_names_the_rule_and_keeps_the_form(
    panel: Panel, headers: dict[str, str], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "app.web.errors")
    answer = panel.browser().post(f"{HERE}/members/{UMA}/bans", data={"reason": "keep me"}, headers=headers)
    assert answer.status_code == status
    assert "highest role is not below yours" in seen(answer)
    assert "target_not_below_actor" not in answer.text, "the code is for the log"
    assert "code=rank:target_not_below_actor" in caplog.text
    assert "keep me" in answer.text
    assert panel.cases() == []


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_an_act_that_discord_refused_shows_its_case_and_can_be_tried_again(
    panel: Panel, headers: dict[str, str]
) -> None:
    key = panel.key(f"{MEMBER}/bans/new")
    panel.community.discord.failures["ban"] = Refused("discord_50013")
    answer = panel.browser().post(f"{MEMBER}/bans", data={"reason": "spam", "idempotency_key": key}, headers=headers)
    assert answer.status_code == 409
    assert f'{HERE}/cases/1"' in answer.text
    assert "role's place do not allow it" in seen(answer)
    fresh = field_of(answer, "idempotency_key")
    assert fresh != key
    panel.browser().post(f"{MEMBER}/bans", data={"reason": "spam", "idempotency_key": fresh})
    assert [case.status for case in panel.cases()] == ["failed", "applied"]


@pytest.mark.parametrize(("headers", "status"), [({}, 503), (HTMX, 409)], ids=["page", "htmx"])
def test_a_bot_that_is_away_is_said_with_the_form_as_it_was(panel: Panel, headers: dict[str, str], status: int) -> None:
    panel.bot.absent_with = "bot_unreachable"
    data = {"reason": "keep me", "idempotency_key": "k" * 20}
    answer = panel.browser().post(f"{MEMBER}/kicks", data=data, headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "4")
    assert "The bot is away, so nothing was done." in seen(answer)
    assert "keep me" in answer.text
    assert field_of(answer, "idempotency_key") == "k" * 20
    assert panel.cases() == []


def test_an_outcome_that_is_not_known_yet_is_never_called_done(panel: Panel) -> None:
    panel.community.discord.failures["kick"] = Unavailable("discord_timeout")
    answer = panel.browser().post(f"{MEMBER}/kicks", data={"idempotency_key": "k"}, headers=HTMX)
    assert answer.status_code == 200
    assert "Asked for." in seen(answer)
    assert "Kicked" not in seen(answer)
    assert "Not known yet" in seen(panel.browser().get(f"{HERE}/cases/1"))


def test_a_standing_ban_is_lifted_from_its_case(panel: Panel) -> None:
    panel.browser().post(f"{MEMBER}/bans", data={"reason": "spam"})
    case = panel.browser().get(f"{HERE}/cases/1")
    assert f"{HERE}/cases/1/lifting/new" in case.text
    question = panel.browser().get(f"{HERE}/cases/1/lifting/new")
    assert "Lift the ban of Mallory?" in seen(question)
    data = {"reason": "appeal", "idempotency_key": field_of(question, "idempotency_key")}
    answer = panel.browser().post(f"{HERE}/cases/1/lifting", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{HERE}/cases/1")
    after = seen(panel.browser().get(f"{HERE}/cases/1"))
    assert "Ended by case 2" in after
    assert f"{HERE}/cases/1/lifting/new" not in panel.browser().get(f"{HERE}/cases/1").text


def test_a_kick_cannot_be_lifted(panel: Panel) -> None:
    panel.browser().post(f"{MEMBER}/kicks", data={})
    assert panel.browser().get(f"{HERE}/cases/1/lifting/new").status_code == 409
    assert panel.browser().post(f"{HERE}/cases/1/lifting", data={}).status_code == 409


def test_what_automod_did_is_a_page_that_offers_nothing_to_lift(panel: Panel) -> None:
    options = {"auto_moderation_rule_name": "No slurs in names"}
    payload = {"id": "999", "guild_id": str(SERVER_A), "target_id": str(MALLORY), "user_id": str(ALICE)}
    record_audit_entry(SystemActor("gateway"), {**payload, "action_type": 146, "options": options})
    page = panel.browser().get(f"{HERE}/cases/1")
    assert "Case 1: Quarantine of Mallory" in seen(page)
    assert "No slurs in names" in seen(page)
    assert "/lifting/new" not in page.text
    assert panel.browser().get(f"{HERE}/cases/1/lifting/new").status_code == 409
    assert 'id="case-1"' in panel.browser().get(f"{HERE}/cases?kind=quarantine").text


def test_a_viewer_reads_cases_and_is_offered_no_act(panel: Panel) -> None:
    panel.browser().post(f"{MEMBER}/bans", data={"reason": "spam"})
    browser = panel.browser(VERA)
    for path in (f"{HERE}/cases", f"{HERE}/cases/1", MEMBER, f"{HERE}/members"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "/new" not in page.text, path
    assert browser.get(f"{MEMBER}/bans/new").status_code == 403
    assert browser.post(f"{MEMBER}/bans", data={}).status_code == 403
    assert browser.post(f"{HERE}/cases/1/lifting", data={}).status_code == 403
    assert len(panel.bot.asked) == 1


def test_a_strangers_cases_are_as_if_they_did_not_exist(panel: Panel) -> None:
    panel.browser().post(f"{MEMBER}/bans", data={"reason": "spam"})
    stranger = panel.browser(CHARLIE)
    elsewhere = stranger.get(f"{HERE}/cases/1")
    missing = stranger.get(f"/servers/{SERVER_B}/cases/1")
    assert elsewhere.status_code == missing.status_code == 404
    assert stranger.post(f"{MEMBER}/bans", data={}).status_code == 404
    assert len(panel.cases()) == 1


def test_a_moderator_who_lost_the_panel_role_is_refused_with_the_form_still_open(panel: Panel) -> None:
    key = panel.key(f"{MEMBER}/bans/new")
    with transaction():
        membership = db.session.get(Membership, (1, BOB))
        assert membership is not None
        membership.role = int(Role.VIEWER)
    assert panel.browser().post(f"{MEMBER}/bans", data={"idempotency_key": key}).status_code == 403
    assert panel.cases() == []


def test_the_case_list_filters_by_kind_state_source_person_and_number(panel: Panel) -> None:
    panel.browser().post(f"{MEMBER}/timeouts", data={"seconds": "60"})
    panel.browser().post(f"{MEMBER}/bans", data={"reason": "spam"})
    panel.browser().post(f"{HERE}/members/{VERA}/kicks", data={})

    def numbers(**query: str) -> list[int]:
        page = panel.browser().get(f"{HERE}/cases", query_string=query)
        return [int(number) for number in re.findall(r'id="case-(\d+)"', page.text)]

    assert numbers() == [3, 2, 1]
    assert numbers(kind="ban") == [2]
    assert numbers(source="discord") == []
    assert numbers(status="applied") == [3, 2, 1]
    assert numbers(about=str(MALLORY)) == [2, 1]
    assert numbers(about="MALL") == [2, 1]
    assert numbers(about="#3") == numbers(about="3") == [3]
    assert numbers(below="3") == [2, 1]
    assert numbers(above="1") == [3, 2]
    assert numbers(kind="nonsense", below="x", above="y", status="") == [3, 2, 1]
    assert numbers(about="9" * 19) == numbers(about="9" * 30) == numbers(about="%") == []


def test_hostile_names_and_reasons_are_words_everywhere(panel: Panel) -> None:
    evil = '"><script>alert(1)</script><img src=x hx-get="/x">'
    with tenant_scope(1), transaction():
        member = db.session.scalars(select(GuildMember).where(GuildMember.user_id == MALLORY)).one()
        member.nick, member.earlier_names = evil[:32], [evil]
    db.session.rollback()
    live = panel.community.guild.members[MALLORY]
    panel.community.guild.members[MALLORY] = type(live)(**{**vars(live), "display_name": evil})
    panel.browser().post(f"{MEMBER}/bans", data={"reason": evil})
    for path in (
        MEMBER,
        f"{HERE}/members?presence=all",
        f"{HERE}/cases",
        f"{HERE}/cases/1",
        f"{HERE}/cases?about={evil}",
        f"{MEMBER}/unbans/new",
    ):
        text = panel.browser().get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_case_pages_keep_themselves_up_to_date(panel: Panel) -> None:
    panel.browser().post(f"{MEMBER}/bans", data={"reason": "spam"})
    listing = panel.browser().get(f"{HERE}/cases").text
    assert 'data-live="moderation"' in listing
    assert "data-live-rows" in listing
    assert 'data-live="moderation"' in panel.browser().get(f"{HERE}/cases/1").text
    assert 'data-live="members moderation"' in panel.browser().get(MEMBER).text


def test_unknown_cases_are_missing_pages(panel: Panel) -> None:
    for number in ("1", "0", "x", str(2**62), str(2**70)):
        assert panel.browser().get(f"{HERE}/cases/{number}").status_code == 404


def test_alices_own_rank_reaches_further_than_bobs(panel: Panel) -> None:
    assert panel.browser(ALICE).post(f"{HERE}/members/{UMA}/kicks", data={}).status_code == 303
    assert panel.community.acts() == [("kick", UMA)]
