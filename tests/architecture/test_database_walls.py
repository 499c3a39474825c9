"""Nothing reaches the database past `app/db`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import ForeignKeyConstraint

from app.bootstrap import TABLES
from app.db.base import TenantScoped, tenant_tables
from app.extensions import db
from tests.architecture.source import PRODUCT, called_name, calls, name_of, python_files, receiver, tree_of

OUTSIDE_DB = [path for path in python_files(*PRODUCT) if not name_of(path).startswith("app/db/")]
BANNED_CALLS = {
    "from_statement": "it skips the tenant filter; write an ORM statement",
    "bulk_save_objects": "it skips the tenant stamp; use app.db.upsert.bulk_upsert",
    "bulk_insert_mappings": "it skips the tenant stamp; use app.db.upsert.bulk_upsert",
    "bulk_update_mappings": "it skips the tenant stamp; use app.db.upsert.bulk_upsert",
    "returning": "MySQL has no RETURNING; make the id with app.db.ids before you write",
    "raw_connection": "it skips both walls; write it in app/db, which binds the tenant",
    "exec_driver_sql": "it skips both walls; write it in app/db, which binds the tenant",
    "begin_nested": "nested transaction() blocks join; there are no savepoints",
}
SEARCH_INDEX = {"message_terms", "revision_terms", "words"}
ARCHIVE = {"messages", "message_revisions", "message_terms", "revision_terms", "words", "attachments"}


@pytest.mark.parametrize("path", OUTSIDE_DB, ids=name_of)
def test_no_raw_database_calls_outside_app_db(path: Path) -> None:
    for call in calls(path):
        reason = _past_the_walls(call)
        assert reason is None, f"{name_of(path)}:{call.lineno} {reason}"


def _past_the_walls(call: ast.Call) -> str | None:
    """What is wrong with a call outside `app/db`, and the cure."""
    name, owner = called_name(call), receiver(call)
    if name in BANNED_CALLS and owner:
        return f"calls .{name}(): {BANNED_CALLS[name]}"
    if name in ("connect", "begin") and re.search(r"engine|bind", owner):
        return "opens a connection: put the statement into app/db"
    if name == "connection" and "session" in owner:
        return "takes the session's connection: put the statement into app/db"
    if name in ("commit", "rollback") and "session" in owner:
        return f"calls {owner}.{name}(): only `with transaction():` commits"
    if name == "values" and "update(" in owner and _names_tenant(call):
        return "sets tenant_id in an update: rows never change their tenant"
    return None


def _names_tenant(call: ast.Call) -> bool:
    """In `values(tenant_id=…)`, `values({"tenant_id": …})` and `values({Case.tenant_id: …})`."""
    keys = [key for argument in call.args if isinstance(argument, ast.Dict) for key in argument.keys if key is not None]
    named = [keyword.arg for keyword in call.keywords] + [ast.unparse(key).strip("'\"") for key in keys]
    return any(name is not None and name.split(".")[-1] == "tenant_id" for name in named)


@pytest.mark.parametrize(
    "written",
    [
        "db.engine.connect()",
        "db.engines['x'].begin()",
        "db.session.get_bind().connect()",
        "db.session.connection()",
        "select(Case).from_statement(x)",
        "db.session.bulk_save_objects(rows)",
        "db.session.bulk_insert_mappings(Case, rows)",
        "db.session.bulk_update_mappings(Case, rows)",
        "db.session.commit()",
        "update(Case).where(Case.id == 1).values(tenant_id=2)",
        "update(Case).values({'tenant_id': 2})",
        "update(Case).values({Case.tenant_id: 2})",
        "insert(Case).returning(Case.id)",
    ],
)
def test_the_wall_sees_what_it_is_for(written: str) -> None:
    found = [_past_the_walls(node) for node in ast.walk(ast.parse(written)) if isinstance(node, ast.Call)]
    assert any(found)


@pytest.mark.parametrize("path", OUTSIDE_DB, ids=name_of)
def test_text_of_sqlalchemy_is_imported_in_app_db_alone(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            banned = {alias.name for alias in node.names} & {"text", "literal_column"}
            assert not banned, f"{name_of(path)}:{node.lineno} imports {banned}: raw SQL lives in app/db alone"


def test_keys_of_tenant_tables_begin_with_tenant_id() -> None:
    assert TABLES is not None
    names = tenant_tables()
    assert len(names) > 10
    for name in names:
        first = next(iter(db.metadata.tables[name].primary_key.columns)).name
        assert first == "tenant_id", (
            f"{name}: its key must begin with tenant_id, or one tenant's upsert can hit another's row"
        )


def test_foreign_keys_between_tenant_tables_carry_the_tenant_and_never_set_null() -> None:
    names = tenant_tables()
    for name in names:
        table = db.metadata.tables[name]
        for constraint in table.constraints:
            if not isinstance(constraint, ForeignKeyConstraint):
                continue
            assert constraint.ondelete in (None, "CASCADE", "RESTRICT"), f"{name}: SET NULL would null the tenant"
            if constraint.referred_table.name in names:
                assert "tenant_id" in constraint.column_keys, (
                    f"{name}: a foreign key between tenant tables is composite"
                )
        referred = {c.referred_table.name for c in table.constraints if isinstance(c, ForeignKeyConstraint)}
        assert name in SEARCH_INDEX or "tenants" in referred, f"{name}: tenant_id must refer to tenants"
        assert not (name in ARCHIVE and referred & ARCHIVE), f"{name}: no foreign keys between the archive's tables"


def test_every_tenant_table_is_mapped_with_the_mixin() -> None:
    for mapper in db.Model.registry.mappers:
        columns = mapper.local_table.columns  # type: ignore[union-attr]
        globals_with_tenant = {"memberships", "role_grants", "invitations"}
        if "tenant_id" in columns and mapper.local_table.name not in globals_with_tenant:  # type: ignore[attr-defined]
            assert issubclass(mapper.class_, TenantScoped), f"{mapper.class_.__name__}: inherit TenantScoped"
