"""Connecting a server."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from app.contracts.jobs import Job
from app.contracts.membership import MembershipReport, ReportedGuild, ReportKind
from app.db.scope import tenant_scope
from app.domain.access import Role
from app.domain.audit.models import AuditEntry
from app.domain.staff.models import Membership
from app.domain.tenants.models import BotSettings, Branding, SetupStep, SetupStepKind, Tenant, TenantState
from app.domain.tenants.queries import tenant_of_guild
from app.domain.tenants.service import MEMBERSHIP, report_membership
from app.extensions import db
from tests.app.browsing import MANAGE_GUILD, Town, guild
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN


@pytest.fixture
def town(app: Flask) -> Town:
    return Town.of(app)


def test_an_owner_who_consents_gets_a_tenant_with_its_defaults_and_is_led_to_the_set_up(town: Town) -> None:
    answer = town.install(ALICE, SERVER_A)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/servers/{SERVER_A}/set-up")
    tenant = tenant_of_guild(SERVER_A)
    assert tenant is not None and tenant.owner_id == ALICE and tenant.state == TenantState.SETTING_UP
    assert db.session.get(Membership, (tenant.id, ALICE)).role == Role.OWNER
    with tenant_scope(tenant.id):
        assert db.session.scalars(select(Branding)).one()
        settings = db.session.scalars(select(BotSettings)).one()
        assert settings.archive_enabled is False
        assert {step.kind for step in db.session.scalars(select(SetupStep))} == set(SetupStepKind)
        assert db.session.scalars(select(AuditEntry)).one().kind == "tenant.installed"
    assert (Job.RUN_SETUP_STEPS, {}) in town.queue.woken
    page = town.signed_in(ALICE).get(answer.headers["Location"])
    assert page.status_code == 200 and "Snowfall Village" in page.text


def test_installing_twice_changes_nothing(town: Town) -> None:
    town.install(ALICE, SERVER_A)
    before = tenant_of_guild(SERVER_A).id

    again = town.install(ALICE, SERVER_A)

    assert again.status_code == 303
    assert [tenant.id for tenant in db.session.scalars(select(Tenant))] == [before]


def test_a_guild_that_somebody_else_connected_is_refused_and_unchanged(town: Town) -> None:
    """T08"""
    town.install(CHARLIE, SERVER_B)
    town.oauth.guilds_of[STAN] = [guild(SERVER_B, "Charlie's Den", permissions=MANAGE_GUILD)]

    answer = town.install(STAN, SERVER_B)

    assert answer.status_code == 409
    assert tenant_of_guild(SERVER_B).owner_id == CHARLIE
    assert db.session.get(Membership, (tenant_of_guild(SERVER_B).id, STAN)) is None


def test_without_manage_server_nothing_is_connected(town: Town) -> None:
    """T08: Discord is asked at that moment, whatever the token's answer names."""
    answer = town.install(BOB, SERVER_A)

    assert answer.status_code == 403
    assert tenant_of_guild(SERVER_A) is None


def test_a_right_that_was_lost_a_moment_ago_no_longer_counts(town: Town) -> None:
    """T08: the remembered list of guilds is not used for an install."""
    town.oauth.guilds_of[BOB] = [guild(SERVER_A, "Snowfall Village", permissions=MANAGE_GUILD)]
    assert "Connect" in town.signed_in(BOB).get("/servers").text
    town.oauth.guilds_of[BOB] = [guild(SERVER_A, "Snowfall Village")]

    assert town.install(BOB, SERVER_A).status_code == 403


def test_the_guild_of_the_query_string_is_never_believed(town: Town) -> None:
    """T08: the token's answer names A, the address bar says B."""
    browser = town.signed_in(ALICE)
    state = town.leave_for_discord(browser, install=SERVER_A)
    code = town.oauth.approve(town.person(ALICE), SERVER_A)

    browser.get("/api/auth/callback", query_string={"code": code, "state": state, "guild_id": SERVER_B})

    assert tenant_of_guild(SERVER_B) is None and tenant_of_guild(SERVER_A) is not None


@dataclass(frozen=True)
class _Order:
    report_first: bool


@pytest.mark.parametrize("order", [_Order(True), _Order(False)], ids=["report first", "install first"])
def test_the_bots_report_and_the_install_may_come_in_either_order(town: Town, order: _Order) -> None:
    report = MembershipReport(ReportKind.JOINED, (ReportedGuild(SERVER_A, "Snowfall Village", "abc", ALICE),))
    if order.report_first:
        report_membership(MEMBERSHIP, report)
        town.install(ALICE, SERVER_A)
    else:
        town.install(ALICE, SERVER_A)
        report_membership(MEMBERSHIP, report)

    tenant = tenant_of_guild(SERVER_A)
    assert (tenant.name, tenant.state) == ("Snowfall Village", TenantState.SETTING_UP)


def test_the_page_before_consent_names_each_permission_and_never_administrator(town: Town) -> None:
    page = town.signed_in(ALICE).get(f"/servers/{SERVER_A}/install")

    assert page.status_code == 200
    for permission in ("View Channels", "Ban Members", "Manage Webhooks", "View Audit Log"):
        assert permission in page.text
    assert "Never Administrator" in page.text


def test_the_install_page_of_a_server_that_is_not_mine_does_not_exist(town: Town) -> None:
    browser = town.signed_in(ALICE)

    assert browser.get(f"/servers/{SERVER_B}/install").status_code == 404
    assert browser.get("/servers/123456789/install").status_code == 404


def test_the_list_of_servers_says_so_while_discord_is_away_and_shows_what_is_known(town: Town) -> None:
    town.install(ALICE, SERVER_A)
    town.oauth.away = True

    page = town.signed_in(ALICE).get("/servers")

    assert page.status_code == 200 and "Snowfall Village" in page.text


def test_declining_on_discord_changes_nothing_and_says_so(town: Town) -> None:
    browser = town.signed_in(ALICE)
    state = town.leave_for_discord(browser, install=SERVER_A)

    answer = browser.get("/api/auth/callback", query_string={"error": "access_denied", "state": state})

    assert answer.status_code == 302 and answer.headers["Location"] == "/servers"
    assert "You declined on Discord" in browser.get("/servers").text
    assert "You declined on Discord" not in browser.get("/servers").text
    assert tenant_of_guild(SERVER_A) is None
