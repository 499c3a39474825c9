"""What is stored of people, where, and what becomes of it: read from what the tables say of themselves."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.db.personal import Erase, mapped_tables, personal_columns


@dataclass(frozen=True)
class MappedTable:
    """One table that holds something of people."""

    name: str
    purpose: str
    is_global: bool
    holds: tuple[tuple[str, str], ...]
    """(what, its columns)."""
    on_erasure: tuple[str, ...]


ON_ERASURE: dict[Erase, LazyString] = {
    Erase.ROW: _l("The row is deleted."),
    Erase.BLANK: _l("The person is taken out of the row."),
    Erase.LISTED: _l("The person is taken out of the list."),
    Erase.NOTED: _l("The note is emptied where it names them."),
    Erase.BY_RULE: _l("By a rule of its own: see “What an erasure does” in the documentation."),
}


def data_map() -> list[MappedTable]:
    """Every table that holds something of people, by name."""
    found = []
    for name, model in sorted(mapped_tables().items()):
        columns = list(personal_columns(model.__table__))  # type: ignore[arg-type]
        if not columns:
            continue
        holds: dict[str, list[str]] = {}
        for column, declared in columns:
            holds.setdefault(str(declared.what), []).append(column.name)
        rules = dict.fromkeys(declared.erase for _column, declared in columns if declared.erase is not None)
        found.append(
            MappedTable(
                name,
                _purpose_of(model),
                "tenant_id" not in model.__table__.columns,
                tuple((what, ", ".join(names)) for what, names in holds.items()),
                tuple(str(ON_ERASURE[rule]) for rule in rules) or (str(ON_ERASURE[Erase.ROW]),),
            )
        )
    return found


def _purpose_of(model: type) -> str:
    """The first line that its class says of itself; that it is global is told beside it."""
    line = (model.__doc__ or "").split("\n")[0].replace("`", "")
    return line.partition(" Global")[0]
