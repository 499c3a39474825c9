"""OAuth2's own routes: tokens, revocation, and who the caller and the application are."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

from sandbox.discord import payloads
from sandbox.discord.clock import iso
from sandbox.discord.gateway.handshake import APPLICATION_FLAGS, guild_ids
from sandbox.discord.models import Json
from sandbox.discord.oauth.grants import TOKEN_SECONDS, GrantRefused, TokenPair, grants_of
from sandbox.discord.oauth.wording import SCOPES
from sandbox.discord.rest.routing import Answer, Call, route
from sandbox.discord.world import World


@route("POST", "/oauth2/token", auth=(), limit=(10, 10.0))
async def exchange_token(call: Call) -> Answer:
    """Tokens for a code (single use, one minute, PKCE) or a refresh token; form-encoded, as the standard says."""
    try:
        _authenticate_client(call)
        return Answer(200, _tokens(call), {"Cache-Control": "no-store"})
    except GrantRefused as refused:
        return _refusal(refused)


@route("POST", "/oauth2/token/revoke", auth=())
async def revoke_token(call: Call) -> Answer:
    """Ends a token and its counterpart; an unknown one is no error."""
    try:
        _authenticate_client(call)
    except GrantRefused as refused:
        return _refusal(refused)
    grants_of(call.world).revoke(call.form.get("token", ""))
    return Answer(200, {})


@route("GET", "/oauth2/@me", auth=("bearer",))
async def get_authorization(call: Call) -> Json:
    """What the bearer token is good for, and whose it is (scope `identify`)."""
    assert call.bearer is not None
    payload: Json = {
        "application": _public_application(call.world),
        "scopes": sorted(call.bearer.scopes),
        "expires": iso(call.bearer.expires_at),
    }
    if "identify" in call.bearer.scopes:
        payload["user"] = payloads.user(call.actor)
    return payload


@route("GET", "/oauth2/applications/@me")
async def get_own_application(call: Call) -> Json:
    """The bot's application."""
    return _own_application(call.world)


@route("GET", "/applications/@me")
async def get_current_application(call: Call) -> Json:
    """The bot's application, at its newer address."""
    return _own_application(call.world)


def _tokens(call: Call) -> Json:
    form, grants = call.form, grants_of(call.world)
    match form.get("grant_type"):
        case "authorization_code":
            pair = grants.redeem(form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier"))
        case "refresh_token":
            pair = grants.refresh(form.get("refresh_token", ""))
        case None:
            raise GrantRefused("invalid_request", 'Missing "grant_type" in request.')
        case _:
            raise GrantRefused("unsupported_grant_type", "The grant type is not supported.")
    return _token_payload(call.world, pair)


def _token_payload(world: World, pair: TokenPair) -> Json:
    payload: Json = {
        "token_type": "Bearer",
        "access_token": pair.access.token,
        "expires_in": TOKEN_SECONDS,
        "refresh_token": pair.refresh_token,
        "scope": " ".join(sorted(pair.access.scopes)),
    }
    if pair.guild_id is not None and pair.guild_id in world.guilds:
        payload["guild"] = payloads.guild(world.guilds[pair.guild_id])
    return payload


def _authenticate_client(call: Call) -> None:
    if not call.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        raise GrantRefused("invalid_request", "The body has to be form-encoded.")
    client_id, secret = _credentials(call)
    application = call.world.application
    is_known = hmac.compare_digest(client_id.encode(), str(application.client_id).encode())
    if not is_known or not hmac.compare_digest(secret.encode(), application.client_secret.encode()):
        raise GrantRefused("invalid_client", "Invalid client credentials.", status=401)


def _credentials(call: Call) -> tuple[str, str]:
    kind, _, encoded = call.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return call.form.get("client_id", ""), call.form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _refusal(refused: GrantRefused) -> Answer:
    body: dict[str, Any] = {"error": refused.error, "error_description": refused.description}
    return Answer(refused.status, body, {"Cache-Control": "no-store"})


def _public_application(world: World) -> Json:
    application = world.application
    return {
        "id": str(application.id),
        "name": application.name,
        "icon": None,
        "description": "",
        "type": None,
        "verify_key": application.public_key,
        "bot": payloads.user(world.bot_user),
        "bot_public": True,
        "bot_require_code_grant": False,
        "flags": APPLICATION_FLAGS,
        "flags_new": str(APPLICATION_FLAGS),
        "integration_types_config": {"0": {}},
        "tags": [],
        "hook": True,
        "summary": "",
    }


def _own_application(world: World) -> Json:
    owner = world.users.get(world.application.owner_id, world.bot_user)
    return _public_application(world) | {
        "owner": payloads.user(owner),
        "team": None,
        "rpc_origins": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": len(guild_ids(world)),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": len({one.user_id for one in world.access_tokens.values()}),
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": sorted(SCOPES),
    }
