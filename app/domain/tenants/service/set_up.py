"""After an install: what the panel does by itself, step by step, and what it asks of the owner."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _

from app.clients import clients
from app.clients import errors as outside
from app.clients.bot_api.port import Answer, Caller
from app.config import Timings
from app.contracts.jobs import Job
from app.contracts.live import Signal, Topic
from app.db.claimable import Claim, JobState, claim, settle
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import on_commit, transaction
from app.domain.access import Actor, Permission, SystemActor, requires, system_only
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.errors import Invalid
from app.domain.live.service import LIVE, announce
from app.domain.tenants import queries, retention
from app.domain.tenants.models import BotSettings, SetupStep, SetupStepKind, Tenant, TenantState
from app.domain.tenants.resuming import restart_steps
from app.domain.tenants.retention import ArchivePurpose
from app.domain.tenants.rights import bot_id_in
from app.domain.webhooks.models import WebhookPurpose
from app.domain.webhooks.queries import webhook_for
from app.extensions import db

SET_UP = SystemActor("set_up")
CLAIMED_AT_ONCE = 20
MOST_ROUNDS = 10
EARLIER_STEP_FAILED = "earlier_step_failed"
NO_CHANNEL = "no_channel"
STILL_RUNNING = "still_running"
BOT_NOT_SEEN = "bot_not_seen"
BOT_NOT_LET_IN = "bot_not_let_in"
REFUSED_THERE = frozenset({"discord_50001", "discord_50013", "discord_30007"})
"""Discord's refusals of one channel: missing access, missing permission, fifteen webhooks already. Another may do."""
MOST_TRIED = 3
WEBHOOK_STEPS = {
    SetupStepKind.WEBHOOK_ALERTS: WebhookPurpose.ALERTS,
    SetupStepKind.WEBHOOK_PUBLISH: WebhookPurpose.PUBLISH,
}


@dataclass(frozen=True)
class ChooseArchive:
    """What the owner wants kept: nothing, or messages for a purpose and a number of days (None: for good)."""

    keeps_messages: bool
    purpose: str | None = None
    retention_days: int | None = None


@dataclass(frozen=True)
class ConfirmChannels:
    """Where the panel may post. None switches that kind of post off."""

    alerts_channel_id: int | None
    publish_channel_id: int | None


@requires(Permission.SET_UP)
def choose_archive(actor: Actor, choice: ChooseArchive) -> BotSettings:
    """Decide what is archived and for how long. Before this nothing is stored. Raises `Invalid` naming the field.

    A later choice that keeps less is in force a day later (`retention.change`).
    """
    purpose = _checked_purpose(choice)
    with transaction():
        settings = queries.bot_settings()
        before = _archive_of(settings)
        settings.archive_enabled = choice.keeps_messages
        settings.archive_purpose = purpose
        _keep_for(actor, settings, choice)
        settings.chosen_at = utcnow()
        record(AUDIT, actor, "archive.chosen", actor.tenant_id, before=before, after=_archive_of(settings))
        _activate_when_ready(actor, settings)
        announce(LIVE, Signal(Topic.BOT, "settings"))
    return settings


def _keep_for(actor: Actor, settings: BotSettings, choice: ChooseArchive) -> None:
    """The first choice is in force at once; a later one that deletes waits a day, as on the privacy page."""
    if settings.chosen_at is None:
        settings.retention_days = choice.retention_days if choice.keeps_messages else None
        return
    days = choice.retention_days if choice.keeps_messages else 0
    target = (retention.EVERYWHERE, retention.Kept.MESSAGES)
    retention.change(retention.policy_in_force({}), target, days, asked_by=actor.user_id)


def _checked_purpose(choice: ChooseArchive) -> str | None:
    if not choice.keeps_messages:
        return None
    if choice.purpose not in set(ArchivePurpose):
        raise Invalid(_("Say what the messages are kept for."), fields={"purpose": _("Choose one of these.")})
    if not retention.is_choice(choice.retention_days):
        raise Invalid(_("Say for how long messages are kept."), fields={"retention": _("Choose one of these.")})
    return choice.purpose


def _archive_of(settings: BotSettings) -> dict[str, object]:
    return {
        "enabled": settings.archive_enabled,
        "purpose": settings.archive_purpose,
        "retention_days": settings.retention_days,
    }


