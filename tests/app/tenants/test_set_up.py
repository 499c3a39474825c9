"""After an install: steps that finish by themselves, and the owner's first choices."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.clients.bot_api.port import Answer
from app.contracts.membership import MembershipReport, ReportedGuild, ReportKind
from app.db.claimable import JobState
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.audit.models import AuditEntry
from app.domain.clock import frozen, utcnow
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.tenants.models import SetupStep, SetupStepKind, Tenant, TenantState
from app.domain.tenants.queries import bot_settings, setup_progress, tenant_of_guild
from app.domain.tenants.service import MEMBERSHIP, SET_UP, report_membership, run_setup_steps
from app.extensions import db
from tests.app.browsing import Town
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN

VIEW = 1 << 10
MANAGE_WEBHOOKS = 1 << 29
ADMINISTRATOR = 1 << 3
STAFF_ROOM, NEWS, LOBBY, CELLAR = 501, 502, 503, 504
BOT, BOT_ROLE = 601, 602
PAGE = f"/servers/{SERVER_A}/set-up"


@pytest.fixture
def town(app: Flask) -> Town:
    """Alice has just connected her server; the bot has not reported yet."""
    town = Town.of(app)
    town.install(ALICE, SERVER_A)
    return town


def _tenant() -> Tenant:
    tenant = tenant_of_guild(SERVER_A)
    assert tenant is not None
    return tenant


def _bot_arrives() -> None:
    guild = ReportedGuild(SERVER_A, "Snowfall Village", None, ALICE)
    report_membership(MEMBERSHIP, MembershipReport(ReportKind.JOINED, (guild,)))


def _copied_channels(*, hidden: bool = True, news: bool = True) -> None:
    """What the bot's copy leaves in the database."""
    with tenant_scope(_tenant().id), transaction():
        db.session.add(GuildRole(id=SERVER_A, name="@everyone", permissions=VIEW))
        deny = [{"id": str(SERVER_A), "type": 0, "allow": "0", "deny": str(VIEW)}]
        db.session.add(GuildChannel(id=LOBBY, kind=0, name="lobby"))
        if hidden:
            db.session.add(GuildChannel(id=STAFF_ROOM, kind=0, name="staff-room", overwrites=deny))
        if news:
            db.session.add(GuildChannel(id=NEWS, kind=5, name="announcements"))


def _run_all() -> dict[str, str]:
    """Everything due, and whatever that made due, as the sweeps would."""
    with transaction(), tenant_scope(_tenant().id):
        db.session.execute(
            update(SetupStep).where(SetupStep.state == JobState.PENDING).values(due_at=utcnow().replace(year=2020))
        )
    run_setup_steps(SET_UP)
    return _states()


def _states() -> dict[str, str]:
    db.session.rollback()
    with tenant_scope(_tenant().id):
        return {step.kind: step.state for step in setup_progress().steps}


def test_steps_wait_for_the_bot_and_then_finish_by_themselves(town: Town) -> None:
    assert set(_run_all().values()) == {JobState.PENDING}
    _bot_arrives()
    _copied_channels()

    for _sweep in range(4):
        states = _run_all()

    assert set(states.values()) == {JobState.DONE}
    webhooks = [body for _caller, _method, path, body in town.bot.calls if path == "/webhooks"]
    assert webhooks == [
        {"purpose": "alerts", "channel_id": str(STAFF_ROOM)},
        {"purpose": "publish", "channel_id": str(NEWS)},
    ]
    callers = {caller.actor for caller, _method, _path, _body in town.bot.calls}
    assert callers == {"system:set_up"}


def test_a_bot_that_is_away_costs_time_and_nothing_else(town: Town) -> None:
    _bot_arrives()
    town.bot.away = True
    assert _run_all()[SetupStepKind.COPY_GUILD] == JobState.PENDING
    town.bot.away = False
    _copied_channels()

    for _sweep in range(4):
        states = _run_all()

    assert set(states.values()) == {JobState.DONE}


def test_without_a_channel_that_fits_the_page_asks_and_the_owners_choice_finishes_the_step(town: Town) -> None:
    _bot_arrives()
    _copied_channels(hidden=False, news=False)
    for _sweep in range(4):
        states = _run_all()
    assert states[SetupStepKind.WEBHOOK_PUBLISH] == JobState.FAILED
    page = town.signed_in(ALICE).get(PAGE).text
    assert "Choose one below" in page
    assert "No channel here is hidden from @everyone" in page

    answer = town.signed_in(ALICE).post(PAGE + "/channels", data={"alerts_channel_id": "", "publish_channel_id": LOBBY})

    assert answer.status_code == 303
    for _sweep in range(2):
        states = _run_all()
    assert set(states.values()) == {JobState.DONE}
    assert ("/webhooks", {"purpose": "publish", "channel_id": str(LOBBY)}) in [(c[2], c[3]) for c in town.bot.calls]


