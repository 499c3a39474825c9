"""What tables weigh on disk, as far as the database tells."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.exc import OperationalError

from app.extensions import db

_MYSQL = text(
    "SELECT table_name, data_length + index_length FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name IN :names"
).bindparams(bindparam("names", expanding=True))
_SQLITE = text(
    "SELECT m.tbl_name, SUM(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name"
    " WHERE s.aggregate = TRUE AND m.tbl_name IN :names GROUP BY m.tbl_name"
).bindparams(bindparam("names", expanding=True))


def bytes_of(tables: Sequence[str]) -> dict[str, int]:
    """Bytes of each table with its indexes: measured by SQLite, by MySQL and MariaDB as of their last statistics.

    Empty where SQLite was built without `dbstat`.
    """
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        try:
            rows = connection.execute(_SQLITE if is_sqlite else _MYSQL, {"names": list(tables)}).all()
        except OperationalError:
            if not is_sqlite:
                raise
            return {}
    return {str(name): int(size or 0) for name, size in rows}
