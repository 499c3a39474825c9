"""The line that Discord's audit log shows for an act: the reason, who is responsible, and the case."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LONGEST_ENCODED = 512
"""Discord's limit for the `X-Audit-Log-Reason` header, counted after percent-encoding."""

LONGEST_ENCODED_NAME = 160
_OUR_CASE = re.compile(r", case (\d{1,9})\)$")


def audit_reason(reason: str, name: str, number: int) -> str:
    """`reason (name, case 41)` on one line, the reason cut so that all of it fits Discord's header."""
    suffix = f"({_cut(_one_line(name), LONGEST_ENCODED_NAME)}, case {number})"
    text = _cut(_one_line(reason), LONGEST_ENCODED - len(quote(" " + suffix)))
    return f"{text} {suffix}" if text else suffix


def case_number_in(reason: str | None) -> int | None:
    """The number that `audit_reason` put at the end, or None."""
    found = _OUR_CASE.search(reason or "")
    return int(found.group(1)) if found else None


def _one_line(text: str) -> str:
    """Without line breaks and control characters, which could forge lines in logs."""
    return " ".join("".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text).split())


def _cut(text: str, encoded: int) -> str:
    if len(quote(text)) <= encoded:
        return text
    room = encoded - len(quote("…"))
    used, kept = 0, []
    for one in text:
        used += len(quote(one))
        if used > room:
            break
        kept.append(one)
    return "".join(kept).rstrip() + "…"
