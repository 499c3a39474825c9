"""The receipt of an erasure: what was deleted and what was withheld, in numbers, signed by this installation.

It names nobody. Whoever knows the person's id can see that the receipt is theirs: `person` is SHA-256 of `salt:id`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.db.ids import new_salt
from app.domain.seals import is_sealed, sealed

PURPOSE = "erasure receipt v1"
FORMAT = "snowflake-panel erasure receipt 1"


class Withheld(StrEnum):
    """Why something was left for now."""

    HOLD = "hold"
    OPEN_CASE = "open_case"
    BAN = "ban"
    MEMBER = "member"
    OWNER = "owner"


UNTIL: dict[str, LazyString] = {
    Withheld.HOLD: _l("A legal hold is on it. It is erased by itself once the hold is lifted."),
    Withheld.OPEN_CASE: _l("A case about them is open. It is erased by itself once the case is closed."),
    Withheld.BAN: _l("A ban is in force: the bare id stays until it is lifted."),
    Withheld.MEMBER: _l("They are a member: name and roles stay as long as they are in the server."),
    Withheld.OWNER: _l("They own a community here. Hand it over or delete it first."),
}


@dataclass(frozen=True)
class Receipt:
    """A receipt as it is kept: its text, byte for byte, and the signature over it."""

    text: str
    signature: str


def write(
    *,
    erasure_id: int,
    user_id: int,
    community: Mapping[str, str] | None,
    ordered_at: datetime,
    made_at: datetime,
    by_operator: bool,
    counts: Mapping[str, int],
    withheld: Mapping[str, list[Any]],
) -> Receipt:
    """Write and sign a receipt. Raises `NoSigningKey`."""
    salt = new_salt()
    left = [
        {"part": part, "why": why, "rows": rows, "until": str(UNTIL[why])}
        for part, reasons in sorted(withheld.items())
        for why, rows in reasons
    ]
    text = json.dumps(
        {
            "format": FORMAT,
            "erasure": str(erasure_id),
            "community": dict(community) if community is not None else None,
            "person": _person(salt, user_id),
            "salt": salt,
            "ordered_at": ordered_at.isoformat(timespec="seconds"),
            "ordered_by": "operator" if by_operator else "community",
            "made_at": made_at.isoformat(timespec="seconds"),
            "deleted": {name: counts[name] for name in sorted(counts)},
            "withheld": left,
            "is_complete": not left,
        },
        ensure_ascii=False,
        indent=2,
    )
    return Receipt(text, sealed(PURPOSE, text))


def is_genuine(receipt: Receipt) -> bool:
    """True where this installation signed just this text, under any key that it still holds."""
    return is_sealed(receipt.signature, PURPOSE, receipt.text)


def is_about(receipt: Receipt, user_id: int) -> bool:
    """True where the receipt is this person's."""
    told = json.loads(receipt.text)
    return hmac.compare_digest(str(told.get("person", "")), _person(str(told.get("salt", "")), user_id))


def _person(salt: str, user_id: int) -> str:
    return hashlib.sha256(f"{salt}:{user_id}".encode()).hexdigest()
