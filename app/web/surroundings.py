"""Who knows the shell: the person, their communities, what is away."""

from __future__ import annotations

from flask import Flask, g, url_for

from app.domain.access import Actor, Permission, role_name
from app.domain.accounts.guilds import remembered_guild_ids
from app.domain.health import is_bot_here
from app.domain.notifications.queries import unread_count
from app.domain.tenants.models import Tenant
from app.domain.tenants.queries import OpenCommunity, communities_of
from app.web.accounts.cookies import visitor
from app.web.shell import Shell, ShellCommunity, ShellPerson, navigation_of, read_shell_with


def register_surroundings(app: Flask) -> None:
    """Let layouts draw what is around a page."""
    read_shell_with(app, _shell)


def _shell() -> Shell | None:
    who = visitor()
    if who is None:
        return None
    person = ShellPerson(who.user_id, who.name)
    tenant: Tenant | None = g.get("tenant")
    actor: Actor | None = g.get("actor")
    here = frozenset({tenant.guild_id}) if tenant is not None else frozenset()
    found = communities_of(who.user_id, remembered_guild_ids(who.user_id) | here)
    communities = tuple(_community(one) for one in found)
    if tenant is None or actor is None:
        return Shell(person, communities)
    return Shell(
        person=person,
        communities=communities,
        community=next((one for one in communities if one.guild_id == tenant.guild_id), None),
        navigation=navigation_of(tenant.guild_id, actor.may),
        notifications_url=url_for("notifications.listing", guild_id=tenant.guild_id),
        unread=unread_count(actor.user_id),
        is_bot_away=not is_bot_here(),
        is_live=actor.may(Permission.USE_LIVE),
    )


def _community(one: OpenCommunity) -> ShellCommunity:
    url = url_for("tenants.overview", guild_id=one.tenant.guild_id)
    return ShellCommunity(one.tenant.guild_id, one.tenant.name, url, role=role_name(one.role))
