"""Signing in with Discord, and out again."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.config import Settings
from app.domain.accounts import service
from app.domain.accounts.service import SIGN_IN, Browser, Callback, SignedIn
from app.domain.clock import utcnow
from app.domain.errors import DomainError
from app.domain.tenants.permissions import INSTALL_PERMISSIONS
from app.domain.tenants.service import InstallGuild, install
from app.web import signed_cookies
from app.web.accounts.cookies import end_session, start_session, visitor
from app.web.addresses import HOME, safe_next
from app.web.errors import Failure, answer
from app.web.guards import GuardedBlueprint, RouteClass, needs_sign_in, open_to_all
from app.web.htmx import go_to
from app.web.tenant_guard import signed_in
from app.web.toasts import keep_toast

blueprint = GuardedBlueprint("accounts", __name__, guard=RouteClass.PAGE)
oauth = GuardedBlueprint("oauth", __name__, guard=RouteClass.LOGIN, url_prefix="/api/auth")

OAUTH_COOKIE = "__Host-oauth"
OAUTH_LIFETIME = timedelta(minutes=10)
INSTALLS = "installs"


@blueprint.get("/login")
@open_to_all
def login() -> Response:
    """The way in; who is signed in already is sent on."""
    wanted = safe_next(request.args.get("next"), url_for("tenants.servers"))
    if visitor() is not None:
        return make_response(redirect(wanted, 302))
    return make_response(render_template("accounts/login.html", next=request.args.get("next", "")))


@blueprint.post("/logout")
@needs_sign_in
def logout() -> Response:
    """End this session; with `everywhere=1` every session of this person."""
    who = signed_in()
    if request.form.get("everywhere") == "1":
        service.sign_out_everywhere(who.user_id)
    else:
        service.sign_out(who.user_id, who.session_id)
    response = go_to(HOME, toast=_("You are signed out."))
    end_session(response)
    return response


@oauth.get("/discord")
@open_to_all
def begin() -> Response:
    """Off to Discord. `install` names a guild to install the bot into; `next` where to go afterwards."""
    word = request.args.get("install", "")
    guild_id = int(word) if word.isascii() and word.isdigit() and len(word) <= 19 else None
    asked = service.begin_sign_in(
        SIGN_IN,
        _redirect_uri(),
        install_permissions=INSTALL_PERMISSIONS if guild_id is not None else None,
        guild_id=guild_id,
    )
    kept = {
        "state": asked.state,
        "verifier": asked.code_verifier,
        "next": safe_next(request.args.get("next"), url_for("tenants.servers")),
        INSTALLS: guild_id is not None,
    }
    response = make_response(redirect(asked.url, 302))
    signed_cookies.write(response, OAUTH_COOKIE, kept, expires_at=utcnow() + OAUTH_LIFETIME)
    return response


@oauth.get("/callback")
@open_to_all
def callback() -> Response:
    """Back from Discord. Only the browser that left comes in, and once."""
    kept = signed_cookies.read(OAUTH_COOKIE, require=("state", "verifier", "next"))
    state = request.args.get("state", "")
    if kept is None or not hmac.compare_digest(str(kept["state"]).encode(), state.encode()):
        raise DomainError(
            _("This sign-in was not started in this browser, or long ago. Start again."), code="oauth_state"
        )
    if "code" not in request.args:
        return _forgotten(_declined(kept))
    signed = service.sign_in(SIGN_IN, Callback(request.args["code"], kept["verifier"], _redirect_uri()), _browser())
    _end_earlier_session()
    response = _installed(signed) if kept.get(INSTALLS) else make_response(redirect(str(kept["next"]), 302))
    start_session(response, signed.user_id, signed.session_id, signed.ends_at)
    return _forgotten(response)


def _installed(signed: SignedIn) -> Response:
    """Where an install leads. Its guild is what Discord's token answer says, never the query string's."""
    servers = url_for("tenants.servers")
    if signed.granted_guild_id is None:
        return go_to(servers, toast=_("Discord did not install the bot anywhere."), kind="refused")
    try:
        done = install(signed.user_id, InstallGuild(signed.granted_guild_id))
    except DomainError as error:
        return answer(Failure(error.status, error.code, error.message))
    return make_response(redirect(url_for("tenants.set_up", guild_id=done.tenant.guild_id), 303))


def _declined(kept: Any) -> Response:
    back = url_for("tenants.servers") if kept.get(INSTALLS) and visitor() is not None else url_for("accounts.login")
    response = make_response(redirect(back, 302))
    if request.args.get("error") == "access_denied":
        keep_toast(response, _("You declined on Discord. Nothing was changed."), "")
    else:
        keep_toast(response, _("Discord did not complete the sign-in. Try again."), "refused")
    return response


def _end_earlier_session() -> None:
    """A browser has one session: the one before is ended, whoever's it was."""
    before = visitor()
    if before is not None:
        service.sign_out(before.user_id, before.session_id)


def _forgotten(response: Response) -> Response:
    signed_cookies.clear(response, OAUTH_COOKIE)
    return response


def _browser() -> Browser:
    return Browser(request.headers.get("User-Agent", ""), request.remote_addr or "")


def _redirect_uri() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url + url_for("oauth.callback")
