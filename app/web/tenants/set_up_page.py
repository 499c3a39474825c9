"""Set-up steps in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.contracts.bot_api import Code
from app.db.claimable import JobState
from app.domain.tenants.models import SetupStep, SetupStepKind
from app.domain.tenants.queries import SetupProgress


@dataclass(frozen=True)
class DescribedStep:
    """One line of the list: what it does, how it stands, and what to do where it does not go on."""

    kind: str
    title: str
    state: str
    tone: str
    state_word: str
    advice: str | None


def describe(progress: SetupProgress) -> list[DescribedStep]:
    """The steps in the order in which they run."""
    return [_described(step) for step in progress.steps]


def _described(step: SetupStep) -> DescribedStep:
    tone, word = {
        JobState.DONE: ("good", _("Done")),
        JobState.FAILED: ("danger", _("Needs you")),
        JobState.IN_PROGRESS: ("accent", _("Running")),
    }.get(JobState(step.state), ("", _("Waiting")))
    return DescribedStep(step.kind, _title(SetupStepKind(step.kind)), step.state, tone, word, _advice(step))


def _title(kind: SetupStepKind) -> str:
    titles: dict[SetupStepKind, str] = {
        SetupStepKind.BOT_PRESENT: _("The bot arrives in your server"),
        SetupStepKind.COPY_GUILD: _("Channels, roles and members are copied"),
        SetupStepKind.WEBHOOK_ALERTS: _("A webhook for staff alerts is made"),
        SetupStepKind.WEBHOOK_PUBLISH: _("A webhook for announcements is made"),
    }
    return titles[kind]


def _advice(step: SetupStep) -> str | None:
    if step.state == JobState.DONE or step.last_code is None:
        return None
    advice: dict[str, str] = {
        "bot_not_seen": _("The bot has not reported in yet. This usually takes a few seconds."),
        "still_running": _("A large server takes a little longer. This goes on by itself."),
        "no_channel": _no_channel(SetupStepKind(step.kind)),
        "bot_not_let_in": _(
            "The bot may not make a webhook in any channel that fits. In Discord, give it View Channel and Manage "
            "Webhooks in the one chosen below, then try again; or choose another."
        ),
        "earlier_step_failed": _("It waits for the step above."),
        "discord_50013": _(
            "Discord refused: the bot lacks Manage Webhooks in the channel. Allow it there, then try again."
        ),
        "discord_50001": _(
            "Discord refused: the bot cannot see the channel. Give it View Channel there, then try again."
        ),
        "discord_30007": _("That channel already has fifteen webhooks. Remove one there, or choose another channel."),
        Code.BOT_UNREACHABLE.value: _("The bot is away. This goes on by itself once it is back."),
        Code.BOT_TIMEOUT.value: _("The bot took too long. This is tried again by itself."),
        Code.BOT_NOT_READY.value: _("The bot is still starting. This is tried again by itself."),
        Code.BOT_CIRCUIT_OPEN.value: _("The bot is away. This goes on by itself once it is back."),
        "poison": _(
            "It stopped three times without a result. Try again; if it stops once more, look into the system log."
        ),
    }
    otherwise: str = _("It did not work: %(code)s.", code=step.last_code)
    return advice.get(step.last_code, otherwise)


def _no_channel(kind: SetupStepKind) -> str:
    if kind is SetupStepKind.WEBHOOK_ALERTS:
        alerts: str = _(
            "No channel here is hidden from @everyone. Make one for your staff on Discord and try again, or confirm "
            "“Nowhere” below."
        )
        return alerts
    publish: str = _("No channel fits by itself. Choose one below.")
    return publish
