"""Acts asked for at the doors that have no hand in Discord: the website, its API, the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from flask_babel import gettext as _

from app.clients import clients
from app.clients.bot_api.port import Answer, Caller
from app.clients.errors import Unavailable
from app.contracts.bot_api import Act, Code
from app.db.ids import new_token
from app.domain import errors
from app.domain.access import Actor, Permission, check, requires
from app.domain.moderation.commands import BanMember, Command, TimeoutMember, command_from
from app.domain.moderation.models import CaseSource, CaseStatus
from app.domain.moderation.queries import case_numbered, case_with_key
from app.domain.moderation.ranks import Rule
from app.domain.moderation.wording import RULE_PREFIX, why_failed, why_refused

PERMISSION_FOR: dict[Act, Permission] = {
    Act.BAN: Permission.BAN_MEMBERS,
    Act.UNBAN: Permission.BAN_MEMBERS,
    Act.KICK: Permission.KICK_MEMBERS,
    Act.TIMEOUT: Permission.TIMEOUT_MEMBERS,
    Act.UNTIMEOUT: Permission.TIMEOUT_MEMBERS,
}
LIFTED_BY: dict[Act, Act] = {Act.BAN: Act.UNBAN, Act.TIMEOUT: Act.UNTIMEOUT}
"""Which act takes back what a case did."""


@dataclass(frozen=True)
class ActAnswer:
    """The case of an act that was asked for. Pending = its outcome is not known yet, and will be shown when it is."""

    number: int
    status: CaseStatus
    failure_code: str | None = None


@requires(Permission.VIEW_CASES)
def request_act(actor: Actor, act: Act, fields: Mapping[str, Any]) -> ActAnswer:
    """Have the bot do it, and wait at most three seconds. `fields` are those of a form; see `command_from`.

    The act's own permission is checked within. Raises what the act itself raises, and `Unavailable` when the bot is away: then nothing was recorded.
    """
    check(actor, PERMISSION_FOR[act])
    command = command_from(act, fields, CaseSource.PANEL)
    if command.idempotency_key is None:
        command = replace(command, idempotency_key=new_token())
    caller = Caller(actor.tenant_id, actor.guild_id, str(actor.user_id))
    try:
        answer = clients().bot_api.call(caller, "POST", f"/moderation/{act}", body=_body(command))
    except Unavailable as error:
        if error.code == Code.BOT_TIMEOUT:
            return _after_silence(command, error)
        raise _bot_away(error) from error
    return _read(answer, act)


@requires(Permission.VIEW_CASES)
def request_lifting(actor: Actor, number: int, fields: Mapping[str, Any]) -> ActAnswer:
    """Have the bot take back what a standing case did: unban, or end the timeout.

    Raises `NotFound` for an unknown case, `Conflict` for one that does not stand, and what the act raises.
    """
    case = case_numbered(number)
    if case is None:
        raise errors.NotFound(_("There is no such case."))
    act = LIFTED_BY.get(case.act) if case.act is not None else None
    if act is None or case.status != CaseStatus.APPLIED:
        raise errors.Conflict(_("There is nothing to lift in this case."), code="nothing_to_lift")
    return request_act(actor, act, {**fields, "target_id": str(case.target_id)})


def _body(command: Command) -> dict[str, Any]:
    body: dict[str, Any] = {
        "target_id": str(command.target_id),
        "reason": command.reason,
        "idempotency_key": command.idempotency_key,
    }
    if isinstance(command, BanMember):
        body["delete_message_seconds"] = command.delete_message_seconds
    if isinstance(command, TimeoutMember):
        body["seconds"] = command.seconds
    return body


def _after_silence(command: Command, error: Unavailable) -> ActAnswer:
    """The bot had the call and did not answer in time: the case, if it opened one, tells more."""
    case = case_with_key(command.idempotency_key) if command.idempotency_key else None
    if case is None:
        sentence = _("The bot did not answer in time. Trying again from this form cannot do it twice.")
        raise errors.Unavailable(sentence, code=error.code, retry_after=error.retry_after) from error
    return ActAnswer(case.number, CaseStatus(case.status), case.failure_code)


def _bot_away(error: Unavailable) -> errors.Unavailable:
    sentence = _("The bot is away, so nothing was done. What you typed is still here; try again shortly.")
    return errors.Unavailable(sentence, code=error.code, retry_after=error.retry_after)


def _read(answer: Answer, act: Act) -> ActAnswer:
    if answer.status != 200:
        _raise(answer, act)
    case = answer.body["case"]
    return ActAnswer(int(case["number"]), CaseStatus(case["status"]), case.get("failure_code"))


def _raise(answer: Answer, act: Act) -> NoReturn:
    """The bot's refusal as the same error that the act raised there, in the words of this reader."""
    code = str(answer.body.get("code", ""))
    message = str(answer.body.get("message", "")) or _("The bot refused.")
    if code.startswith(RULE_PREFIX):
        raise errors.Forbidden(why_refused(Rule(code.removeprefix(RULE_PREFIX)), act), code=code)
    if code.startswith("discord_") and answer.status == errors.Refused.status:
        raise errors.Refused(why_failed(code), code=code)
    if answer.status == errors.Invalid.status:
        raise errors.Invalid(message, code=code, fields=dict(answer.body.get("fields", {})))
    if answer.status in (errors.Unavailable.status, 502, 504):
        raise errors.Unavailable(message, code=code, retry_after=answer.body.get("retry_after"))
    known = {kind.status: kind for kind in (errors.Forbidden, errors.NotFound, errors.Conflict, errors.Gone)}
    if answer.status in known:
        raise known[answer.status](message, code=code)
    raise errors.Unavailable(_("The bot does not understand the website. Tell whoever runs this panel."), code=code)
