"""Tenancy that cannot be forgotten: every way to touch a tenant's rows, without and with a scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.orm import aliased, relationship

from app.db.scope import NoTenantScope, ScopeError, WrongTenant, all_tenants, tenant_scope
from app.db.transaction import transaction
from app.db.upsert import bulk_upsert
from app.domain.accounts.models import User
from app.domain.moderation.models import Case, CaseEvent, Counter
from app.domain.tenants.models import Tenant
from app.extensions import db

A, B = 1, 2


@pytest.fixture
def two_tenants(app: Flask) -> Iterator[None]:
    with transaction():
        db.session.add(User(id=7, username="owner", display_name="Owner"))
        db.session.flush()
        db.session.add_all(Tenant(id=i, guild_id=100 + i, slug=f"t{i}", name=f"T{i}", owner_id=7) for i in (A, B))
    with all_tenants(reason="the test fills two tenants"), transaction():
        for tenant_id in (A, B):
            for number in (1, 2, 3):
                case_id = tenant_id * 10 + number
                db.session.add(_case(tenant_id, case_id, number))
                db.session.flush()
                db.session.add(CaseEvent(tenant_id=tenant_id, id=case_id, case_id=case_id, kind="opened"))
    yield


def _case(tenant_id: int | None, case_id: int, number: int) -> Case:
    return Case(
        tenant_id=tenant_id,
        id=case_id,
        number=number,
        kind="ban",
        source="panel",
        target_id=5,
        target_name=f"of {tenant_id}",
    )


def _cte() -> Any:
    some = select(Case.id, Case.tenant_id).cte("some")
    return select(func.count()).select_from(some)


def _aliased() -> Any:
    other = aliased(Case)
    return select(func.count()).select_from(other)


READS: dict[str, tuple[Callable[[], Any], int]] = {
    "entities": (lambda: len(db.session.scalars(select(Case)).all()), 3),
    "columns": (lambda: len(db.session.execute(select(Case.id, Case.number)).all()), 3),
    "count": (lambda: db.session.scalar(select(func.count()).select_from(Case)), 3),
    "count of a column": (lambda: db.session.scalar(select(func.count(Case.id))), 3),
    "CTE": (lambda: db.session.scalar(_cte()), 3),
    "alias": (lambda: db.session.scalar(_aliased()), 3),
    "subquery": (lambda: db.session.scalar(select(func.count()).select_from(select(Case.id).subquery())), 3),
    "join": (
        lambda: len(
            db.session.execute(select(Case.id, CaseEvent.id).join(CaseEvent, CaseEvent.kind == "opened")).all()
        ),
        9,
    ),
    "legacy query": (lambda: db.session.query(Case).count(), 3),
    "get": (lambda: 3 if db.session.get(Case, (A, 11)) and db.session.get(Case, (B, 21)) is None else 0, 3),
    "union": (lambda: len(db.session.execute(select(Case.id).union_all(select(CaseEvent.id))).all()), 6),
}


@pytest.mark.parametrize("name", READS)
def test_without_a_scope_every_read_raises(two_tenants: None, name: str) -> None:
    with pytest.raises(NoTenantScope):
        READS[name][0]()


@pytest.mark.parametrize("name", READS)
def test_with_a_scope_every_read_sees_that_tenant_alone(two_tenants: None, name: str) -> None:
    read, expected = READS[name]
    with tenant_scope(A):
        assert read() == expected


def test_exists_is_filtered_and_raises_without_a_scope(two_tenants: None) -> None:
    only_b = select(Tenant.id).where(exists().where(Case.target_name == "of 2"))
    with pytest.raises(NoTenantScope):
        db.session.scalars(only_b).all()
    with tenant_scope(A):
        assert db.session.scalars(only_b).all() == []
    with tenant_scope(B):
        assert len(db.session.scalars(only_b).all()) == 2


def test_lazy_loads_raise_without_a_scope_and_are_filtered_with_one(two_tenants: None) -> None:
    if not hasattr(Case, "events_for_test"):
        Case.events_for_test = relationship(  # type: ignore[attr-defined]
            CaseEvent, primaryjoin="foreign(CaseEvent.kind) != Case.kind", viewonly=True, uselist=True
        )
    with tenant_scope(A):
        case = db.session.scalars(select(Case)).first()
        assert {event.tenant_id for event in case.events_for_test} == {A}  # type: ignore[union-attr]
        db.session.expire(case, ["events_for_test"])
        db.session.expunge(case)
    db.session.add(case)
    with pytest.raises(NoTenantScope):
        _ = case.events_for_test  # type: ignore[union-attr]
    db.session.expunge_all()


def test_bulk_update_and_delete_raise_without_a_scope_and_stay_inside_with_one(two_tenants: None) -> None:
    for statement in (update(Case).values(reason="x"), delete(CaseEvent)):
        with pytest.raises(NoTenantScope), transaction():
            db.session.execute(statement)
    with tenant_scope(A), transaction():
        db.session.execute(update(Case).values(reason="x"))
        db.session.execute(delete(CaseEvent))
    with all_tenants(reason="the test looks at both tenants"):
        assert sorted(db.session.scalars(select(Case.reason)).all()) == ["", "", "", "x", "x", "x"]
        assert set(db.session.scalars(select(CaseEvent.tenant_id)).all()) == {B}


def test_an_update_cannot_move_rows_to_another_tenant(two_tenants: None) -> None:
    with tenant_scope(A), pytest.raises(WrongTenant), transaction():
        db.session.execute(update(Case).values(tenant_id=B))


def test_a_new_row_is_stamped_and_a_row_of_another_tenant_is_refused(two_tenants: None) -> None:
    with tenant_scope(A), transaction():
        db.session.add(_case(None, 50, 50))
    with tenant_scope(A), pytest.raises(WrongTenant), transaction():
        db.session.add(_case(B, 51, 51))
    with pytest.raises(NoTenantScope), transaction():
        db.session.add(_case(A, 52, 52))
    with all_tenants(reason="the test looks at both tenants"):
        assert db.session.get(Case, (A, 50)) is not None
        assert db.session.scalar(select(func.count()).select_from(Case).where(Case.id >= 51)) == 0


def test_bulk_upsert_stamps_updates_and_refuses(two_tenants: None) -> None:
    with tenant_scope(A), transaction():
        bulk_upsert(Counter, [{"name": "case", "value": 1}])
        bulk_upsert(Counter, [{"name": "case", "value": 2}, {"name": "other", "value": 5}])
        bulk_upsert(Counter, [{"name": "other", "value": 9}], update=[])
    with tenant_scope(A), pytest.raises(WrongTenant), transaction():
        bulk_upsert(Counter, [{"tenant_id": B, "name": "case", "value": 3}])
    with pytest.raises(NoTenantScope), transaction():
        bulk_upsert(Counter, [{"name": "case", "value": 3}])
    with all_tenants(reason="a row must carry its own tenant here"):
        with pytest.raises(ScopeError), transaction():
            bulk_upsert(Counter, [{"name": "case", "value": 3}])
        with transaction():
            bulk_upsert(Counter, [{"tenant_id": B, "name": "case", "value": 7}])
        rows = {(c.tenant_id, c.name): c.value for c in db.session.scalars(select(Counter))}
    assert rows == {(A, "case"): 2, (A, "other"): 5, (B, "case"): 7}


def test_the_identity_map_is_empty_when_a_scope_ends(two_tenants: None) -> None:
    with tenant_scope(A):
        held = db.session.scalars(select(Case)).all()
        assert len(list(db.session)) == len(held) == 3
        with tenant_scope(B):
            assert len(list(db.session)) == 0
            held += db.session.scalars(select(Case)).all()
            assert len(list(db.session)) == 3
        assert len(list(db.session)) == 0
    assert len(list(db.session)) == 0


def test_sql_that_names_a_tenant_table_without_its_tenant_is_stopped_at_the_cursor(two_tenants: None) -> None:
    with pytest.raises(NoTenantScope):
        db.session.execute(text("SELECT count(*) FROM cases"))
    with tenant_scope(A):
        with pytest.raises(WrongTenant):
            db.session.execute(text("SELECT count(*) FROM cases"))
        with pytest.raises(WrongTenant):
            db.session.execute(text("SELECT count(*) FROM cases WHERE tenant_id = :t"), {"t": B})
        with pytest.raises(WrongTenant):
            db.session.execute(select(Case.__table__.c.id))
        assert db.session.execute(text("SELECT count(*) FROM cases WHERE tenant_id = :t"), {"t": A}).scalar_one() == 3


def test_an_insert_statement_of_another_tenant_is_stopped(two_tenants: None) -> None:
    with tenant_scope(A), pytest.raises(WrongTenant), transaction():
        db.session.execute(insert(Counter).values(tenant_id=B, name="x", value=1))


def test_all_tenants_wants_a_sentence() -> None:
    with pytest.raises(ScopeError), all_tenants(reason="because"):
        pass


def test_global_tables_need_no_scope(two_tenants: None) -> None:
    assert len(db.session.scalars(select(Tenant)).all()) == 2
