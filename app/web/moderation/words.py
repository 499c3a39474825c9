"""What pages call the states, sources and events of cases."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.domain.moderation.models import Case, CaseEvent, CaseEventKind, CaseKind, CaseSource, CaseStatus
from app.domain.moderation.wording import kind_name, why_failed


@dataclass(frozen=True)
class Mark:
    """A word with the tone and icon of its badge."""

    text: str
    tone: str = ""
    icon: str | None = None


def status_mark(status: str) -> Mark:
    """How far a case has come."""
    return {
        CaseStatus.PENDING: Mark(_("Pending"), "accent", "loader-2"),
        CaseStatus.APPLIED: Mark(_("Applied"), "good", "check"),
        CaseStatus.FAILED: Mark(_("Failed"), "danger", "alert-triangle"),
        CaseStatus.LIFTED: Mark(_("Lifted"), "", "lock-open"),
        CaseStatus.EXPIRED: Mark(_("Ended"), "", "clock"),
    }[CaseStatus(status)]


def kind_mark(kind: str) -> Mark:
    """What was done."""
    tones = {
        CaseKind.BAN: ("danger", "ban"),
        CaseKind.KICK: ("warn", "user-minus"),
        CaseKind.TIMEOUT: ("warn", "clock-pause"),
        CaseKind.QUARANTINE: ("warn", "user-x"),
    }
    tone, icon = tones.get(CaseKind(kind), ("", "lock-open"))
    return Mark(kind_name(CaseKind(kind)), tone, icon)


def source_name(source: str) -> str:
    """Which door the act came through."""
    names: dict[CaseSource, str] = {
        CaseSource.PANEL: _("This panel"),
        CaseSource.SLASH: _("Slash command"),
        CaseSource.DISCORD: _("Discord itself"),
        CaseSource.BOT: _("A bot"),
        CaseSource.AUTOMOD: _("AutoMod"),
    }
    return names[CaseSource(source)]


def source_hint(source: str) -> str:
    """The same beside whoever acted; nothing where the name says it."""
    hints: dict[CaseSource, str] = {
        CaseSource.SLASH: _("by command"),
        CaseSource.DISCORD: _("in Discord"),
    }
    return hints.get(CaseSource(source), "")


def kind_options() -> list[tuple[str, str]]:
    return [
        ("", _("Any act")),
        *((kind.value, kind_name(kind)) for kind in CaseKind),
    ]


def status_options() -> list[tuple[str, str]]:
    return [("", _("Any state")), *((status.value, status_mark(status).text) for status in CaseStatus)]


def source_options() -> list[tuple[str, str]]:
    return [("", _("Any source")), *((source.value, source_name(source)) for source in CaseSource)]


def event_sentence(event: CaseEvent) -> str:
    """What happened, for the case's timeline."""
    code = str(event.detail.get("code", ""))
    by_case = event.detail.get("by_case")
    sentences: dict[CaseEventKind, str] = {
        CaseEventKind.OPENED: _("Asked for"),
        CaseEventKind.OUTCOME_UNKNOWN: _("Discord's answer was lost; the panel is finding out what happened"),
        CaseEventKind.APPLIED: _("Applied on Discord"),
        CaseEventKind.FAILED: why_failed(code),
        CaseEventKind.CONFIRMED: _("Confirmed by Discord's audit log"),
        CaseEventKind.LIFTED: _("Ended by case %(number)s", number=by_case),
        CaseEventKind.EXPIRED: _("Ran out by itself"),
    }
    return sentences[CaseEventKind(event.kind)]


def actor_of(case: Case) -> str:
    """Who is responsible, as far as it is known."""
    if case.actor_name:
        return case.actor_name
    return str(case.actor_id) if case.actor_id is not None else source_name(case.source)


def target_of(case: Case) -> str:
    """Whom it is about: the name, else the id."""
    if case.target_id == 0:
        return str(_("somebody who was erased"))
    return case.target_name or str(case.target_id)
