"""Asking for acts, and reading their cases."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from flask import Response, current_app, render_template, request, url_for
from flask_babel import gettext as _

from app.config import Settings
from app.contracts.bot_api import Act
from app.domain.access import Permission
from app.domain.errors import Conflict, DomainError
from app.domain.members.names import id_in
from app.domain.members.queries import MemberFilter, Presence, list_members, names_of
from app.domain.messages.queries import messages_shown_to
from app.domain.messages.reader import reader_for
from app.domain.moderation import queries
from app.domain.moderation.models import Case, CaseKind, CaseSource, CaseStatus
from app.domain.moderation.queries import CaseFilter
from app.domain.moderation.service import LIFTED_BY, PERMISSION_FOR, request_act, request_lifting
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.moderation import words
from app.web.moderation.acts import Question, Target, ask, ask_again, target_named, tell
from app.web.tenant_guard import actor, no_such_page, tenant

blueprint = GuardedBlueprint("moderation", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>")

NOUNS: dict[Act, str] = {
    Act.BAN: "bans",
    Act.UNBAN: "unbans",
    Act.KICK: "kicks",
    Act.TIMEOUT: "timeouts",
    Act.UNTIMEOUT: "untimeouts",
}
MOST_NAMED = 100
Word = TypeVar("Word", bound=StrEnum)


def _add_act(act: Act, noun: str) -> None:
    """`GET …/members/<id>/<noun>/new` asks, `POST …/members/<id>/<noun>` does."""

    @needs(PERMISSION_FOR[act])
    def ask_first(guild_id: int, user_id: int) -> Response:
        return ask(_question(act, guild_id, user_id))

    @needs(PERMISSION_FOR[act])
    def act_on(guild_id: int, user_id: int) -> Response:
        question = _question(act, guild_id, user_id).typed()
        try:
            return tell(guild_id, question, request_act(actor(), act, question.fields()))
        except DomainError as error:
            return ask_again(question, error)

    blueprint.add_url_rule(f"/members/<snowflake:user_id>/{noun}/new", f"ask_{act}", ask_first, methods=["GET"])
    blueprint.add_url_rule(f"/members/<snowflake:user_id>/{noun}", f"{act}", act_on, methods=["POST"])


for _act, _noun in NOUNS.items():
    _add_act(_act, _noun)


@blueprint.get("/cases/<snowflake:number>/lifting/new")
@needs(Permission.TIMEOUT_MEMBERS)
def ask_lifting(guild_id: int, number: int) -> Response:
    """Ask before what a case did is taken back."""
    return ask(_lifting_question(guild_id, number))


@blueprint.post("/cases/<snowflake:number>/lifting")
@needs(Permission.TIMEOUT_MEMBERS)
def lift(guild_id: int, number: int) -> Response:
    """Take back what a case did."""
    question = _lifting_question(guild_id, number).typed()
    try:
        return tell(guild_id, question, request_lifting(actor(), number, question.fields()))
    except DomainError as error:
        return ask_again(question, error)


@blueprint.get("/cases")
@needs(Permission.VIEW_CASES)
def cases(guild_id: int) -> str:
    """Every case, newest first."""
    arguments = request.args
    wanted = CaseFilter(
        kind=_one_of(CaseKind, arguments.get("kind")),
        status=_one_of(CaseStatus, arguments.get("status")),
        source=_one_of(CaseSource, arguments.get("source")),
        **_about(arguments.get("about", "")),
    )
    page = queries.list_cases(wanted, _number(arguments.get("below")), above=_number(arguments.get("above")))
    begins: dict[str, Any] = {name: arguments[name] for name in ("below", "above") if name in arguments}
    names = ("about", "kind", "status", "source")
    kept: dict[str, Any] = {name: value for name in names if (value := arguments.get(name, "").strip())}
    return render_template(
        "moderation/cases.html",
        tenant=tenant(),
        page=page,
        wanted=kept,
        chips=_chips(guild_id, kept),
        words=words,
        here=url_for(".cases", guild_id=guild_id, **kept, **begins),
        newer=url_for(".cases", guild_id=guild_id, **kept, above=page.preceding) if page.preceding else None,
        older=url_for(".cases", guild_id=guild_id, **kept, below=page.following) if page.following else None,
        total=queries.count_cases(wanted),
    )


@blueprint.get("/cases/<snowflake:number>")
@needs(Permission.VIEW_CASES)
def case(guild_id: int, number: int) -> str:
    """One case with everything that happened to it."""
    found = _case(number)
    events = queries.events_of(found)
    names = names_of([event.actor_id for event in events if event.actor_id is not None])
    return render_template(
        "moderation/case.html",
        tenant=tenant(),
        case=found,
        events=events,
        names=names,
        words=words,
        may_lift=_may_lift(found),
        others=queries.count_cases(CaseFilter(target_id=found.target_id)) - 1 if found.target_id else 0,
    )


def _question(act: Act, guild_id: int, user_id: int) -> Question:
    target = target_named(user_id)
    post_to = url_for(f".{act}", guild_id=guild_id, user_id=user_id)
    if target.is_known:
        back = url_for("members.profile", guild_id=guild_id, user_id=user_id)
    else:
        back = url_for(".cases", guild_id=guild_id, about=user_id)
    return _with_evidence(Question(act, target, post_to, back), guild_id)


def _with_evidence(question: Question, guild_id: int) -> Question:
    """Asked for from a message of theirs (`?message=`): the reason names it, and one comes back to it."""
    message_id = id_in(request.args.get("message", ""))
    if message_id is None or not actor().may(Permission.SEARCH_MESSAGES):
        return question
    message = messages_shown_to(reader_for(actor()), [message_id]).get(message_id)
    if message is None or message.author_id != question.target.user_id:
        return question
    settings: Settings = current_app.config["SETTINGS"]
    back = url_for("messages.context", guild_id=guild_id, message_id=message_id)
    return replace(
        question,
        reason="\n" + _("Message: %(link)s", link=settings.public_url + back),
        post_to=f"{question.post_to}?message={message_id}",
        back=back,
    )


def _lifting_question(guild_id: int, number: int) -> Question:
    found = _case(number)
    act = LIFTED_BY.get(found.act) if found.act is not None else None
    if act is None:
        raise Conflict(_("There is nothing to lift in this case."), code="nothing_to_lift")
    back = url_for(".case", guild_id=guild_id, number=number)
    target = Target(found.target_id, words.target_of(found), True)
    return Question(act, target, url_for(".lift", guild_id=guild_id, number=number), back)


def _may_lift(found: Case) -> bool:
    stands = found.status == CaseStatus.APPLIED and found.act in LIFTED_BY
    return stands and found.act is not None and actor().may(PERMISSION_FOR[found.act])


def _case(number: int) -> Case:
    found = queries.case_numbered(number)
    if found is None:
        raise no_such_page()
    return found


def _about(text: str) -> dict[str, Any]:
    """A filter's text: a case number, a member's id, or a part of a name."""
    text = text.strip()
    digits = text.removeprefix("#")
    user_id = id_in(digits)
    if user_id is not None:
        return {"target_id": user_id}
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        return {"number": int(digits)}
    if not text:
        return {}
    known = list_members(MemberFilter(name=text, presence=Presence.ALL), limit=MOST_NAMED).members
    return {"target_name": text, "named_ids": tuple(member.user_id for member in known)}


def _chips(guild_id: int, kept: dict[str, Any]) -> list[tuple[str, str]]:
    names = {
        "kind": dict(words.kind_options()),
        "status": dict(words.status_options()),
        "source": dict(words.source_options()),
    }
    return [
        (
            names[name].get(value, value) if name in names else value,
            url_for(".cases", guild_id=guild_id, **{other: kept[other] for other in kept if other != name}),
        )
        for name, value in kept.items()
    ]


def _one_of(kind: type[Word], word: str | None) -> Word | None:
    try:
        return kind(word) if word else None
    except ValueError:
        return None


def _number(word: str | None) -> int | None:
    return int(word) if word and word.isascii() and word.isdigit() and len(word) < 10 else None
