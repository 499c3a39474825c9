"""`/dev/components`: every part in each of its states, light beside dark. Only while developing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask, g, render_template

from app.web.dev_samples import LOOK, sample_messages
from app.web.guards import GuardedBlueprint, RouteClass, open_to_all
from app.web.shell import NavigationGroup, NavigationItem, Shell, ShellCommunity, ShellPerson

blueprint = GuardedBlueprint("dev", __name__, guard=RouteClass.PUBLIC, url_prefix="/dev")

SWATCHES = (
    "page",
    "surface",
    "raised",
    "sunken",
    "line",
    "ink",
    "ink-soft",
    "ink-faint",
    "accent",
    "accent-soft",
    "danger",
    "good",
    "warn",
)


@blueprint.get("/components")
@open_to_all
def components() -> str:
    """The parts with sample content. Signs nobody in: the shell around them is a sample too."""
    g.shell = sample_shell()
    return render_template("dev/components.html", past=_past, swatches=SWATCHES, samples=sample_messages(), look=LOOK)


@blueprint.get("/components/dialog")
@open_to_all
def dialog() -> str:
    """A dialog as a partial."""
    return render_template("dev/_dialog.html")


@blueprint.get("/errors/<int:status>")
@open_to_all
def error(status: int) -> tuple[str, int]:
    """An error page as people see it, without breaking anything."""
    g.shell = sample_shell()
    return render_template("errors/page.html", status=status, reference="01JD7X5QK2-SAMPLE"), status


def _past(**ago: float) -> datetime:
    return datetime.now(UTC) - timedelta(**ago)


def sample_shell(*, is_live: bool = False) -> Shell:
    """A shell of nobody in particular."""
    village = ShellCommunity(300000000000000001, "Snowfall Village", "/dev/components", role="owner")
    return Shell(
        person=ShellPerson(200000000000000001, "Alice"),
        communities=(village, ShellCommunity(300000000000000002, "北の工房", "/dev/components", role="viewer")),
        community=village,
        navigation=(
            NavigationGroup(
                None,
                (
                    NavigationItem("Overview", "/dev/components#tokens", "layout-dashboard", True, in_dock=True),
                    NavigationItem("Messages", "/dev/components#discord", "message-2-search", in_dock=True),
                    NavigationItem("Members", "/dev/components#table", "users", in_dock=True),
                    NavigationItem("Cases", "/dev/components#notices", "gavel", count=41, in_dock=True),
                ),
            ),
            NavigationGroup("Community", (NavigationItem("Staff", "/dev/components#fields", "user-shield"),)),
        ),
        notifications_url="/dev/components#feedback",
        unread=3,
        is_bot_away=True,
        bot_away_since=_past(minutes=4),
        is_live=is_live,
    )


def register_dev(app: Flask) -> None:
    """Give `app` these routes; call it only where the settings say development."""
    app.register_blueprint(blueprint)
