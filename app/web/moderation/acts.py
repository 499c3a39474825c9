"""The question before an act, and what becomes of it: a dialog for htmx, a page without a script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.contracts.bot_api import Act
from app.db.ids import new_token
from app.domain import errors
from app.domain.members.queries import member_of
from app.domain.moderation.choices import DEFAULT_DELETION, DEFAULT_TIMEOUT, deletion_choices, timeout_choices
from app.domain.moderation.models import CaseStatus
from app.domain.moderation.service import ActAnswer
from app.domain.moderation.wording import what_happened, why_failed
from app.web.errors import note
from app.web.htmx import go_to, is_htmx
from app.web.tenant_guard import tenant


@dataclass(frozen=True)
class Target:
    """Whom the act is about; `name` is the id where no name is known."""

    user_id: int
    name: str
    is_known: bool


@dataclass(frozen=True)
class Problem:
    """Why it did not happen: `kind` is a notice's, `case` the failed case."""

    kind: str
    title: str
    text: str
    case: int | None = None


@dataclass(frozen=True)
class Question:
    """The form as it is asked, with what was typed before and what was wrong with it."""

    act: Act
    target: Target
    post_to: str
    back: str
    reason: str = ""
    seconds: str = str(DEFAULT_TIMEOUT)
    delete_message_seconds: str = str(DEFAULT_DELETION)
    idempotency_key: str = field(default_factory=new_token)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None

    def typed(self) -> Question:
        """With what this request's form holds."""
        form = request.form
        return replace(
            self,
            reason=form.get("reason", "").replace("\r\n", "\n"),
            seconds=form.get("seconds", self.seconds),
            delete_message_seconds=form.get("delete_message_seconds", self.delete_message_seconds),
            idempotency_key=form.get("idempotency_key") or self.idempotency_key,
        )

    def fields(self) -> dict[str, str]:
        """What the act is asked with."""
        return {
            "target_id": str(self.target.user_id),
            "reason": self.reason,
            "seconds": self.seconds,
            "delete_message_seconds": self.delete_message_seconds,
            "idempotency_key": self.idempotency_key,
        }


def target_named(user_id: int) -> Target:
    """Somebody by id, known or not."""
    member = member_of(user_id)
    return Target(user_id, member.display_name if member else str(user_id), member is not None)


def ask(question: Question, status: int = 200) -> Response:
    """Show the question."""
    title = {
        Act.BAN: _("Ban %(name)s?", name=question.target.name),
        Act.UNBAN: _("Lift the ban of %(name)s?", name=question.target.name),
        Act.KICK: _("Kick %(name)s?", name=question.target.name),
        Act.TIMEOUT: _("Time out %(name)s?", name=question.target.name),
        Act.UNTIMEOUT: _("End the timeout of %(name)s?", name=question.target.name),
    }[question.act]
    template = "moderation/_act.html" if is_htmx() else "moderation/act.html"
    page = render_template(
        template,
        tenant=tenant(),
        question=question,
        title=title,
        timeout_choices=timeout_choices(),
        deletion_choices=deletion_choices(),
        as_page=not is_htmx(),
    )
    return make_response(page, status)


def ask_again(question: Question, error: errors.DomainError) -> Response:
    """The same question with what was typed and why it did not happen. htmx swaps 409 and 422, and nothing else."""
    note(error.status, error.code)
    if isinstance(error, errors.Invalid):
        return ask(replace(question, errors=error.fields, problem=_general(error)), 422)
    if isinstance(error, errors.Unavailable):
        problem = Problem("failed", _("Not done"), error.message)
    else:
        problem = Problem("refused", _("Refused"), error.message)
    response = ask(replace(question, problem=problem), 409 if is_htmx() else error.status)
    if isinstance(error, errors.Unavailable) and error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def tell(guild_id: int, question: Question, answer: ActAnswer) -> Response:
    """What became of it. A failed act keeps the question open, under a fresh key, so that it can be tried again."""
    if answer.status == CaseStatus.FAILED:
        text = why_failed(answer.failure_code or "")
        problem = Problem("failed", _("Discord did not do it"), text, case=answer.number)
        return ask(replace(question, idempotency_key=new_token(), problem=problem), 409)
    case_url = url_for("moderation.case", guild_id=guild_id, number=answer.number)
    if answer.status == CaseStatus.PENDING:
        text, kind = (
            _("Asked for. Case %(number)s shows the outcome when Discord has told it.", number=answer.number),
            "",
        )
    else:
        text, kind = f"{what_happened(question.act)} {question.target.name}", "good"
    if not is_htmx():
        return go_to(question.back, toast=f"{text} ({_('case %(number)s', number=answer.number)})", kind=kind)
    link = (_("Case %(number)s", number=answer.number), case_url)
    response = make_response(render_template("moderation/_told.html", text=text, kind=kind, link=link))
    response.headers["HX-Reswap"] = "none"
    response.headers["HX-Trigger"] = json.dumps({"close-dialog": True, "refresh-live": True})
    return response


def _general(error: errors.Invalid) -> Problem | None:
    """A problem with something that has no field of its own in the form."""
    shown = {"reason", "seconds", "delete_message_seconds"}
    hidden = [text for name, text in error.fields.items() if name not in shown]
    if not hidden and error.fields:
        return None
    return Problem("refused", _("Not done"), " ".join(hidden) or error.message)
