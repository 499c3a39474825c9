"""Text as a cell of a CSV file that a spreadsheet opens without running it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

BOM = "\ufeff"
"""By this spreadsheets know that the file is UTF-8."""
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Also the wide signs that some spreadsheets take for the narrow ones."""


def cell(text: object) -> str:
    """`text`, with an apostrophe before it where a spreadsheet would take it for a formula (also after spaces)."""
    written = "" if text is None else str(text)
    bare = written.lstrip(" \u00a0\ufeff")
    return f"'{written}" if bare.startswith(_BEGINS_A_FORMULA) else written


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV (RFC 4180): every text quoted, lines ended by CR LF."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([cell(one) for one in row] for row in rows)
    return out.getvalue()
