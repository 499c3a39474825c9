"""`/healthz`: this process lives. `/readyz`: it has what it needs."""

from __future__ import annotations

from flask import Response, jsonify, make_response

from app.domain.health import readiness
from app.web.guards import GuardedBlueprint, RouteClass, open_to_all

blueprint = GuardedBlueprint("health", __name__, guard=RouteClass.PUBLIC)


@blueprint.get("/healthz")
@open_to_all
def healthz() -> Response:
    """Always 200 while the process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@open_to_all
def readyz() -> Response:
    """503 without the database. Without Redis or the bot the panel works on, so these are named and no more."""
    found = readiness()
    return make_response(jsonify(found.to_json()), 200 if found.is_ready else 503)
