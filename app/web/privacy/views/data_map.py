"""`/privacy/data-map`: what is stored of people, where, and what becomes of it."""

from __future__ import annotations

from flask import render_template

from app.domain.privacy import data_map as mapping
from app.web.guards import GuardedBlueprint, RouteClass, open_to_all

data_map = GuardedBlueprint("data_map", __name__, guard=RouteClass.PUBLIC, url_prefix="/privacy")


@data_map.get("/data-map")
@open_to_all
def page() -> str:
    """Generated from the tables themselves: nothing can be forgotten here."""
    return render_template("privacy/data_map.html", tables=mapping.data_map())
