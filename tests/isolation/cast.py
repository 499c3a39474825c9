"""Who walks: the cast, an admin beside them, a stranger, and nobody."""

from __future__ import annotations

from app.domain.access import Role
from tests.servers.sandbox import ALICE, BOB, CHARLIE, STAN, VERA

ADA = 200000000000000008
"""Admin of A."""
PAT = 200000000000000009
"""Another moderator of A, whom others change, and a viewer of B."""

INSIDERS: dict[int, Role] = {ALICE: Role.OWNER, ADA: Role.ADMIN, BOB: Role.MODERATOR, VERA: Role.VIEWER}
OUTSIDERS = (CHARLIE, STAN)
NOBODY = 0
NAMES = {ALICE: "Alice", ADA: "Ada", BOB: "Bob", VERA: "Vera", CHARLIE: "Charlie", STAN: "a stranger", NOBODY: "nobody"}


def holder_of(role: Role) -> int:
    """The insider with just this role."""
    return next(user_id for user_id, held in INSIDERS.items() if held is role)
