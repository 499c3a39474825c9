"""Asking to be erased, and answering within thirty days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.contracts.live import Signal, Topic
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import retriable, transaction
from app.domain.access import Actor, Permission, Role, SystemActor, requires, signed_in, system_only
from app.domain.accounts.models import User
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.live.service import LIVE, announce
from app.domain.notifications.kinds import Kind
from app.domain.notifications.service import NOTIFY, close_condition, open_condition
from app.domain.privacy import queries
from app.domain.privacy.models import ErasureRequest, RequestStatus
from app.domain.privacy.ordering import order
from app.domain.staff.queries import staff_members
from app.extensions import db

ANSWER_WITHIN = timedelta(days=30)
REMIND_BEFORE = timedelta(days=5)
LONGEST_WORDS = 1000


@dataclass(frozen=True)
class AskErasure:
    """Of which community (its guild), and what the person has to say."""

    guild_id: int
    words: str = ""


@dataclass(frozen=True)
class AnswerRequest:
    """Grant it, or decline it with a reason that the person reads."""

    request_id: int
    grants: bool
    words: str = ""


@signed_in
@retriable
def ask_erasure(user_id: int, asked: AskErasure) -> ErasureRequest:
    """Ask a community to erase what it keeps about me; asking again answers the request that waits.

    Raises `NotFound` where the community keeps nothing about me, the same as where there is none.
    """
    tenant = queries.community_keeping(user_id, asked.guild_id)
    with tenant_scope(tenant.id), transaction():
        if tenant.owner_id == user_id:
            raise Conflict(_("You own this community. Hand it over or delete it first."), code="owner_cannot_be_erased")
        waiting = db.session.scalar(
            select(ErasureRequest).where(
                ErasureRequest.user_id == user_id, ErasureRequest.status == RequestStatus.WAITING
            )
        )
        if waiting is not None:
            return waiting
        person = db.session.get(User, user_id)
        now = utcnow()
        request = ErasureRequest(
            user_id=user_id,
            user_name=person.display_name if person is not None else "",
            words=asked.words.strip()[:LONGEST_WORDS],
            asked_at=now,
            answer_by=now + ANSWER_WITHIN,
        )
        db.session.add(request)
        db.session.flush()
        _tell_who_may_answer(request)
        announce(LIVE, Signal(Topic.QUEUE, f"erasure_request:{request.id}"))
    return request


@signed_in
@retriable
def withdraw_request(user_id: int, guild_id: int) -> None:
    """Take my waiting request back. Raises `NotFound` where none waits."""
    tenant = queries.community_keeping(user_id, guild_id)
    with tenant_scope(tenant.id), transaction():
        request = db.session.scalar(
            select(ErasureRequest)
            .where(ErasureRequest.user_id == user_id, ErasureRequest.status == RequestStatus.WAITING)
            .with_for_update()
        )
        if request is None:
            raise NotFound(_("No request of yours waits there."))
        request.status, request.answered_at = RequestStatus.WITHDRAWN, utcnow()
        _is_over(request)


@requires(Permission.ANSWER_PRIVACY_REQUESTS)
@retriable
def answer_request(actor: Actor, answer: AnswerRequest) -> ErasureRequest:
    """Grant a request, which orders the erasure, or decline it.

    Raises `NotFound`, `Forbidden` for one's own, `Conflict` where it was answered meanwhile, `Invalid` for a refusal
    without a reason.
    """
    words = answer.words.strip()[:LONGEST_WORDS]
    if not answer.grants and not words:
        raise Invalid(_("Say why: they will read it."), fields={"words": _("Say why: they will read it.")})
    with transaction():
        request = db.session.scalar(
            select(ErasureRequest).where(ErasureRequest.id == answer.request_id).with_for_update()
        )
        if request is None:
            raise NotFound(_("There is no such request."))
        if request.status != RequestStatus.WAITING or request.user_id is None:
            raise Conflict(_("This request was answered already."), code="already_answered")
        if request.user_id == actor.user_id:  # it would take their own acts out of the activity log
            raise Forbidden(_("Somebody else answers your own request."), code="own_request")
        request.status = RequestStatus.GRANTED if answer.grants else RequestStatus.DECLINED
        request.answered_at, request.answered_by, request.answer = utcnow(), actor.user_id, words
        if answer.grants:
            request.erasure_id = order(actor, request.user_id).id
        record(AUDIT, actor, "erasure_request.answered", request.id, after={"status": request.status})
        _is_over(request)
    return request


@system_only
@retriable
def remind_of_requests(_system: SystemActor) -> int:
    """Tell whoever may answer once more, five days before the thirty are over. Answers how many requests that was."""
    late = select(ErasureRequest).where(
        ErasureRequest.status == RequestStatus.WAITING,
        ErasureRequest.answer_by < utcnow() + REMIND_BEFORE,
        ErasureRequest.reminded_at.is_(None),
    )
    with all_tenants(reason="requests of all communities are looked through for those that run out"):
        found = [(one.tenant_id, one.id) for one in db.session.scalars(late.limit(50))]
    for tenant_id, request_id in found:
        with tenant_scope(tenant_id), transaction():
            request = db.session.scalar(late.where(ErasureRequest.id == request_id).with_for_update())
            if request is not None:
                request.reminded_at = utcnow()
                _tell_who_may_answer(request)
    return len(found)


def _tell_who_may_answer(request: ErasureRequest) -> None:
    answering = [one.user.id for one in staff_members(request.tenant_id) if one.role >= Role.ADMIN]
    open_condition(NOTIFY, Kind.ERASURE_REQUESTED, user_ids=answering, subject=f"erasure_request:{request.id}")


def _is_over(request: ErasureRequest) -> None:
    close_condition(NOTIFY, Kind.ERASURE_REQUESTED, subject=f"erasure_request:{request.id}")
    announce(LIVE, Signal(Topic.QUEUE, f"erasure_request:{request.id}"))
