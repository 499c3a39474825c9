"""Which tenant this request, task or gateway event speaks for.

The scope is opened once, at the door. Without one, whatever touches a tenant table raises `NoTenantScope`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from app.extensions import db


class ScopeError(RuntimeError):
    """A programming error at the tenant wall; never shown to people."""


class NoTenantScope(ScopeError):
    """A tenant table was touched while no scope was open."""


class WrongTenant(ScopeError):
    """A row of one tenant was about to be written under another's scope."""


@dataclass(frozen=True)
class OneTenant:
    tenant_id: int


@dataclass(frozen=True)
class AllTenants:
    reason: str


Scope = OneTenant | AllTenants
_scope: ContextVar[Scope | None] = ContextVar("tenant_scope", default=None)


def current_scope() -> Scope | None:
    """The open scope, or None."""
    return _scope.get()


def current_tenant_id() -> int:
    """The tenant of the open scope. Raises `NoTenantScope` outside a scope of one tenant."""
    scope = _scope.get()
    if not isinstance(scope, OneTenant):
        raise NoTenantScope("this needs the scope of one tenant; open tenant_scope(...) at the door")
    return scope.tenant_id


@contextmanager
def tenant_scope(tenant_id: int) -> Iterator[None]:
    """Speak for one tenant until the block ends; then no object of it is left in the session."""
    with _entered(OneTenant(int(tenant_id))):
        yield


@contextmanager
def all_tenants(*, reason: str) -> Iterator[None]:
    """The only way round the filter; `reason` is a sentence that a reviewer would accept."""
    if len(reason.split()) < 3:
        raise ScopeError("all_tenants needs a reason: a sentence that a reviewer would accept")
    with _entered(AllTenants(reason)):
        yield


@contextmanager
def _entered(scope: Scope) -> Iterator[None]:
    before = _scope.get()
    if before == scope:
        yield
        return
    _empty_session()
    token = _scope.set(scope)
    failed = True
    try:
        yield
        failed = False
    finally:
        try:
            _empty_session(discard=failed)
        finally:
            _scope.reset(token)


def _empty_session(*, discard: bool = False) -> None:
    """Write out what is pending inside a transaction, then forget every object."""
    if not db.session.registry.has():
        return
    session = db.session()
    if session.new or session.dirty or session.deleted:
        if not discard and session.info.get("transaction") is not None:
            session.flush()
        elif not discard:
            raise ScopeError("the scope ended with changes that no transaction would commit")
    session.expunge_all()
