"""The plans: the one place with limits and prices."""

from __future__ import annotations

from dataclasses import dataclass

UNLIMITED = None
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Plan:
    """What a tenant may use; None is without limit."""

    name: str
    staff: int | None
    retention_days: int | None
    webhooks: int | None
    files_bytes: int | None
    """Attached files of all messages together."""
    largest_file_bytes: int
    """One attached file; never without limit, as somebody else chooses what is sent."""
    file_kinds: tuple[str, ...] | None
    """Content types such as `image/*`."""


STUDIO_PLUS = Plan(
    "studio_plus",
    staff=UNLIMITED,
    retention_days=UNLIMITED,
    webhooks=UNLIMITED,
    files_bytes=UNLIMITED,
    largest_file_bytes=100 * MEGABYTE,
    file_kinds=UNLIMITED,
)
PLANS: dict[str, Plan] = {STUDIO_PLUS.name: STUDIO_PLUS}


def first_plan() -> Plan:
    """The plan of a new tenant. While billing is off everybody has the largest."""
    return STUDIO_PLUS


def plan_of(name: str) -> Plan:
    """The plan of this name. Raises `KeyError` for a name that is no plan: the column holds nothing else."""
    return PLANS[name]
