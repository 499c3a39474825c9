"""Several counts in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db


def count_each(queries: Sequence[Select[Any]]) -> list[int]:
    """How many rows each query has; a `limit` in a query is where its count ends."""
    if not queries:
        return []
    counts = [select(func.count()).select_from(query.subquery()).scalar_subquery() for query in queries]
    return [int(count) for count in db.session.execute(select(*counts)).one()]