def test_discords_refusal_is_told_with_its_cure_and_can_be_tried_again(town: Town) -> None:
    _bot_arrives()
    _copied_channels()
    town.bot.answers[("POST", "/webhooks")] = Answer(409, {"code": "discord_50013", "message": "Missing Permissions"})
    for _sweep in range(4):
        _run_all()
    browser = town.signed_in(ALICE)
    assert "lacks Manage Webhooks" in browser.get(PAGE).text
    town.bot.answers[("POST", "/webhooks")] = Answer(200, {})

    assert browser.post(PAGE + "/retries").status_code == 303

    assert set(_run_all().values()) == {JobState.DONE}


def _bot_is_a_member(*, let_into: tuple[int, ...] = ()) -> None:
    """The bot as its copy has it: Manage Webhooks everywhere, but it sees hidden channels only where it is let in."""
    with tenant_scope(_tenant().id), transaction():
        db.session.add(
            GuildRole(id=BOT_ROLE, name="Snowflake Panel", permissions=VIEW | MANAGE_WEBHOOKS, is_managed=True)
        )
        db.session.add(GuildMember(user_id=BOT, username="snowflake-panel", is_bot=True, role_ids=[str(BOT_ROLE)]))
        for channel_id in let_into:
            channel = db.session.scalars(select(GuildChannel).where(GuildChannel.id == channel_id)).one()
            let_in = {"id": str(BOT), "type": 1, "allow": str(VIEW | MANAGE_WEBHOOKS), "deny": "0"}
            channel.overwrites = [*channel.overwrites, let_in]


def _bot_tells_who_it_is(town: Town) -> None:
    rights = {"permissions": str(VIEW | MANAGE_WEBHOOKS), "bot_id": str(BOT)}
    town.bot.answers[("GET", "/permissions")] = Answer(200, rights)


def _placed_in(town: Town, purpose: str) -> list[str]:
    bodies = [body for _caller, _method, path, body in town.bot.calls if path == "/webhooks"]
    return [body["channel_id"] for body in bodies if body["purpose"] == purpose]


def test_a_channel_that_lets_the_bot_in_is_proposed_before_a_better_named_one_that_does_not(town: Town) -> None:
    _bot_arrives()
    _copied_channels()
    deny = [{"id": str(SERVER_A), "type": 0, "allow": "0", "deny": str(VIEW)}]
    with tenant_scope(_tenant().id), transaction():
        db.session.add(GuildChannel(id=CELLAR, kind=0, name="cellar", position=9, overwrites=deny))
    _bot_is_a_member(let_into=(CELLAR,))
    _bot_tells_who_it_is(town)

    for _sweep in range(4):
        states = _run_all()

    assert set(states.values()) == {JobState.DONE}
    assert _placed_in(town, "alerts") == [str(CELLAR)]


def test_where_no_channel_lets_the_bot_in_the_page_says_which_and_how_to_mend_it(town: Town) -> None:
    _bot_arrives()
    _copied_channels()
    _bot_is_a_member()
    _bot_tells_who_it_is(town)

    for _sweep in range(4):
        states = _run_all()

    assert states[SetupStepKind.WEBHOOK_ALERTS] == JobState.FAILED
    assert _placed_in(town, "alerts") == [], "Discord is not asked for what it would refuse"
    browser = town.signed_in(ALICE)
    page = browser.get(PAGE).text
    assert f'<option value="{STAFF_ROOM}" selected>#staff-room (the bot is not let in)</option>' in page
    assert f'<option value="{NEWS}" selected>#announcements</option>' in page
    assert "give it View Channel and Manage Webhooks" in page

    with tenant_scope(_tenant().id), transaction():
        role = db.session.scalars(select(GuildRole).where(GuildRole.id == BOT_ROLE)).one()
        role.permissions = ADMINISTRATOR
    browser.post(PAGE + "/retries")

    assert set(_run_all().values()) == {JobState.DONE}
    assert "not let in" not in browser.get(PAGE).text


