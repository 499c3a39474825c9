"""Proof that nothing happened: a checksum of every table, and the outsiders' ledgers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import Table, select

from app.clients import Clients
from app.clients.bot_api.port import Caller
from app.db.scope import all_tenants
from app.extensions import db

REASON = "the test adds up every table"


def checksums(app: Flask, *, tenant_id: int | None = None) -> dict[str, str]:
    """Table → checksum of its rows; of one tenant's rows alone where `tenant_id` is given."""
    found = {}
    with app.app_context(), all_tenants(reason=REASON), db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            statement = select(table).order_by(*table.primary_key.columns)
            if tenant_id is not None:
                column = _tenant_column(table)
                if column is None:
                    continue
                statement = statement.where(column == tenant_id)
            digest = hashlib.sha256()
            for row in connection.execute(statement):
                digest.update(repr(tuple(row)).encode())
            found[table.name] = digest.hexdigest()
    return found


def _tenant_column(table: Table):  # type: ignore[no-untyped-def]
    return table.columns["id"] if table.name == "tenants" else table.columns.get("tenant_id")


def ledger(app: Flask) -> dict[str, int]:
    """How often each outsider was asked for something.

    Not counted: what a page of one's own community has the panel itself ask, now and then, about the bot's rights there.
    """
    clients: Clients = app.extensions["clients"]
    return {
        "bot": sum(not _is_about_the_bots_rights(*one) for one in clients.bot_api.calls),  # type: ignore[attr-defined]
        "discord": len(clients.discord_guild.calls),  # type: ignore[union-attr]
        "jobs": len(clients.job_queue.woken),  # type: ignore[attr-defined]
        "fetches": len(clients.safe_http.asked),  # type: ignore[attr-defined]
    }


def _is_about_the_bots_rights(caller: Caller, method: str, path: str, _body: object) -> bool:
    return caller.actor.startswith("system:") and (method, path) == ("GET", "/permissions")


@contextmanager
def nothing_changes(app: Flask, doing: str) -> Iterator[None]:
    """Fail where the block changes a row of any table or reaches an outsider."""
    before, asked = checksums(app), ledger(app)
    yield
    after = checksums(app)
    changed = sorted(name for name, sum_ in after.items() if before[name] != sum_)
    assert not changed, f"{doing} changed {changed}"
    assert ledger(app) == asked, f"{doing} reached an outsider: {asked} → {ledger(app)}"
