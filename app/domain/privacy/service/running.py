"""Everything of this feature that waits to be done."""

from __future__ import annotations

from app.domain.access import SystemActor, system_only
from app.domain.privacy.service.accounts import run_account_erasures
from app.domain.privacy.service.erasing import run_erasures
from app.domain.privacy.service.exporting import run_personal_exports

PRIVACY = SystemActor("privacy")


@system_only
def run_due_work(system: SystemActor) -> int:
    """Erasures, accounts, then copies for people. Answers how many jobs were claimed."""
    return run_erasures(system) + run_account_erasures(system) + run_personal_exports(system)