def test_where_discord_refuses_one_channel_the_next_is_tried(town: Town) -> None:
    _bot_arrives()
    _copied_channels(news=False)
    with tenant_scope(_tenant().id), transaction():
        for place, channel_id in enumerate((NEWS, CELLAR)):
            db.session.add(GuildChannel(id=channel_id, kind=5, name=f"news-{place}", position=place))
    full = Answer(409, {"code": "discord_30007"})
    town.bot.answers[("POST", "/webhooks")] = lambda body: full if body["channel_id"] == str(NEWS) else Answer(200, {})

    for _sweep in range(4):
        states = _run_all()

    assert states[SetupStepKind.WEBHOOK_PUBLISH] == JobState.DONE
    assert _placed_in(town, "publish") == [str(NEWS), str(CELLAR)]
    assert f'<option value="{CELLAR}" selected>' in town.signed_in(ALICE).get(PAGE).text


def test_a_server_without_announcement_channels_posts_where_its_news_are(town: Town) -> None:
    _bot_arrives()
    _copied_channels(news=False)
    with tenant_scope(_tenant().id), transaction():
        db.session.add(GuildChannel(id=NEWS, kind=0, name="server-news", position=5))

    for _sweep in range(4):
        states = _run_all()

    assert set(states.values()) == {JobState.DONE}
    assert _placed_in(town, "publish") == [str(NEWS)]


def test_the_finished_list_asks_no_more_and_a_running_one_does(town: Town) -> None:
    browser = town.signed_in(ALICE)
    assert 'hx-trigger="every 2s"' in browser.get(PAGE + "/steps").text
    _bot_arrives()
    _copied_channels()
    for _sweep in range(4):
        _run_all()

    assert "hx-trigger" not in browser.get(PAGE + "/steps").text