@requires(Permission.SET_UP)
def confirm_channels(actor: Actor, choice: ConfirmChannels) -> BotSettings:
    """Confirm where alerts and announcements go; a webhook that is elsewhere is made anew there.

    Raises `Invalid` for a channel that is missing, cannot carry a webhook, or, for alerts, is seen by @everyone.
    """
    with transaction():
        _check_channels(actor.guild_id, choice)
        settings = queries.bot_settings()
        before = _channels_of(settings)
        settings.alerts_channel_id = choice.alerts_channel_id
        settings.publish_channel_id = choice.publish_channel_id
        settings.channels_confirmed_at = utcnow()
        for step in queries.setup_progress().steps:
            _repeat_where_needed(step, settings)
        record(AUDIT, actor, "channels.confirmed", actor.tenant_id, before=before, after=_channels_of(settings))
        _activate_when_ready(actor, settings)
        on_commit(lambda: clients().job_queue.wake(Job.RUN_SETUP_STEPS))
    return settings


def _check_channels(guild_id: int, choice: ConfirmChannels) -> None:
    found = queries.channel_choices(guild_id)
    wrong = {}
    if choice.alerts_channel_id is not None and choice.alerts_channel_id not in {c.id for c in found.hidden}:
        wrong["alerts_channel_id"] = _("Choose a channel that @everyone cannot see.")
    if choice.publish_channel_id is not None and choice.publish_channel_id not in {c.id for c in found.all}:
        wrong["publish_channel_id"] = _("Choose one of the server's channels.")
    if wrong:
        raise Invalid(_("These channels cannot be used."), fields=wrong)


def _channels_of(settings: BotSettings) -> dict[str, object]:
    return {
        "alerts": str(settings.alerts_channel_id) if settings.alerts_channel_id else None,
        "publish": str(settings.publish_channel_id) if settings.publish_channel_id else None,
    }


def _repeat_where_needed(step: SetupStep, settings: BotSettings) -> None:
    purpose = WEBHOOK_STEPS.get(SetupStepKind(step.kind))
    if purpose is None:
        return
    wanted, webhook = _channel_for(settings, purpose), webhook_for(purpose)
    is_elsewhere = wanted != (webhook.channel_id if webhook else None)
    if is_elsewhere or step.state != JobState.DONE:
        step.state, step.due_at, step.last_code, step.finished_at = JobState.PENDING, utcnow(), None, None
        step.lease_token, step.lease_until, step.attempts = None, None, 0


def _activate_when_ready(actor: Actor, settings: BotSettings) -> None:
    tenant = db.session.get_one(Tenant, actor.tenant_id)
    is_decided = settings.chosen_at is not None and settings.channels_confirmed_at is not None
    if is_decided and tenant.state == TenantState.SETTING_UP:
        tenant.state = TenantState.ACTIVE


@requires(Permission.SET_UP)
def retry_setup(actor: Actor) -> None:
    """Run the steps again that failed."""
    with transaction():
        restart_steps()
        record(AUDIT, actor, "setup.retried", actor.tenant_id)
        on_commit(lambda: clients().job_queue.wake(Job.RUN_SETUP_STEPS))


@system_only
def run_setup_steps(system: SystemActor) -> int:
    """Run every step that is due, in its order within each community. Answers how many were run."""
    ran = 0
    for _round in range(MOST_ROUNDS):
        with all_tenants(reason="a sweep claims the due set-up steps of every community"):
            claimed = claim(SetupStep, CLAIMED_AT_ONCE, _timings().lease)
        order = list(SetupStepKind)
        for one in sorted(claimed, key=lambda c: (c.row.tenant_id, order.index(SetupStepKind(c.row.kind)))):
            ran += 1
            with tenant_scope(one.row.tenant_id):
                _run(system, one)
        if not claimed:
            break
    return ran


@dataclass(frozen=True)
class _Outcome:
    state: JobState
    code: str | None = None
    retry_in: float | None = None


DONE = _Outcome(JobState.DONE)


def _run(system: SystemActor, one: Claim[SetupStep]) -> None:
    step = one.row
    tenant = db.session.get_one(Tenant, step.tenant_id)
    outcome = _waiting_for_earlier(step) or _attempt(system, tenant, step)
    with transaction():
        finished = {"finished_at": utcnow()} if outcome.state is JobState.DONE else {}
        settle(SetupStep, one.token, outcome.state, code=outcome.code, retry_in=outcome.retry_in, **finished)
        announce(LIVE, Signal(Topic.JOBS, f"setup_step:{step.kind}"))


