"""Everything of this feature that waits to be done."""

from __future__ import annotations

from app.domain.access import SystemActor, system_only
from app.domain.privacy.service.accounts import run_account_erasures
from app.domain.privacy.service.erasing import run_erasures
from app.domain.privacy.service.exporting import run_personal_exports
from app.domain.privacy.service.noticing import run_notices
from app.domain.privacy.service.requests import remind_of_requests

PRIVACY = SystemActor("privacy")


@system_only
def run_due_work(system: SystemActor) -> int:
    """Erasures, accounts, copies for people, notices to members; and a word about requests that run out. Answers how many jobs were claimed."""
    remind_of_requests(system)
    return run_erasures(system) + run_account_erasures(system) + run_personal_exports(system) + run_notices(system)
