"""Everything of this feature that waits to be done."""

from __future__ import annotations

from app.domain.access import SystemActor, system_only
from app.domain.privacy.service.accounts import run_account_erasures
from app.domain.privacy.service.erasing import run_erasures
from app.domain.privacy.service.exporting import run_personal_exports
from app.domain.privacy.service.noticing import run_notices

PRIVACY = SystemActor("privacy")


@system_only
def run_due_work(system: SystemActor) -> int:
    """Erasures, accounts, copies for people, notices to members. Answers how many jobs were claimed."""
    return run_erasures(system) + run_account_erasures(system) + run_personal_exports(system) + run_notices(system)
