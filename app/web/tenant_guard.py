"""Who may come in, and for which community they speak: URL guild → tenant → actor → scope, on every request.

A stranger's community, an unknown one and a missing thing are the same 404. A member of the panel without the right: 403.
"""

from __future__ import annotations

from contextlib import ExitStack

from flask import Flask, g, request
from flask_babel import gettext as _

from app.db.scope import tenant_scope
from app.domain.access import Actor, Permission, check
from app.domain.errors import NotFound
from app.domain.staff.queries import actor_for
from app.domain.tenants.models import Tenant
from app.domain.tenants.queries import tenant_of_guild
from app.web import guards
from app.web.accounts.cookies import Visitor, visitor
from app.web.errors import SignInFirst
from app.web.guards import AccessKind


def actor() -> Actor:
    """The person of this request in the community of its URL."""
    found: Actor = g.actor
    return found


def tenant() -> Tenant:
    """The community of this request's URL."""
    found: Tenant = g.tenant
    return found


def signed_in() -> Visitor:
    """Who is signed in. Raises `SignInFirst` where nobody is."""
    who = visitor()
    if who is None:
        raise SignInFirst()
    return who


def admit(guild_id: int, permission: Permission) -> Actor:
    """Let the signed-in person into a community named elsewhere than in the URL, and open its scope for this request.

    Raises `NotFound` for a stranger as for a community that does not exist, `Forbidden` for a member without the right.
    """
    who = signed_in()
    found = tenant_of_guild(guild_id)
    person = actor_for(found, who.user_id) if found is not None else None
    if found is None or person is None:
        raise no_such_page()
    check(person, permission)
    g.tenant, g.actor = found, person
    scopes: ExitStack = g.setdefault("scopes", ExitStack())
    scopes.enter_context(tenant_scope(found.id))
    return person


def no_such_page() -> NotFound:
    """The one 404, in the same words for the missing, the foreign and the hidden."""
    return NotFound(_("There is nothing at this address, or it is not yours to see."))


def register_tenant_guard(app: Flask) -> None:
    """Check every request before its view runs; close the scope after it."""
    app.before_request(_let_in)
    app.teardown_request(_leave)


def _let_in() -> None:
    access = guards.access_here()
    if access is None or access.kind in (AccessKind.ANYONE, AccessKind.SIGNATURE):
        return
    signed_in()
    if access.permission is not None:
        assert request.view_args is not None
        admit(request.view_args["guild_id"], access.permission)


def _leave(error: BaseException | None) -> None:
    scopes: ExitStack | None = g.pop("scopes", None)
    if scopes is not None:
        scopes.__exit__(type(error) if error else None, error, None)
