"""The controls below `/sandbox/`: acting as anybody, making things go wrong, looking behind the scenes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from datetime import datetime
from time import monotonic
from typing import Any

import orjson
from aiohttp import web

from sandbox import acts
from sandbox.discord import payloads
from sandbox.discord.clock import iso
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.faults import Fault
from sandbox.discord.gateway import gateway_of
from sandbox.discord.history import guild_history
from sandbox.discord.keys import WORLD
from sandbox.discord.models import Guild, Json
from sandbox.discord.rest.routing import Answer
from sandbox.discord.rest.transport import REST
from sandbox.discord.rest.validation import Form

Control = Callable[[web.Request, Json], Awaitable[Any]]
HISTORY_LINES_AT_ONCE = 200


def register(app: web.Application) -> None:
    """Adds the controls."""
    posts: dict[str, Control] = {
        "act": _act,
        "burst": _burst,
        "gateway/cut": _cut,
        "gateway/drop": _drop,
        "gateway/refuse": _refuse,
        "gateway/settings": _gateway_settings,
        "faults": _add_fault,
        "faults/clear": _clear_faults,
        "limits": _limits,
        "indexing": _indexing,
        "clock": _clock,
        "bot/remove": _remove_bot,
    }
    gets: dict[str, Control] = {
        "credentials": _credentials,
        "gateway": _gateway,
        "faults": _faults,
        "limits": _show_limits,
        "clock": _show_clock,
        "calls": _calls,
        "users": _users,
        "guilds": _guilds,
        "state/{guild_id}": _state,
    }
    for name, control in posts.items():
        app.router.add_post(f"/sandbox/{name}", _answering(control))
    for name, control in gets.items():
        app.router.add_get(f"/sandbox/{name}", _answering(control))
    app.router.add_get("/sandbox/guilds/{guild_id}/history", _history)


def _answering(control: Control) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        status = 200
        try:
            body = orjson.loads(await request.read() or b"{}")
            payload = await control(request, body if isinstance(body, dict) else {})
            if isinstance(payload, Answer):
                status, payload = payload.status, payload.payload
        except DiscordError as refusal:
            status, payload = refusal.status, refusal.payload()
        except (ValueError, TypeError, OverflowError) as error:
            status, payload = 400, {"message": str(error), "code": 0}
        if payload is None:
            return web.Response(status=204)
        return web.Response(status=status, body=orjson.dumps(payload), content_type="application/json")

    return handle


async def _act(request: web.Request, body: Json) -> Any:
    return await acts.perform(request.app[WORLD], body)


async def _burst(request: web.Request, body: Json) -> Json:
    """`{as, channel_id, count, per_second, content}`: many messages at an even pace, asking for no permission.

    Answers when all are posted. Without `per_second` they come at once; `{n}` in the content counts from 1.
    """
    world = request.app[WORLD]
    form = Form(body)
    author_id = form.snowflake("as", required=True) or 0
    channel_id = form.snowflake("channel_id", required=True) or 0
    count = form.integer("count", least=1, most=1_000_000, required=True) or 0
    content = form.text("content", shortest=1) or "message {n}"
    form.check()
    if channel_id not in world.channels:
        raise DiscordError(Code.UNKNOWN_CHANNEL)
    pace = 1 / float(body["per_second"]) if body.get("per_second") else 0.0
    began = monotonic()
    for number in range(1, count + 1):
        world.create_message(channel_id, author_id, content.replace("{n}", str(number)))
        ahead = began + number * pace - monotonic()
        if ahead > 0 or number % 50 == 0:
            await asyncio.sleep(max(0.0, ahead))
    return {"count": count, "seconds": round(monotonic() - began, 3)}


async def _cut(request: web.Request, body: Json) -> Json:
    return {"cut": gateway_of(request.app[WORLD]).cut(str(body.get("how", "tcp")))}


async def _drop(request: web.Request, body: Json) -> Json:
    gateway = gateway_of(request.app[WORLD])
    gateway.drop(int(body.get("next", 1)))
    return gateway.state()


async def _refuse(request: web.Request, body: Json) -> Json:
    """`{kind, count}`; count null means until `{kind: "nothing"}`."""
    gateway = gateway_of(request.app[WORLD])
    if body.get("kind") in (None, "nothing"):
        gateway.refusals.clear()
    else:
        count = body.get("count", 1)
        gateway.refusals.order(str(body["kind"]), None if count is None else int(count))
    return gateway.state()


async def _gateway_settings(request: web.Request, body: Json) -> Json:
    """`heartbeat_interval`, `resume_seconds`, `guilds_a_shard`, `identify_spacing`, `latency`, `remaining` session starts."""
    gateway = gateway_of(request.app[WORLD])
    if "heartbeat_interval" in body:
        gateway.heartbeat_interval = float(body["heartbeat_interval"])
    if "resume_seconds" in body:
        gateway.resume_seconds = float(body["resume_seconds"])
    if "guilds_a_shard" in body:
        gateway.guilds_a_shard = int(body["guilds_a_shard"])
    if "identify_spacing" in body:
        gateway.spacing.seconds = float(body["identify_spacing"])
    if "latency" in body:
        gateway.latency = float(body["latency"])
    if "remaining" in body:
        gateway.starts.set_remaining(int(body["remaining"]))
    return gateway.state()


async def _gateway(request: web.Request, _: Json) -> Json:
    return gateway_of(request.app[WORLD]).state()


async def _add_fault(request: web.Request, body: Json) -> list[Json]:
    """One fault, as `faults.Fault` describes it."""
    known = {one.name for one in fields(Fault)}
    if unknown := sorted(body.keys() - known):
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    if body.get("when", "before") not in ("before", "after"):
        raise ValueError("when is before or after")
    request.app[REST].faults.pending.append(Fault(**body))
    return await _faults(request, body)


async def _clear_faults(request: web.Request, body: Json) -> list[Json]:
    request.app[REST].faults.pending.clear()
    return await _faults(request, body)


async def _faults(request: web.Request, _: Json) -> list[Json]:
    return [asdict(fault) for fault in request.app[REST].faults.pending]


async def _limits(request: web.Request, body: Json) -> Json:
    """`{enforced, global_per_second, buckets: {"POST /channels/{channel_id}/messages": [5, 5.0]}}`, as far as given."""
    limits = request.app[REST].limits
    limits.is_enforced = bool(body.get("enforced", limits.is_enforced))
    limits.global_per_second = int(body.get("global_per_second", limits.global_per_second))
    for bucket, (count, seconds) in (body.get("buckets") or {}).items():
        limits.overrides[bucket] = (int(count), float(seconds))
    limits.reset()
    return await _show_limits(request, body)


async def _show_limits(request: web.Request, _: Json) -> Json:
    limits = request.app[REST].limits
    return {
        "enforced": limits.is_enforced,
        "global_per_second": limits.global_per_second,
        "buckets": {bucket: list(limit) for bucket, limit in limits.overrides.items()},
    }


async def _indexing(request: web.Request, body: Json) -> Json:
    """`{indexing: true}` makes guild search answer 202 until told otherwise."""
    request.app[WORLD].is_indexing = bool(body.get("indexing", True))
    return {"indexing": request.app[WORLD].is_indexing}


async def _clock(request: web.Request, body: Json) -> Json:
    """`{freeze: bool}`, `{advance: seconds}`, `{set: ISO time}`, in this order."""
    clock = request.app[WORLD].clock
    if "freeze" in body:
        clock.freeze(bool(body["freeze"]))
    if "advance" in body:
        clock.advance(float(body["advance"]))
    if "set" in body:
        moment = datetime.fromisoformat(str(body["set"]))
        if moment.tzinfo is None:
            raise ValueError("set needs a time with its offset")
        clock.set(moment)
    return await _show_clock(request, body)


async def _show_clock(request: web.Request, _: Json) -> Json:
    clock = request.app[WORLD].clock
    return {"now": iso(clock.now()), "frozen": clock.is_frozen}


async def _credentials(request: web.Request, _: Json) -> Json:
    world = request.app[WORLD]
    application = world.application
    return {
        "application_id": str(application.id),
        "client_id": str(application.client_id),
        "client_secret": application.client_secret,
        "bot_token": application.bot_token,
        "public_key": application.public_key,
        "bot_user_id": str(world.bot_user.id),
        "api_url": f"{world.public_url}/api/v10",
        "authorize_url": f"{world.public_url}/oauth2/authorize",
        "cdn_url": f"{world.public_url}/cdn",
    }


async def _calls(request: web.Request, _: Json) -> list[Json]:
    return request.app[REST].ledger.since(int(request.query.get("since", "0")))


async def _users(request: web.Request, _: Json) -> list[Json]:
    return [payloads.user(one) for one in request.app[WORLD].users.values()]


async def _guilds(request: web.Request, _: Json) -> list[Json]:
    world = request.app[WORLD]
    return [
        {
            "id": str(one.id),
            "name": one.name,
            "owner_id": str(one.owner_id),
            "members": len(one.members),
            "installed": world.bot_user.id in one.members,
        }
        for one in world.guilds.values()
    ]


async def _state(request: web.Request, _: Json) -> Json:
    world, guild = request.app[WORLD], _guild(request)
    whole = payloads.guild_create(world, guild)
    return whole | {
        "threads": [payloads.thread(one) for one in guild.threads.values()],
        "bans": [payloads.ban(one) for one in guild.bans.values()],
        "audit_log": [payloads.audit_log_entry(one) for one in guild.audit_log],
        "webhooks": [payloads.webhook(one, "") for one in world.webhooks.values() if one.guild_id == guild.id],
        "message_counts": {
            str(one.id): len(one.messages) for one in (*guild.channels.values(), *guild.threads.values())
        },
        "installed": world.bot_user.id in guild.members,
    }


async def _remove_bot(request: web.Request, body: Json) -> Json:
    form = Form(body)
    guild_id = form.snowflake("guild_id", required=True) or 0
    form.check()
    request.app[WORLD].remove_bot(guild_id)
    return {"installed": False}


async def _history(request: web.Request) -> web.StreamResponse:
    """NDJSON of `{t, d, at}`: everything that happened in a guild, in order, as the gateway would have told it."""
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    lines: list[bytes] = []
    for at, name, content in guild_history(request.app[WORLD], _guild(request)):
        lines.append(orjson.dumps({"t": name, "d": content, "at": iso(at)}))
        if len(lines) >= HISTORY_LINES_AT_ONCE:
            await response.write(b"\n".join(lines) + b"\n")
            lines.clear()
    await response.write(b"".join(line + b"\n" for line in lines))
    await response.write_eof()
    return response


def _guild(request: web.Request) -> Guild:
    guild = request.app[WORLD].guilds.get(int(request.match_info["guild_id"]))
    if guild is None:
        raise web.HTTPNotFound(text="no such guild")
    return guild
