"""`/`: what the panel is, for who does not know it yet."""

from __future__ import annotations

from flask import render_template

from app.web.guards import GuardedBlueprint, RouteClass, open_to_all

blueprint = GuardedBlueprint("home", __name__, guard=RouteClass.PUBLIC)


@blueprint.get("/")
@open_to_all
def page() -> str:
    """The home page; who is signed in is led to their communities."""
    return render_template("home/page.html")
