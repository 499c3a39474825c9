"""A small website of the shell and its parts, served for real, and a Chromium to look at it with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask, Response, g, jsonify, render_template_string, request
from flask_babel import Babel
from playwright.sync_api import Browser, Page
from waitress.server import create_server

from app.web.assets import register_assets
from app.web.dev import blueprint as dev_blueprint
from app.web.dev import sample_shell
from app.web.discord_markup import register_discord_markup
from app.web.home.views import blueprint as home_blueprint
from app.web.parts import register_parts
from app.web.shell import register_shell
from tests.browser.chromium import shared_chromium

STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

LIST_PAGE = """
{% extends "layouts/signed_in.html" %}
{% block content %}
<h1>Messages</h1>
{% call ui.live("list", "messages", "/list", "Messages") %}
<p id="list-count" data-live-part>{{ rows | length }} rows</p>
<ol class="sf-rows" data-live-rows>
  {% for row in rows %}<li id="row-{{ row.id }}"><a href="/row/{{ row.id }}">{{ row.text }}</a> {{ ui.time(row.at, "relative") }}
    {% call ui.menu("Acts on " ~ row.id) %}<a class="sf-menu__item" href="#">Open</a>{% endcall %}
    <input aria-label="Note {{ row.id }}" name="note"></li>{% endfor %}
</ol>
{% endcall %}
{% call ui.live("member", "members", "/list", "Member") %}<p>{{ member }}</p><input aria-label="Reason" name="reason">{% endcall %}
<button id="below" type="button">Below the list</button>
<a id="ask" href="/dialog" hx-get="/dialog" hx-target="#dialogs">Ask</a>
<div id="tall"></div>
{% endblock %}
"""
DIALOG = """
{% call ui.dialog("ask-dialog", "Why?") %}
<form method="post" action="/dialog" hx-post="/dialog" hx-target="closest dialog" hx-swap="outerMorph">
{{ ui.field("reason", "Reason", value=value, error=error, required=false) }}<div class="sf-dialog__foot">{{ ui.dialog_close() }}{{ ui.button("Send", "primary") }}</div>
</form>
{% endcall %}
{% if toast %}<hx-partial hx-target="#toasts" hx-swap="beforeend">{{ ui.toast(toast, undo_url="/undo") }}</hx-partial>{% endif %}
"""


@dataclass
class Row:
    id: int
    text: str


@dataclass
class Site:
    """What the small website shows; tests change it as the world would."""

    url: str = ""
    rows: list[Row] = field(default_factory=list)
    member: str = "Mika, here"
    events: list[dict[str, object]] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    ticket: dict[str, str] | None = None
    asked: int = 0

    def arrive(self, text: str) -> Row:
        row = Row(max((row.id for row in self.rows), default=0) + 1, text)
        self.rows.insert(0, row)
        self.say("messages", f"message:{row.id}")
        return row

    def say(self, topic: str, ref: str) -> None:
        self.events.append({"id": len(self.events) + 1, "topic": topic, "ref": ref})

    def reset(self) -> None:
        fresh = Site(url=self.url, rows=[Row(number, f"message {number}") for number in range(12, 0, -1)])
        vars(self).update(vars(fresh))


def small_website(site: Site) -> Flask:
    application = Flask("app.web", template_folder="templates", static_folder="static")
    Babel(application)
    register_assets(application)
    register_parts(application)
    register_shell(application)
    register_discord_markup(application)
    application.register_blueprint(dev_blueprint)
    application.register_blueprint(home_blueprint)
    application.jinja_env.globals["kept_toasts"] = list

    @application.after_request
    def strict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = STRICT_POLICY
        response.headers["X-Request-Id"] = "reference-of-this-request"
        return response

    @application.get("/list")
    def listing() -> object:
        from datetime import UTC, datetime

        site.asked += 1
        if status := site.answers.get("/list"):
            return "", status
        g.shell = sample_shell(is_live=True)
        at = datetime(2026, 1, 1, tzinfo=UTC)
        rows = [{"id": row.id, "text": row.text, "at": at} for row in site.rows[:12]]
        return render_template_string(LIST_PAGE, rows=rows, member=site.member)

    @application.get("/dialog")
    def dialog() -> str:
        return render_template_string(DIALOG, value="", error=None, toast=None)

    @application.post("/dialog")
    def answer_dialog() -> object:
        if status := site.answers.get("/dialog"):
            return "", status
        reason = request.form.get("reason", "")
        if len(reason) < 3:
            return render_template_string(DIALOG, value=reason, error="Say a little more.", toast=None), 422
        response = Response(render_template_string(DIALOG, value=reason, error=None, toast="Sent."))
        response.headers["HX-Trigger"] = '{"close-dialog": true}'
        return response

    @application.post("/api/bot/ws-ticket")
    def ticket() -> object:
        return (site.ticket, 200) if site.ticket else ({"code": "live_unavailable"}, 503)

    @application.get("/api/live/<guild_id>")
    def live(guild_id: str) -> object:
        after = int(request.args.get("after", "e.0").split(".")[1])
        return jsonify(cursor=f"e.{len(site.events)}", events=site.events[after:])

    return application


@pytest.fixture(scope="session")
def served() -> Iterator[Site]:
    site = Site()
    server = create_server(small_website(site), host="127.0.0.1", port=0, threads=4, clear_untrusted_proxy_headers=True)
    site.url = f"http://127.0.0.1:{server.effective_port}"
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield site
    server.close()


@pytest.fixture
def site(served: Site) -> Site:
    served.reset()
    return served


@pytest.fixture(scope="session")
def chromium() -> Browser:
    return shared_chromium()


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="Europe/Berlin")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()