def _waiting_for_earlier(step: SetupStep) -> _Outcome | None:
    order = list(SetupStepKind)
    place = order.index(SetupStepKind(step.kind))
    earlier = [s for s in queries.setup_progress().steps if s.kind in order[: min(place, 2)]]
    if any(s.state == JobState.FAILED for s in earlier):
        return _Outcome(JobState.FAILED, EARLIER_STEP_FAILED)
    if any(s.state != JobState.DONE for s in earlier):
        return _Outcome(JobState.PENDING, step.last_code, _timings().sweep)
    return None


def _attempt(system: SystemActor, tenant: Tenant, step: SetupStep) -> _Outcome:
    kind = SetupStepKind(step.kind)
    try:
        if kind is SetupStepKind.BOT_PRESENT:
            return _look_for_bot(tenant)
        if kind is SetupStepKind.COPY_GUILD:
            return _outcome(step, _ask_bot(system, tenant, "/guild/copy", {}))
        return _seed_webhook(system, tenant, step, WEBHOOK_STEPS[kind])
    except outside.Unavailable as error:
        return _Outcome(JobState.PENDING, error.code, error.retry_after or _timings().retry(step.attempts))


def _look_for_bot(tenant: Tenant) -> _Outcome:
    presence = queries.presence_of(tenant.guild_id)
    if presence is not None and presence.is_present:
        return DONE
    return _Outcome(JobState.PENDING, BOT_NOT_SEEN, _timings().sweep)


def _seed_webhook(system: SystemActor, tenant: Tenant, step: SetupStep, purpose: WebhookPurpose) -> _Outcome:
    settings = queries.bot_settings()
    if settings.channels_confirmed_at is not None:
        chosen = _channel_for(settings, purpose)
        return _placed(system, tenant, step, purpose, chosen) if chosen is not None else DONE
    proposals = _proposals(system, tenant, purpose)
    tried: list[_Outcome] = []
    for channel_id in proposals.usable[:MOST_TRIED]:
        # Before Discord is asked: where it refuses, the page shows which channel was meant.
        _remember_proposal(purpose, channel_id)
        outcome = _placed(system, tenant, step, purpose, channel_id)
        if outcome.code not in REFUSED_THERE:
            return outcome
        tried.append(outcome)
    best = (*proposals.usable, *proposals.closed)
    if not best:
        return _Outcome(JobState.FAILED, NO_CHANNEL)
    _remember_proposal(purpose, best[0])
    return tried[0] if tried else _Outcome(JobState.FAILED, BOT_NOT_LET_IN)


def _placed(system: SystemActor, tenant: Tenant, step: SetupStep, purpose: WebhookPurpose, channel_id: int) -> _Outcome:
    body = {"purpose": purpose.value, "channel_id": str(channel_id)}
    return _outcome(step, _ask_bot(system, tenant, "/webhooks", body))


def _proposals(system: SystemActor, tenant: Tenant, purpose: WebhookPurpose) -> queries.Proposals:
    live = _ask_bot(system, tenant, "/guild", None, method="GET")
    word = live.body.get("system_channel_id") if live.status == 200 else None
    system_channel_id = int(word) if isinstance(word, str) and word.isdigit() else None
    return queries.proposals_for(purpose, tenant.guild_id, system_channel_id, bot_id_in(tenant, system))


def _channel_for(settings: BotSettings, purpose: WebhookPurpose) -> int | None:
    return settings.alerts_channel_id if purpose is WebhookPurpose.ALERTS else settings.publish_channel_id


def _remember_proposal(purpose: WebhookPurpose, channel_id: int) -> None:
    with transaction():
        settings = queries.bot_settings()
        if settings.channels_confirmed_at is not None:
            return  # the owner was faster
        if purpose is WebhookPurpose.ALERTS:
            settings.alerts_channel_id = channel_id
        else:
            settings.publish_channel_id = channel_id


def _ask_bot(
    system: SystemActor, tenant: Tenant, path: str, body: dict[str, str] | None, *, method: str = "POST"
) -> Answer:
    caller = Caller(tenant.id, tenant.guild_id, system.header)
    return clients().bot_api.call(caller, method, path, body=body)


def _outcome(step: SetupStep, answer: Answer) -> _Outcome:
    if answer.status == 202:
        return _Outcome(JobState.PENDING, STILL_RUNNING, _timings().sweep / 5)
    if answer.status < 300:
        return DONE
    code = str(answer.body.get("code") or f"status_{answer.status}")[:64]
    if answer.status >= 500 or answer.status in (408, 425, 429):
        return _Outcome(JobState.PENDING, code, _timings().retry(step.attempts))
    return _Outcome(JobState.FAILED, code)


def _timings() -> Timings:
    timings: Timings = current_app.config["SETTINGS"].timings
    return timings
