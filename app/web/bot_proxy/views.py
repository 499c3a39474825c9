"""`/__bot-proxy/<g>/<path>`, inside mode: nothing of the browser's request is passed on but what the route names."""

from __future__ import annotations

from flask import Response, g, jsonify, request
from flask_babel import gettext as _

from app.domain.access import Permission
from app.domain.bot_proxy.service import forward
from app.domain.errors import Invalid
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.tenant_guard import actor

blueprint = GuardedBlueprint("bot_proxy", __name__, guard=RouteClass.PROXY)


@blueprint.route(
    "/__bot-proxy/<snowflake:guild_id>/<path:path>",
    methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
    merge_slashes=False,
)
@needs(Permission.VIEW_PANEL)
def forwarded(guild_id: int, path: str) -> Response:
    """The bot's answer, with its status."""
    answer = forward(
        actor(),
        request.method,
        f"/{path}",
        query=request.args.to_dict(),
        body=_body(),
        request_id=g.get("request_id", ""),
    )
    response = jsonify(dict(answer.body))
    response.status_code = answer.status
    if answer.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(answer.retry_after)))
    return response


def _body() -> object:
    """The request's JSON object; None where there is none."""
    if not request.get_data(cache=True):
        return None
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise Invalid(_("The body is not a JSON object."), code="not_json")
    return body
