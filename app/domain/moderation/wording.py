"""The sentences that people read about acts and refusals, each with what to do about it."""

from __future__ import annotations

from flask_babel import gettext as _

from app.contracts.bot_api import Act
from app.domain.moderation.models import CaseKind
from app.domain.moderation.ranks import Rule

RULE_PREFIX = "rank:"
"""A refusal's error code is this and the rule's name."""


def kind_name(kind: CaseKind) -> str:
    """What was done, as a case list calls it."""
    return {
        CaseKind.BAN: _("Ban"),
        CaseKind.UNBAN: _("Unban"),
        CaseKind.KICK: _("Kick"),
        CaseKind.TIMEOUT: _("Timeout"),
        CaseKind.UNTIMEOUT: _("End of timeout"),
        CaseKind.QUARANTINE: _("Quarantine"),
    }[kind]


def what_happened(act: Act) -> str:
    """The act once it is applied, before the person's name or mention."""
    return {
        Act.BAN: _("Banned:"),
        Act.UNBAN: _("Ban lifted:"),
        Act.KICK: _("Kicked:"),
        Act.TIMEOUT: _("Timed out:"),
        Act.UNTIMEOUT: _("Timeout ended:"),
    }[act]


def right_name(act: Act) -> str:
    """The Discord permission that the act needs, as Discord's own settings call it."""
    return {
        Act.BAN: _("Ban Members"),
        Act.UNBAN: _("Ban Members"),
        Act.KICK: _("Kick, Approve, and Reject Members"),
        Act.TIMEOUT: _("Timeout Members"),
        Act.UNTIMEOUT: _("Timeout Members"),
    }[act]


def why_refused(rule: Rule, act: Act) -> str:
    """One or two sentences: what forbids it, and what would change that."""
    right = right_name(act)
    return {
        Rule.TARGET_IS_YOURSELF: _("You cannot do this to yourself."),
        Rule.TARGET_IS_THIS_BOT: _("This bot cannot act on itself. Remove it in Discord's server settings instead."),
        Rule.TARGET_IS_OWNER: _("They own this server. Nobody can act on the owner."),
        Rule.ACTOR_NOT_IN_SERVER: _("You are not a member of this server. Join it, then try again."),
        Rule.ACTOR_TIMED_OUT: _("You are timed out in this server, so your Discord permissions rest until that ends."),
        Rule.ACTOR_LACKS_RIGHT: _(
            "You need the Discord permission “%(right)s” in this server. Ask whoever manages its roles.", right=right
        ),
        Rule.TARGET_NOT_IN_SERVER: _("They are not in this server any more."),
        Rule.TARGET_NOT_BELOW_ACTOR: _(
            "Their highest role is not below yours, so Discord does not let you act on them."
        ),
        Rule.TARGET_IS_PROTECTED_STAFF: _(
            "They hold the same or a higher role in this panel. Ask an admin or the owner to change that first."
        ),
        Rule.TARGET_IS_ADMINISTRATOR: _(
            "Discord does not time out administrators. Take the administrator role away first."
        ),
        Rule.BOT_LACKS_RIGHT: _(
            "The bot lacks the Discord permission “%(right)s”. Give it to the bot's role in the server settings.",
            right=right,
        ),
        Rule.TARGET_NOT_BELOW_BOT: _(
            "Their highest role is not below the bot's. Move the bot's role above it in the server settings."
        ),
    }[rule]


def why_failed(code: str) -> str:
    """What stopped an act that was allowed, from the code kept in its case."""
    sentences = {
        "discord_10004": _("Discord does not know this server any more; the bot may have been removed."),
        "discord_10007": _("They had left the server."),
        "discord_10013": _("Discord does not know this account any more."),
        "discord_10026": _("They were not banned."),
        "discord_50001": _("Discord refused: the bot lacks access."),
        "discord_50013": _("Discord refused: the bot's permissions or its role's place do not allow it."),
        "discord_30035": _("Discord refused: too many bans of people who are not in the server. Try again tomorrow."),
        "discord_60003": _("Discord refused: this server demands two-factor authentication of whoever owns the bot."),
        "not_applied": _("Discord's answer was lost, and a later look showed that nothing had happened. Try again."),
        "poison": _("The panel could not find out what happened. Look in Discord, then try again."),
    }
    return sentences.get(code) or _("Discord refused (%(code)s).", code=code)
