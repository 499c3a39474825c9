"""The consent page: who is asked, what for, and where the answer goes."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from sandbox import pages
from sandbox.discord.keys import WORLD
from sandbox.discord.models import Guild, User
from sandbox.discord.oauth import asked, people
from sandbox.discord.oauth.asked import Asked
from sandbox.discord.oauth.grants import grants_of
from sandbox.discord.oauth.wording import SCOPES, named_permissions
from sandbox.discord.world import World

REDIRECT_PATTERNS: web.AppKey[tuple[str, ...]] = web.AppKey("redirect_patterns", tuple)

_LAST_PERSON = "sandbox_last_person"
_OF_THE_FORM = frozenset({"decision", "permission", "chosen_guild"})


def register(app: web.Application, redirect_patterns: tuple[str, ...] = (asked.LOOPBACK,)) -> None:
    """Adds `/oauth2/authorize`. Only addresses that match one of the patterns wholly are redirected to."""
    app[REDIRECT_PATTERNS] = redirect_patterns
    app.router.add_get("/oauth2/authorize", show)
    app.router.add_post("/oauth2/authorize", decide)


async def show(request: web.Request) -> web.Response:
    """GET: ask who, then ask for consent; both work without JavaScript."""
    try:
        wanted = asked.read(request.query, request.app[WORLD], request.app[REDIRECT_PATTERNS])
        return _page(request, wanted)
    except asked.AskedWrongly as wrong:
        return _told(request, str(wrong))
    except asked.AnswerWithError as answer:
        return _redirect(answer.location)


async def decide(request: web.Request) -> web.Response:
    """POST: the person authorized or cancelled; the application hears of it at its redirect address."""
    form = await request.post()
    fields = {key: value for key, value in form.items() if isinstance(value, str)}
    try:
        wanted = asked.read(fields, request.app[WORLD], request.app[REDIRECT_PATTERNS])
    except asked.AskedWrongly as wrong:
        return _told(request, str(wrong))
    except asked.AnswerWithError as answer:
        return _redirect(answer.location)
    user = people.by_hint(request.app[WORLD], wanted.as_user or "")
    if fields.get("decision") != "authorize":
        denial = "The resource owner or authorization server denied the request"
        return _redirect(wanted.answer(error="access_denied", error_description=denial))
    if user is None:
        return _told(request, "Nobody was chosen: go back and say who you are.")
    ticked = sum({int(one) for one in form.getall("permission", []) if isinstance(one, str) and one.isdecimal()})
    if not wanted.wants_bot:
        return _remembering(user, _redirect(_answer_with_code(request, wanted, user, None)))
    guild = _chosen_guild(request, wanted, user, fields.get("chosen_guild", ""))
    if guild is None:
        return _ask_consent(request, wanted, user, fields, "Choose a server that you may manage.")
    granted = ticked & wanted.permissions
    _install(request.app[WORLD], guild, granted, user.id)
    return _remembering(user, _redirect(_answer_with_code(request, wanted, user, guild.id, granted)))


def _page(request: web.Request, wanted: Asked) -> web.Response:
    world = request.app[WORLD]
    user = people.by_hint(world, wanted.as_user) if wanted.as_user else None
    if user is None:
        return _ask_who(request, wanted)
    if wanted.prompt == "none" and not wanted.wants_bot and grants_of(world).has_consented(user.id, wanted.scopes):
        return _redirect(_answer_with_code(request, wanted, user, None))
    return _ask_consent(request, wanted, user, request.query)


def _ask_who(request: web.Request, wanted: Asked) -> web.Response:
    world = request.app[WORLD]
    text = request.query.get("who", "")
    kept = {key: value for key, value in request.query.items() if key not in ("who", "as", "login_hint")}
    last = people.by_hint(world, request.cookies.get(_LAST_PERSON, "-"))
    context = {
        "application": world.application,
        "people": people.search(world, text),
        "last": people.person(world, last) if last and not text else None,
        "text": text,
        "kept": kept,
        "link_as": lambda user_id: asked.with_query("/oauth2/authorize", kept | {"as": str(user_id)}),
        "unknown_hint": wanted.as_user,
    }
    return pages.render(request, "choose_person.html", context, form_action=wanted.origin)


def _ask_consent(
    request: web.Request, wanted: Asked, user: User, sent: Mapping[str, str], problem: str | None = None
) -> web.Response:
    world = request.app[WORLD]
    kept = {key: value for key, value in sent.items() if key not in _OF_THE_FORM | {"login_hint"}}
    kept["as"] = str(user.id)
    others = {key: value for key, value in kept.items() if key != "as"}
    guilds = people.manageable_guilds(world, user.id) if wanted.wants_bot else []
    if wanted.is_guild_fixed and wanted.guild_id:
        guilds = [guild for guild in guilds if guild.id == wanted.guild_id]
    context = {
        "application": world.application,
        "application_picture": people.picture(world.bot_user),
        "person": people.person(world, user),
        "scopes": [(scope, SCOPES[scope]) for scope in wanted.scopes],
        "wants_bot": wanted.wants_bot,
        "permissions": named_permissions(wanted.permissions) if wanted.wants_bot else [],
        "guilds": [(guild, world.bot_user.id in guild.members) for guild in guilds],
        "preferred_guild": wanted.guild_id,
        "kept": kept,
        "someone_else": asked.with_query("/oauth2/authorize", others),
        "origin": wanted.origin,
        "problem": problem,
    }
    return pages.render(request, "consent.html", context, form_action=wanted.origin, status=400 if problem else 200)


def _chosen_guild(request: web.Request, wanted: Asked, user: User, chosen: str) -> Guild | None:
    fixed = wanted.guild_id if wanted.is_guild_fixed else None
    guild = request.app[WORLD].guilds.get(fixed or (int(chosen) if chosen.isdecimal() else 0))
    return guild if guild is not None and people.may_manage(guild, user.id) else None


def _install(world: World, guild: Guild, permissions: int, by: int) -> None:
    if world.bot_user.id not in guild.members:
        world.install_bot(guild.id, permissions, by)
        return
    # Adding the bot again changes what its own role may do.
    for role in list(guild.roles.values()):
        if role.bot_id == world.bot_user.id:
            world.edit_role(guild, role, by, permissions=permissions)


def _answer_with_code(
    request: web.Request, wanted: Asked, user: User, guild_id: int | None, permissions: int = 0
) -> str:
    code = grants_of(request.app[WORLD]).issue_code(
        user.id,
        wanted.scopes,
        wanted.redirect_uri,
        challenge=wanted.challenge,
        challenge_method=wanted.challenge_method,
        guild_id=guild_id,
    )
    if guild_id is None:
        return wanted.answer(code=code)
    return wanted.answer(code=code, guild_id=str(guild_id), permissions=str(permissions))


def _told(request: web.Request, problem: str) -> web.Response:
    return pages.render(request, "problem.html", {"problem": problem}, status=400)


def _redirect(location: str) -> web.Response:
    return web.Response(status=302, headers={"Location": location, "Cache-Control": "no-store"})


def _remembering(user: User, response: web.Response) -> web.Response:
    response.set_cookie(_LAST_PERSON, str(user.id), path="/oauth2", httponly=True, samesite="Lax")
    return response
