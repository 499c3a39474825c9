"""`POST /moderation/<act>`: an act of moderation, checked, recorded and done in the domain."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from flask_babel import gettext as _

from app.contracts.bot_api import Act
from app.domain.access import Actor
from app.domain.errors import Forbidden, NotFound
from app.domain.moderation.commands import command_from
from app.domain.moderation.models import Case, CaseSource
from app.domain.moderation.service import perform
from bot.api.door import answer, in_domain, json_body
from bot.api.keys import CALLER


def register(app: web.Application) -> None:
    app.router.add_post("/moderation/{act}", moderate)


async def moderate(request: web.Request) -> web.StreamResponse:
    """200 `{"case": {"number", "status", "failure_code"}}`, also for a failed or still pending one; else the refusal."""
    act = _act(request.match_info["act"])
    if not isinstance(request[CALLER].actor, Actor):
        raise Forbidden(_("Only a person can be responsible for that."), code="person_only")
    body = await json_body(request)
    return answer({"case": await in_domain(request, _act_on, act, body)})


def _act_on(actor: Any, act: Act, body: dict[str, Any]) -> dict[str, Any]:
    return _told(perform(actor, command_from(act, body, CaseSource.PANEL)))


def _told(case: Case) -> dict[str, Any]:
    return {"number": case.number, "status": case.status, "failure_code": case.failure_code}


def _act(word: str) -> Act:
    try:
        return Act(word)
    except ValueError as error:
        raise NotFound(_("There is no such act.")) from error
