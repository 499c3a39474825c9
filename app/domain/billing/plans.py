"""The plans: the one place with limits and prices."""

from __future__ import annotations

from dataclasses import dataclass

UNLIMITED = None


@dataclass(frozen=True)
class Plan:
    """What a tenant may use; None is without limit."""

    name: str
    staff: int | None
    retention_days: int | None
    webhooks: int | None


STUDIO_PLUS = Plan("studio_plus", staff=UNLIMITED, retention_days=UNLIMITED, webhooks=UNLIMITED)
PLANS: dict[str, Plan] = {STUDIO_PLUS.name: STUDIO_PLUS}


def first_plan() -> Plan:
    """The plan of a new tenant. While billing is off everybody has the largest."""
    return STUDIO_PLUS
