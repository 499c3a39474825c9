"""The bot's reports, signed in its direction of the shared secret."""

from __future__ import annotations

import time

from flask import Response, current_app, make_response, request
from flask_babel import gettext as _

from app.config import Settings
from app.contracts.bot_api import Direction, Rejection, verify
from app.contracts.membership import REPORTER, MembershipReport
from app.domain.errors import Invalid
from app.domain.tenants.service import MEMBERSHIP, report_membership
from app.web.errors import Failure, answer
from app.web.guards import GuardedBlueprint, RouteClass, signed_by_bot

blueprint = GuardedBlueprint("internal", __name__, guard=RouteClass.SIGNED, url_prefix="/api/internal")


@blueprint.before_request
def check_signature() -> Response | None:
    """Refuse, as the contract says, whatever the bot has not signed."""
    settings: Settings = current_app.config["SETTINGS"]
    target = request.full_path if request.query_string else request.path
    verdict = verify(
        direction=Direction.TO_WEB,
        method=request.method,
        target=target,
        body=request.get_data(),
        headers=list(request.headers.items()),
        secrets=settings.bot_api_secrets,
        now=int(time.time()),
    )
    if isinstance(verdict, Rejection):
        return answer(Failure(verdict.status, verdict.code.value, _("This call is not signed as it must be.")))
    if verdict.actor != REPORTER:
        return answer(Failure(403, "wrong_actor", _("Only the bot itself reports where it is.")))
    return None


@blueprint.post("/bot-membership")
@signed_by_bot
def bot_membership() -> Response:
    """The bot joined or left a guild, or lists them all."""
    try:
        report = MembershipReport.from_json(request.get_json(silent=True) or {})
    except ValueError as error:
        raise Invalid(_("This is not a membership report."), code="bad_report") from error
    report_membership(MEMBERSHIP, report)
    return make_response("", 204)
