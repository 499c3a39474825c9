"""`/servers/<g>/settings/privacy`: for how long what is kept, what is not, and the notice to members."""

from __future__ import annotations

from flask import Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.access import Permission
from app.domain.errors import Invalid, NotFound
from app.domain.members.queries import channels_by_id, channels_with_messages, names_of, parents_of_threads
from app.domain.privacy import previews, queries, service
from app.domain.privacy.notices import notice_text
from app.domain.privacy.service import Exclude
from app.domain.tenants.exclusions import ExclusionKind
from app.domain.tenants.retention import CHOICES, EVERYWHERE, FILE_CHOICES, RULE_CHOICES, Kept, Policy, policy_in_force
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to
from app.web.privacy import words
from app.web.privacy.forms import RetentionForm, number
from app.web.tenant_guard import actor, tenant

settings = GuardedBlueprint(
    "privacy", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>/settings/privacy"
)


@settings.get("")
@needs(Permission.MANAGE_PRIVACY)
def listing(guild_id: int) -> str:
    """Everything that the owner decides about what is kept."""
    return _page({})


@settings.post("/retention")
@needs(Permission.MANAGE_PRIVACY)
def retention(guild_id: int) -> Response:
    """Change what is kept for how long. A shortening is counted and shown first; `confirmed` says that it was."""
    form = RetentionForm.read(request.form)
    policy = policy_in_force(parents_of_threads())
    changes = form.changes(policy)
    if not changes:
        return _back(_("Nothing was changed."))
    seen = [
        previews.preview(policy, one.channel_id, one.kept, one.days, removes_rule=one.removes_rule) for one in changes
    ]
    if any(one.is_shortening for one in seen) and request.form.get("confirmed") != "1":
        return _asked(form, seen)
    try:
        waiting = service.change_retention(actor(), changes)
    except Invalid as error:
        return make_response(_page(error.fields), 422)
    if waiting:
        return _back(_("It takes effect in 24 hours. Until then you can take it back here."))
    return _back(_("Saved. It is in force now."))


def _asked(form: RetentionForm, seen: list[previews.Preview]) -> Response:
    page = render_template(
        "privacy/shortening.html",
        tenant=tenant(),
        seen=[one for one in seen if one.is_shortening],
        fields=form.fields(),
        words=words,
        channels=channels_by_id([one.channel_id for one in seen]),
        most=previews.COUNTED_AT_MOST,
    )
    return make_response(page)


@settings.post("/retention-changes/<snowflake:change_id>/undo")
@needs(Permission.MANAGE_PRIVACY)
def undo(guild_id: int, change_id: int) -> Response:
    """Take a shortening back."""
    service.undo_shortening(actor(), change_id)
    return _back(_("Taken back. Nothing was deleted."))


@settings.post("/exclusions")
@needs(Permission.MANAGE_PRIVACY)
def exclude(guild_id: int) -> Response:
    """Keep nothing more of a channel, a person or all bots."""
    kind = request.form.get("kind", "")
    field = "channel_id" if kind == ExclusionKind.CHANNEL else "user_id"
    try:
        row = service.exclude(actor(), Exclude(kind, number(request.form.get(field, "")) or None))
    except Invalid as error:
        return make_response(_page(error.fields, request.form), 422)
    return go_to(url_for(".ask_deletion", guild_id=guild_id, kind=row.kind, object_id=row.object_id))


@settings.post("/exclusions/<kind>/<snowflake:object_id>/removal")
@needs(Permission.MANAGE_PRIVACY)
def include(guild_id: int, kind: str, object_id: int) -> Response:
    """Keep it again, from now on."""
    service.include(actor(), kind, object_id)
    return _back(_("It is kept again from now on."))


@settings.get("/exclusions/<kind>/<snowflake:object_id>/deletion")
@needs(Permission.MANAGE_PRIVACY)
def ask_deletion(guild_id: int, kind: str, object_id: int) -> str:
    """Nothing new is kept of it; what about what is kept already?"""
    row = next(
        (one for one in queries.privacy_settings().exclusions if (one.kind, one.object_id) == (kind, object_id)), None
    )
    if row is None:
        raise NotFound(_("That is not excluded."))
    return render_template(
        "privacy/deletion.html",
        tenant=tenant(),
        row=row,
        name=_name_of(row.kind, row.object_id),
        rows=previews.count_excluded(ExclusionKind(row.kind), row.object_id),
        most=previews.COUNTED_AT_MOST,
        words=words,
    )


@settings.post("/exclusions/<kind>/<snowflake:object_id>/deletion")
@needs(Permission.MANAGE_PRIVACY)
def delete_kept(guild_id: int, kind: str, object_id: int) -> Response:
    """Let what is kept of it go, in 24 hours."""
    service.delete_kept(actor(), kind, object_id)
    return _back(_("It is deleted in 24 hours. Until then you can take it back here."))


@settings.get("/notice")
@needs(Permission.MANAGE_PRIVACY)
def ask_notice(guild_id: int) -> str:
    """The question before the notice is posted."""
    return render_template("privacy/notice.html", tenant=tenant(), text=_notice(), target=queries.notice_channel())


@settings.post("/notices")
@needs(Permission.MANAGE_PRIVACY)
def post_notice(guild_id: int) -> Response:
    """Post it where announcements go."""
    service.post_notice(actor(), _notice())
    return _back(_("The notice is on its way."))


def _back(toast: str) -> Response:
    return go_to(url_for(".listing", guild_id=tenant().guild_id), toast=toast)


def _page(errors: dict[str, str], typed: dict[str, str] | None = None) -> str:
    found = queries.privacy_settings()
    policy = policy_in_force(parents_of_threads())
    special = [row for row in found.rules if row.channel_id != EVERYWHERE]
    named = [row.channel_id for row in found.rules] + [row.channel_id for row in found.changes]
    return render_template(
        "privacy/settings.html",
        tenant=tenant(),
        found=found,
        rows=[(kept, _chosen(policy, kept), _options(policy, kept)) for kept in Kept],
        special=special,
        special_options=words.options(RULE_CHOICES),
        channels=channels_by_id(named),
        choices=[(one.id, f"#{one.name}") for one in channels_with_messages()],
        name_of=_name_of,
        notice=_notice(),
        words=words,
        Kept=Kept,
        errors=errors,
        typed=typed or {},
    )


def _chosen(policy: Policy, kept: Kept) -> str:
    target = (EVERYWHERE, kept)
    return words.choice_of(policy.rules[target]) if target in policy.rules else words.SAME


def _options(policy: Policy, kept: Kept) -> list[tuple[str, str]]:
    if kept is Kept.MESSAGES:
        return words.options(CHOICES)
    if kept is Kept.FILES:  # where no rule says otherwise they have a time of their own
        return words.options(FILE_CHOICES)
    time = words.days_word(policy.days_for(EVERYWHERE, Kept.MESSAGES))
    return words.options(RULE_CHOICES, same=_("As the message: %(time)s", time=time))


def _name_of(kind: str, object_id: int) -> str:
    if kind == ExclusionKind.BOTS:
        return str(_("All bots and webhooks"))
    if kind == ExclusionKind.CHANNEL:
        return words.place_word(object_id, channels_by_id([object_id]))
    return names_of([object_id]).get(object_id, str(object_id))


def _notice() -> str:
    found = queries.privacy_settings()
    public_url: str = current_app.config["SETTINGS"].public_url
    without_bots = any(one.kind == ExclusionKind.BOTS for one in found.exclusions)
    return notice_text(
        policy_in_force({}), found.settings.archive_purpose, f"{public_url}/me", excludes_bots=without_bots
    )
