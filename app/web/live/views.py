"""`POST /api/bot/ws-ticket` and `GET /api/live/<g>?after=`: the same events, the same cursor."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, request
from flask_babel import gettext as _

from app.config import Settings
from app.contracts.live import Cursor, CursorSeal, Entry
from app.domain.access import Permission
from app.domain.errors import Invalid, Unavailable
from app.domain.live.queries import page_after
from app.domain.live.service import mint_ticket
from app.domain.messages.reader import reader_for
from app.web.guards import GuardedBlueprint, RouteClass, needs, needs_sign_in
from app.web.tenant_guard import actor, admit, signed_in

blueprint = GuardedBlueprint("live", __name__, guard=RouteClass.JSON)

AWAY_SECONDS = 15


@blueprint.post("/api/bot/ws-ticket")
@needs_sign_in
def ws_ticket() -> Response:
    """A single-use ticket for the socket of the community named in the body."""
    body = request.get_json(silent=True)
    word = str(body.get("guild_id", "")) if isinstance(body, dict) else ""
    if not (word.isascii() and word.isdigit() and len(word) <= 19):
        raise Invalid(_('Say which community: {"guild_id": "…"}.'), fields={"guild_id": _("A Discord server's id.")})
    person = admit(int(word), Permission.USE_LIVE)
    minted = mint_ticket(person, session_id=signed_in().session_id, origin=current_app.config["SETTINGS"].origin)
    return jsonify(url=minted.url, ticket=minted.token, expires_at=minted.expires_at.isoformat())


@blueprint.get("/api/live/<snowflake:guild_id>")
@needs(Permission.USE_LIVE)
def poll(guild_id: int) -> Response:
    """What came after the cursor; without one, the present cursor."""
    word, seal = request.args.get("after"), _seal()
    after = seal.read(word) if word else None
    if word and after is None:
        raise Invalid(_("That is no cursor."), fields={"after": _("Use the cursor of an earlier answer.")})
    person = actor()
    sees = reader_for(person).sees
    try:
        page = page_after(person.tenant_id, after, lambda channel_id: channel_id is None or sees(channel_id))
    except Unavailable:
        return jsonify(resync=True, cursor=None, events=[], retry_after=AWAY_SECONDS)
    events = [_event(seal.word(Cursor(page.cursor.epoch, entry.id)), entry) for entry in page.entries]
    return jsonify(cursor=seal.word(page.cursor), resync=page.resync, events=events)


def _event(word: str, entry: Entry) -> dict[str, Any]:
    return {"id": word, "topic": entry.signal.topic.value, "ref": entry.signal.ref}


def _seal() -> CursorSeal:
    settings: Settings = current_app.config["SETTINGS"]
    return CursorSeal(settings.bot_api_secrets[0])