def test_nothing_is_archived_before_the_owner_has_chosen(town: Town) -> None:
    with tenant_scope(_tenant().id):
        assert bot_settings().archive_enabled is False

    answer = town.signed_in(ALICE).post(PAGE + "/archive", data={"retention": "90", "purpose": "moderation"})

    assert answer.status_code == 303
    with tenant_scope(_tenant().id):
        settings = bot_settings()
        assert (settings.archive_enabled, settings.retention_days, settings.archive_purpose) == (True, 90, "moderation")
        kinds = [entry.kind for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert kinds[-1] == "archive.chosen"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"retention": "31", "purpose": "moderation"}, "for how long"),
        ({"retention": "", "purpose": "moderation"}, "for how long"),
        ({"retention": "365", "purpose": "selling"}, "kept for"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_wrong_choice_is_told_beside_the_field_and_what_was_chosen_stays(
    town: Town, typed: dict[str, str], words: str, htmx: bool
) -> None:
    headers = {"HX-Request": "true"} if htmx else {}

    answer = town.signed_in(ALICE).post(PAGE + "/archive", data=typed, headers=headers)

    assert answer.status_code == 422 and "Choose one of these." in answer.text
    assert ("<html" in answer.text) is not htmx
    with tenant_scope(_tenant().id):
        assert bot_settings().chosen_at is None


def test_alerts_may_not_go_where_everyone_reads(town: Town) -> None:
    _bot_arrives()
    _copied_channels()

    answer = town.signed_in(ALICE).post(
        PAGE + "/channels", data={"alerts_channel_id": str(LOBBY), "publish_channel_id": str(NEWS)}
    )

    assert answer.status_code == 422 and "cannot see" in answer.text
    assert f'value="{NEWS}" selected' in answer.text
    with tenant_scope(_tenant().id):
        assert bot_settings().channels_confirmed_at is None


def test_another_communitys_channel_is_refused_like_an_unknown_one(town: Town) -> None:
    _copied_channels()

    answer = town.signed_in(ALICE).post(PAGE + "/channels", data={"alerts_channel_id": "", "publish_channel_id": "999"})

    assert answer.status_code == 422


def test_both_choices_make_the_community_active(town: Town) -> None:
    _bot_arrives()
    _copied_channels()
    browser = town.signed_in(ALICE)
    browser.post(PAGE + "/archive", data={"retention": "keep", "purpose": "history"})
    browser.post(PAGE + "/channels", data={"alerts_channel_id": str(STAFF_ROOM), "publish_channel_id": str(NEWS)})

    db.session.rollback()
    assert _tenant().state == TenantState.ACTIVE


def test_only_the_owner_sets_up(town: Town) -> None:
    assert town.signed_in(STAN).get(PAGE).status_code == 404
    assert (
        town.signed_in(BOB).post(PAGE + "/archive", data={"retention": "30", "purpose": "history"}).status_code == 404
    )


def test_a_bot_that_was_removed_detaches_the_community_and_its_return_resumes_it(town: Town) -> None:
    _bot_arrives()
    report_membership(MEMBERSHIP, MembershipReport(ReportKind.LEFT, (ReportedGuild(SERVER_A),)))
    db.session.rollback()
    assert _tenant().state == TenantState.DETACHED
    browser = town.signed_in(ALICE)
    assert "The bot was removed from the server" in browser.get(f"/servers/{SERVER_A}").text
    assert "The bot was removed from the server" in browser.get(f"/servers/{SERVER_A}/notifications").text

    _bot_arrives()

    db.session.rollback()
    assert _tenant().state == TenantState.SETTING_UP, "as it was"
    assert "Over" in browser.get(f"/servers/{SERVER_A}/notifications").text


def test_the_whole_list_at_start_tells_what_was_left_meanwhile(town: Town) -> None:
    _bot_arrives()

    report_membership(MEMBERSHIP, MembershipReport(ReportKind.ALL, (ReportedGuild(42, "Elsewhere", None, 1),)))

    db.session.rollback()
    assert _tenant().state == TenantState.DETACHED


def test_one_report_speaks_for_many_communities(town: Town) -> None:
    town.install(CHARLIE, SERVER_B)
    guilds = (ReportedGuild(SERVER_A, "A, renamed", None, ALICE), ReportedGuild(SERVER_B, "B, renamed", None, CHARLIE))
    report_membership(MEMBERSHIP, MembershipReport(ReportKind.ALL, guilds))
    db.session.rollback()
    assert [tenant_of_guild(g).name for g in (SERVER_A, SERVER_B)] == ["A, renamed", "B, renamed"]

    report_membership(MEMBERSHIP, MembershipReport(ReportKind.ALL, ()))
    db.session.rollback()
    assert [tenant_of_guild(g).state for g in (SERVER_A, SERVER_B)] == [TenantState.DETACHED] * 2

    report_membership(MEMBERSHIP, MembershipReport(ReportKind.ALL, guilds))
    db.session.rollback()
    assert [tenant_of_guild(g).state for g in (SERVER_A, SERVER_B)] == [TenantState.SETTING_UP] * 2


def test_installing_again_resumes_a_detached_community_as_it_was(town: Town) -> None:
    browser = town.signed_in(ALICE)
    browser.post(PAGE + "/archive", data={"retention": "90", "purpose": "moderation"})
    browser.post(PAGE + "/channels", data={"alerts_channel_id": "", "publish_channel_id": ""})
    before = _tenant().id
    report_membership(MEMBERSHIP, MembershipReport(ReportKind.LEFT, (ReportedGuild(SERVER_A),)))

    assert town.install(ALICE, SERVER_A).status_code == 303

    db.session.rollback()
    assert (_tenant().id, _tenant().state, _tenant().detached_at) == (before, TenantState.ACTIVE, None)
    with tenant_scope(before):
        assert bot_settings().retention_days == 90


def test_a_process_speaks_for_its_own_shards_alone(town: Town) -> None:
    _bot_arrives()
    other = (SERVER_A >> 22) % 2 ^ 1

    report_membership(MEMBERSHIP, MembershipReport(ReportKind.ALL, (), shard_ids=(other,), shard_count=2))

    db.session.rollback()
    assert _tenant().state == TenantState.SETTING_UP


def test_an_outage_of_discord_is_no_departure_and_forgets_no_name(town: Town) -> None:
    _bot_arrives()

    report_membership(MEMBERSHIP, MembershipReport(ReportKind.ALL, (ReportedGuild(SERVER_A),)))

    db.session.rollback()
    assert (_tenant().state, _tenant().name) == (TenantState.SETTING_UP, "Snowfall Village")


def test_a_step_whose_worker_died_is_taken_up_by_the_next_sweep(town: Town) -> None:
    """F01 for a set-up step."""
    _bot_arrives()
    with transaction(), tenant_scope(_tenant().id):
        db.session.execute(
            update(SetupStep)
            .where(SetupStep.kind == SetupStepKind.BOT_PRESENT)
            .values(state=JobState.IN_PROGRESS, attempts=1, lease_token="gone", lease_until=utcnow().replace(year=2020))
        )

    assert _run_all()[SetupStepKind.BOT_PRESENT] == JobState.DONE


def test_the_wait_between_attempts_grows(town: Town) -> None:
    with frozen(utcnow()):
        town.bot.away = True
        _bot_arrives()
        _run_all()
    with tenant_scope(_tenant().id):
        step = setup_progress().step(SetupStepKind.COPY_GUILD)
        assert step is not None and step.last_code == "bot_unreachable" and step.due_at > utcnow()
