"""Who works here: invitations, members with a role of their own, Discord roles that give one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.config import Settings
from app.domain.access import Permission, Role, role_name
from app.domain.accounts.queries import users_by_id
from app.domain.clock import utcnow
from app.domain.errors import Invalid
from app.domain.staff import ladder, queries, service
from app.domain.staff.invitations import check_usable
from app.domain.staff.service import ChangeStaff, InviteStaff, MapRole
from app.domain.tenants.queries import tenant_by_id
from app.web import signed_cookies
from app.web.guards import GuardedBlueprint, RouteClass, needs, needs_sign_in
from app.web.htmx import go_to, is_htmx, partial
from app.web.staff.forms import InviteForm, MapForm
from app.web.tenant_guard import actor, signed_in, tenant

blueprint = GuardedBlueprint(
    "staff", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>/settings/staff"
)
invitations = GuardedBlueprint("invitations", __name__, guard=RouteClass.PAGE, url_prefix="/invitations")

LINK_COOKIE = "__Host-invitation"
LINK_SHOWN_FOR = timedelta(minutes=5)


@blueprint.get("")
@needs(Permission.VIEW_STAFF)
def listing(guild_id: int) -> Response:
    """Everybody who may open this panel, and by what."""
    link = _new_link(guild_id)
    response = make_response(_page(InviteForm(), MapForm(), {}, link))
    if link is not None:
        signed_cookies.clear(response, LINK_COOKIE)
    return response


@blueprint.post("/invitations")
@needs(Permission.MANAGE_STAFF)
def invite(guild_id: int) -> Response:
    """Make a link; the staff page then shows it, once."""
    form = InviteForm.read(request.form)
    try:
        made = service.invite(actor(), InviteStaff(form.role, form.number_of_days, form.may_publish))
    except Invalid as error:
        return _again("staff/_invite.html", form, MapForm(), error.fields)
    response = go_to(url_for(".listing", guild_id=guild_id))
    settings: Settings = current_app.config["SETTINGS"]
    link = settings.public_url + url_for("invitations.show", token=made.token)
    signed_cookies.write(
        response, LINK_COOKIE, {"link": link, "guild": str(guild_id)}, expires_at=utcnow() + LINK_SHOWN_FOR
    )
    return response


@blueprint.post("/invitations/<snowflake:invitation_id>/revocation")
@needs(Permission.MANAGE_STAFF)
def revoke(guild_id: int, invitation_id: int) -> Response:
    """Take an invitation back."""
    service.revoke_invitation(actor(), invitation_id)
    return _back(_("The invitation no longer works."))


@blueprint.post("/members/<snowflake:user_id>/role")
@needs(Permission.MANAGE_STAFF)
def change(guild_id: int, user_id: int) -> Response:
    """Give somebody another role."""
    form = request.form
    service.change_member(actor(), ChangeStaff(user_id, form.get("role", ""), form.get("may_publish") == "1"))
    return _back(_("Changed. It is in force now."))


@blueprint.post("/members/<snowflake:user_id>/removal")
@needs(Permission.MANAGE_STAFF)
def remove(guild_id: int, user_id: int) -> Response:
    """Take somebody's own role away."""
    service.remove_member(actor(), user_id)
    return _back(_("Removed. It is in force now."))


@blueprint.post("/role-grants")
@needs(Permission.MANAGE_STAFF)
def map_role(guild_id: int) -> Response:
    """Let a Discord role give a panel role."""
    form = MapForm.read(request.form)
    try:
        service.map_role(actor(), MapRole(form.discord_role_id, form.role, form.may_publish))
    except Invalid as error:
        return _again("staff/_map_role.html", InviteForm(), form, error.fields)
    return _back(_("Whoever has that Discord role may now come in."))


@blueprint.post("/role-grants/<snowflake:role_id>/removal")
@needs(Permission.MANAGE_STAFF)
def unmap_role(guild_id: int, role_id: int) -> Response:
    """End what a Discord role gives."""
    service.unmap_role(actor(), role_id)
    return _back(_("That Discord role gives nothing any more."))


@invitations.get("/<token:token>")
@needs_sign_in
def show(token: str) -> str:
    """What this link offers, before anything is accepted."""
    who = signed_in()
    invitation = check_usable(queries.invitation_by_token(token))
    community = tenant_by_id(invitation.tenant_id)
    standing = queries.standing_of(invitation.tenant_id, who.user_id)
    own = queries.own_role(invitation.tenant_id, who.user_id)
    return render_template(
        "staff/invitation.html",
        community=community,
        role=role_name(Role(invitation.role)),
        inviter=users_by_id([invitation.created_by]).get(invitation.created_by),
        present=role_name(standing.role) if standing else None,
        is_gain=own is None or own < Role(invitation.role),
        token=token,
        expires_at=invitation.expires_at,
    )


@invitations.post("/<token:token>/acceptance")
@needs_sign_in
def accept(token: str) -> Response:
    """Take the role."""
    accepted = service.accept_invitation(signed_in().user_id, token)
    community = tenant_by_id(accepted.tenant_id)
    return go_to(
        url_for("tenants.overview", guild_id=community.guild_id),
        toast=_("Welcome. You work here as %(role)s.", role=role_name(Role(accepted.role))),
    )


def _back(toast: str) -> Response:
    return go_to(url_for(".listing", guild_id=tenant().guild_id), toast=toast)


def _again(template: str, invite_form: InviteForm, map_form: MapForm, errors: dict[str, str]) -> Response:
    if is_htmx():
        return partial(template, status=422, **_context(invite_form, map_form, errors))
    return make_response(_page(invite_form, map_form, errors, None), 422)


def _page(invite_form: InviteForm, map_form: MapForm, errors: dict[str, str], link: str | None) -> str:
    found = tenant()
    open_ones = queries.open_invitations(found.id)
    members = queries.staff_members(found.id)
    adders = users_by_id(i.created_by for i in open_ones)
    return render_template(
        "staff/listing.html",
        members=members,
        mapped=queries.mapped_roles(found.id),
        open_invitations=open_ones,
        inviters=adders,
        link=link,
        may_manage=lambda role: ladder.may_manage(actor(), Role(role)),
        **_context(invite_form, map_form, errors),
    )


def _context(invite_form: InviteForm, map_form: MapForm, errors: dict[str, str]) -> dict[str, Any]:
    found, person = tenant(), actor()
    return {
        "tenant": found,
        "actor": person,
        "Role": Role,
        "role_name": role_name,
        "given": [(role.slug, role_name(role)) for role in ladder.manageable_by(person)],
        "mappable": queries.mappable_roles(found.guild_id),
        "invite_form": invite_form,
        "map_form": map_form,
        "errors": errors,
    }


def _new_link(guild_id: int) -> str | None:
    kept = signed_cookies.read(LINK_COOKIE)
    return str(kept["link"]) if kept is not None and kept.get("guild") == str(guild_id) else None
