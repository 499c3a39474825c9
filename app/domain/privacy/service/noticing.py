"""Telling the members what is kept: posted once, through the managed webhook, where the owner confirmed announcements."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.clients import clients
from app.clients import errors as outside
from app.clients.bot_api.port import Answer, Caller
from app.config import Timings
from app.contracts.jobs import Job
from app.contracts.live import Signal, Topic
from app.db.claimable import Claim, JobState, claim, database_now, settle
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import on_commit, retriable, transaction
from app.domain.access import Actor, Permission, SystemActor, requires, system_only
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.errors import Conflict, Invalid
from app.domain.live.service import LIVE, announce
from app.domain.privacy import queries
from app.domain.privacy.models import MemberNotice
from app.domain.tenants.models import Tenant
from app.domain.webhooks.models import WebhookPurpose
from app.extensions import db

LONGEST_TEXT = 2000
CLAIMED_AT_ONCE = 5
NOBODY_KNOWS = "outcome_unknown"


@requires(Permission.MANAGE_PRIVACY)
@retriable
def post_notice(actor: Actor, text: str) -> MemberNotice:
    """Have the notice posted. Raises `Conflict` while one is on its way or nothing is confirmed to post to."""
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Invalid(_("A message has 1 to 2,000 characters."), fields={"text": _("1 to 2,000 characters.")})
    with transaction():
        if queries.notice_channel() is None:
            raise Conflict(_("Choose and confirm in the set-up where announcements go."), code="no_channel")
        waiting = MemberNotice.state.in_((JobState.PENDING, JobState.IN_PROGRESS))
        if db.session.scalar(select(MemberNotice.id).where(waiting).limit(1)) is not None:
            raise Conflict(_("A notice is on its way already."), code="notice_under_way")
        row = MemberNotice(text=text, asked_by=actor.user_id, asked_at=utcnow(), due_at=database_now())
        db.session.add(row)
        db.session.flush()
        record(AUDIT, actor, "notice.ordered", row.id)
        on_commit(lambda: clients().job_queue.wake(Job.RUN_PRIVACY_JOBS))
    return row


@system_only
def run_notices(system: SystemActor) -> int:
    """Post every notice that is due, each at most once: where nobody can say whether it was posted, it is not posted again.

    Answers how many were claimed.
    """
    with all_tenants(reason="the due notices of every community are claimed together"):
        waiting = MemberNotice.state.in_((JobState.PENDING, JobState.IN_PROGRESS))
        if db.session.scalar(select(MemberNotice.id).where(waiting, MemberNotice.due_at <= utcnow()).limit(1)) is None:
            return 0
        claimed = claim(MemberNotice, CLAIMED_AT_ONCE, _timings().lease)
    for one in claimed:
        with tenant_scope(one.row.tenant_id):
            _post(system, one)
    return len(claimed)


def _post(system: SystemActor, one: Claim[MemberNotice]) -> None:
    row = one.row
    if row.attempts > 1 and row.last_code != "bot_away":
        # Whoever had it before died in the middle: it may be in the channel already.
        _settled(one, JobState.CANCELLED, NOBODY_KNOWS)
        return
    tenant, channel_id = db.session.get_one(Tenant, row.tenant_id), queries.notice_channel()
    if channel_id is None:
        _settled(one, JobState.FAILED, "no_channel")
        return
    caller = Caller(tenant.id, tenant.guild_id, system.header)
    body = {"purpose": WebhookPurpose.PUBLISH.value, "channel_id": str(channel_id), "content": row.text}
    try:
        answer = clients().bot_api.call(caller, "POST", "/webhooks/messages", body=body)
    except outside.Unavailable as error:
        _away(one, error)
        return
    if answer.status == 200:
        _settled(
            one,
            JobState.DONE,
            None,
            posted_id=int(str(answer.body["id"])),
            channel_id=int(str(answer.body["channel_id"])),
        )
    elif answer.status >= 500:
        _settled(one, JobState.CANCELLED, NOBODY_KNOWS)
    else:
        _settled(one, JobState.FAILED, _code(answer))


def _away(one: Claim[MemberNotice], error: outside.Unavailable) -> None:
    """A bot that was not reached posted nothing; one that did not answer in time may have."""
    if error.code in ("bot_unreachable", "bot_circuit_open"):
        settle(MemberNotice, one.token, JobState.PENDING, code="bot_away", retry_in=_timings().retry(3))
    else:
        _settled(one, JobState.CANCELLED, NOBODY_KNOWS)


def _code(answer: Answer) -> str:
    return str(answer.body.get("code") or f"status_{answer.status}")[:64]


def _settled(one: Claim[MemberNotice], state: JobState, code: str | None, **outcome: int) -> None:
    with transaction():
        settle(MemberNotice, one.token, state, code=code, finished_at=utcnow(), **outcome)
        announce(LIVE, Signal(Topic.JOBS, f"member_notice:{one.row.id}"))


def _timings() -> Timings:
    timings: Timings = current_app.config["SETTINGS"].timings
    return timings
