"""`GET /ws`: a single-use ticket, the right origin, then events until somebody leaves."""

from __future__ import annotations

import time

from aiohttp import WSMsgType, web

from app.clients.live_bus.port import Ticket
from app.config import Settings
from app.contracts.live import SUBPROTOCOL
from app.domain.live.service import LIVE, take_ticket
from bot.database import Domain
from bot.live import frames
from bot.live.admission import Doorkeeper, NotAdmitted
from bot.live.hub import Hub, Socket
from bot.live.listeners import welcome

DOMAIN = web.AppKey("live_domain", Domain)
HUB = web.AppKey("live_hub", Hub)
DOORKEEPER = web.AppKey("live_doorkeeper", Doorkeeper)

LARGEST_MESSAGE = 4096
MESSAGES_A_SECOND = 20
HEARTBEAT_SECONDS = 25.0
POLICY_VIOLATION = 1008


def register(app: web.Application, domain: Domain, hub: Hub) -> None:
    """Serve `/ws`."""
    app[DOMAIN] = domain
    app[HUB] = hub
    settings: Settings = domain.app.config["SETTINGS"]
    app[DOORKEEPER] = Doorkeeper(settings.trusted_proxies)
    app.router.add_get("/ws", live)


async def live(request: web.Request) -> web.StreamResponse:
    """Refusals are answered before the upgrade: 401 without a good ticket, 403 from elsewhere, 429 for too many."""
    with request.app[DOORKEEPER].place_for(request):
        return await _with_ticket(request)


async def _with_ticket(request: web.Request) -> web.StreamResponse:
    domain, hub = request.app[DOMAIN], request.app[HUB]
    ticket = await domain.run(take_ticket, LIVE, _token(request))
    if ticket is None:
        raise NotAdmitted(401, "bad_ticket")
    if request.headers.getall("Origin", []) != [ticket.origin]:
        raise NotAdmitted(403, "wrong_origin")
    request.app[DOORKEEPER].count_session(ticket.session_id)
    with hub.place_for(ticket.user_id) as has_place:
        if not has_place:
            raise NotAdmitted(429, "too_many_sockets")
        return await _opened(request, ticket)


async def _opened(request: web.Request, ticket: Ticket) -> web.StreamResponse:
    domain, hub = request.app[DOMAIN], request.app[HUB]
    ears = await domain.run(welcome, ticket)
    if ears is None:
        raise NotAdmitted(401, "no_longer_welcome")
    now = await hub.cursor_of(ticket.tenant_id)
    place = await hub.place_of(ticket.tenant_id, ears, now)

    response = web.WebSocketResponse(
        protocols=(SUBPROTOCOL,),
        compress=False,
        heartbeat=HEARTBEAT_SECONDS,
        max_msg_size=LARGEST_MESSAGE,
        timeout=2.0,
        writer_limit=64 * 1024,
    )
    if not response.can_prepare(request).ok:
        raise NotAdmitted(400, "not_a_websocket")
    await response.prepare(request)
    assert request.transport is not None
    after = hub.seal.read(request.query.get("after", ""))
    socket = Socket(response, request.transport, ticket, ears, after or now)
    socket.write(hub.frames.hello(place))
    hub.join(socket, now)
    try:
        await _listen(response, socket)
    finally:
        hub.leave(socket)
    return response


async def _listen(response: web.WebSocketResponse, socket: Socket) -> None:
    """Clients have nothing to say; whoever says much is sent away."""
    second, heard = 0, 0
    async for message in response:
        now = int(time.monotonic())
        second, heard = (second, heard + 1) if now == second else (now, 1)
        if heard > MESSAGES_A_SECOND:
            await response.close(code=POLICY_VIOLATION, message=b"too many messages")
            return
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY) and not socket.is_full:
            socket.write(frames.error("unknown_request"))


def _token(request: web.Request) -> str:
    """The ticket travels beside our sub-protocol's name; the query is for clients that cannot name one."""
    offered = [word.strip() for word in ",".join(request.headers.getall("Sec-WebSocket-Protocol", [])).split(",")]
    named = [word for word in offered if word and word != SUBPROTOCOL]
    return (named[0] if named else request.query.get("ticket", ""))[:128]
