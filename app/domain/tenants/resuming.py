"""How a community goes on: after its bot came back, after a step failed. For use inside a verb's transaction."""

from __future__ import annotations

from sqlalchemy import select

from app.db.claimable import JobState
from app.db.scope import tenant_scope
from app.domain.clock import utcnow
from app.domain.tenants.models import SetupStep, TenantState
from app.domain.tenants.queries import bot_settings
from app.extensions import db


def state_by_choices(tenant_id: int) -> TenantState:
    """What a community with its bot is: active once the owner has made both choices."""
    with tenant_scope(tenant_id):
        settings = bot_settings()
        is_decided = settings.chosen_at is not None and settings.channels_confirmed_at is not None
    return TenantState.ACTIVE if is_decided else TenantState.SETTING_UP


def restart_steps() -> None:
    """Let this tenant's unfinished set-up steps run again at once, inside the caller's transaction."""
    for step in db.session.scalars(select(SetupStep).where(SetupStep.state.in_((JobState.PENDING, JobState.FAILED)))):
        step.state, step.due_at, step.last_code, step.attempts = JobState.PENDING, utcnow(), None, 0
