"""`/servers/<g>/attachments/<id>` and withdrawing it; `/servers/<g>/usage`."""

from __future__ import annotations

import hashlib

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.access import Permission
from app.domain.accounts.queries import users_by_id
from app.domain.errors import Gone, Invalid, NotFound
from app.domain.files import queries, service
from app.domain.files.signing import is_signed_for
from app.domain.messages import images
from app.domain.messages.kept import Kept
from app.domain.messages.queries import message_shown_to
from app.domain.messages.reader import Reader, reader_for
from app.domain.viewings.service import note_viewing
from app.web.files import serving, words
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to
from app.web.tenant_guard import actor, tenant

attached = GuardedBlueprint("attachments", __name__, guard=RouteClass.IMAGE)
blueprint = GuardedBlueprint("files", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>")

SIGNATURE = "for"


@attached.get("/servers/<snowflake:guild_id>/attachments/<snowflake:attachment_id>")
@needs(Permission.SEARCH_MESSAGES)
def attachment(guild_id: int, attachment_id: int) -> Response:
    """A file of a message that this person may see now, at the address that was signed for them.

    A browser that kept it asks each time. What is not in our store is shown from Discord where it is a picture.
    """
    person = actor()
    if not is_signed_for(request.args.get(SIGNATURE, ""), guild_id, attachment_id, person.user_id):
        raise NotFound(_("There is no such file."))
    reader = reader_for(person)
    shown = queries.attachment_shown_to(reader, attachment_id)
    if shown.kept is Kept.QUARANTINED:
        raise Gone(_("This file was withdrawn."), code="quarantined")
    if request.headers.get("Sec-Fetch-Dest") != "image":  # opened or played, not drawn in a page
        note_viewing(person, message_shown_to(reader, shown.message_id), attachment_id)
    return serving.kept_file(shown) if shown.is_here else _from_discord(reader, attachment_id)


def _from_discord(reader: Reader, attachment_id: int) -> Response:
    tag = str(attachment_id)  # Discord never changes a file under its id
    if tag in request.if_none_match:
        return serving.not_modified(tag)
    found = images.attached_picture(reader, attachment_id)
    if queries.is_withdrawn(hashlib.sha256(found.body).hexdigest()):
        raise Gone(_("This file was withdrawn."), code="quarantined")
    return serving.picture(found, tag)


@blueprint.get("/usage")
@needs(Permission.VIEW_USAGE)
def usage(guild_id: int) -> str:
    """What this community's files take up, what was not kept and why, and what was withdrawn."""
    withdrawn = queries.quarantined_files()
    return render_template(
        "files/usage.html",
        usage=queries.usage_of(tenant()),
        tenant=tenant(),
        words=words,
        withdrawn=withdrawn,
        people=users_by_id({one.quarantined_by for one in withdrawn if one.quarantined_by}),
        may_release=actor().may(Permission.QUARANTINE_FILES),
        may_choose=actor().may(Permission.MANAGE_PRIVACY),
    )


@blueprint.get("/attachments/<snowflake:attachment_id>/quarantine")
@needs(Permission.QUARANTINE_FILES)
def ask_quarantine(guild_id: int, attachment_id: int) -> str:
    """The question before a file is withdrawn."""
    return _question(attachment_id, "", {})


@blueprint.post("/attachments/<snowflake:attachment_id>/quarantines")
@needs(Permission.QUARANTINE_FILES)
def quarantine(guild_id: int, attachment_id: int) -> Response:
    """Withdraw it."""
    shown = queries.attachment_shown_to(reader_for(actor()), attachment_id)
    reason = request.form.get("reason", "")
    try:
        service.quarantine_attachment(actor(), attachment_id, reason)
    except Invalid as error:
        return make_response(_question(attachment_id, reason, error.fields), 422)
    back = url_for("messages.context", guild_id=guild_id, message_id=shown.message_id)
    return go_to(back, toast=_("Withdrawn. Nobody can open it any more, and it is not kept again."))


@blueprint.post("/quarantined-files/<string(length=64):sha256>/releases")
@needs(Permission.QUARANTINE_FILES)
def release(guild_id: int, sha256: str) -> Response:
    """Take a withdrawal back."""
    service.release_file(actor(), sha256)
    return go_to(url_for(".usage", guild_id=guild_id), toast=_("The file can be opened again where it is still kept."))


def _question(attachment_id: int, reason: str, errors: dict[str, str]) -> str:
    shown = queries.attachment_shown_to(reader_for(actor()), attachment_id)
    return render_template(
        "files/quarantine.html",
        shown=shown,
        tenant=tenant(),
        reason=reason,
        errors=errors,
        back=url_for("messages.context", guild_id=tenant().guild_id, message_id=shown.message_id),
    )
