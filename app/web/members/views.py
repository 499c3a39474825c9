"""Who is and was here."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.access import Permission, Role, role_name
from app.domain.clock import snowflake_time
from app.domain.members import queries
from app.domain.members.models import GuildMember, GuildRole
from app.domain.members.names import id_in
from app.domain.members.queries import MemberFilter, Order, Place, Presence
from app.domain.moderation.queries import CaseFilter, count_cases, list_cases
from app.domain.staff.queries import actor_for
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.members.offers import offered, offers_by_id, state_of
from app.web.moderation import words as case_words
from app.web.tenant_guard import actor, no_such_page, tenant

blueprint = GuardedBlueprint(
    "members", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>/members"
)

LONGEST_NAME = 100
CASES_SHOWN = 20
Word = TypeVar("Word", bound=StrEnum)


@blueprint.get("")
@needs(Permission.VIEW_MEMBERS)
def listing(guild_id: int) -> str:
    """Members by name or by when they joined, filtered."""
    arguments = request.args
    wanted = MemberFilter(
        name=arguments.get("name", "").strip()[:LONGEST_NAME],
        presence=_one_of(Presence, arguments.get("presence"), Presence.HERE),
        order=_one_of(Order, arguments.get("order"), Order.NAME),
    )
    page = queries.list_members(wanted, _place(arguments.get("after")), before=_place(arguments.get("before")))
    kept = _kept(wanted)
    begins: dict[str, Any] = {name: arguments[name] for name in ("after", "before") if name in arguments}
    return render_template(
        "members/listing.html",
        tenant=tenant(),
        page=page,
        wanted=wanted,
        kept=kept,
        total=queries.count_members(wanted),
        presence_options=_presence_options(),
        unknown_id=_unknown_id(wanted),
        offered=offered,
        offers_by_id=offers_by_id,
        highest_role=_highest_role(),
        state_of=state_of,
        here=url_for(".listing", guild_id=guild_id, **kept, **begins),
        preceding=url_for(".listing", guild_id=guild_id, **kept, before=page.preceding.user_id)
        if page.preceding
        else None,
        following=url_for(".listing", guild_id=guild_id, **kept, after=page.following.user_id)
        if page.following
        else None,
    )


@blueprint.get("/<snowflake:user_id>")
@needs(Permission.VIEW_MEMBERS)
def profile(guild_id: int, user_id: int) -> str:
    """One person's record in one place."""
    member = queries.member_of(user_id)
    if member is None:
        raise no_such_page()
    staff = actor_for(tenant(), user_id)
    return render_template(
        "members/profile.html",
        tenant=tenant(),
        member=member,
        roles=queries.roles_of(member),
        staff_role=role_name(Role(staff.role)) if staff is not None else None,
        created_at=snowflake_time(user_id),
        cases=list_cases(CaseFilter(target_id=user_id), limit=CASES_SHOWN).cases,
        case_count=count_cases(CaseFilter(target_id=user_id)),
        words=case_words,
        offered=offered,
        state_of=state_of,
        messages_url=_messages_url(guild_id, user_id),
    )


def _highest_role() -> Callable[[GuildMember], GuildRole | None]:
    roles = queries.all_roles()
    return lambda member: next((role for role in roles if str(role.id) in member.role_ids), None)


def _place(word: str | None) -> Place | None:
    """The row beside which a page begins; None where there is no such row."""
    user_id = id_in(word or "")
    member = queries.member_of(user_id) if user_id is not None else None
    return Place(member.user_id, member.sort_name, member.joined_at) if member is not None else None


def _kept(wanted: MemberFilter) -> dict[str, Any]:
    """The filter as its address has it, defaults left out."""
    pairs = (
        ("name", wanted.name, ""),
        ("presence", wanted.presence.value, Presence.HERE.value),
        ("order", wanted.order.value, Order.NAME.value),
    )
    return {name: value for name, value, default in pairs if value != default}


def _unknown_id(wanted: MemberFilter) -> int | None:
    """The id that was looked for, where nobody known has it: they may still be banned by it."""
    user_id = id_in(wanted.name)
    return user_id if user_id is not None and queries.member_of(user_id) is None else None


def _messages_url(guild_id: int, user_id: int) -> str | None:
    if "messages.search" not in current_app.view_functions or not actor().may(Permission.SEARCH_MESSAGES):
        return None
    return url_for("messages.search", guild_id=guild_id, q=f"from:{user_id}")


def _presence_options() -> list[tuple[str, str]]:
    return [
        (Presence.HERE.value, _("Here now")),
        (Presence.GONE.value, _("Gone")),
        (Presence.BANNED.value, _("Banned")),
        (Presence.ALL.value, _("Everybody")),
    ]


def _one_of(kind: type[Word], word: str | None, default: Word) -> Word:
    try:
        return kind(word) if word else default
    except ValueError:
        return default
