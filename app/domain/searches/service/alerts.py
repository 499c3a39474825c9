"""Being told when a saved search finds something new."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.db.transaction import retriable, transaction
from app.domain.access import Actor, Permission, check, requires
from app.domain.clock import utcnow
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.messages.grammar import parse
from app.domain.messages.matching import leaves
from app.domain.messages.reader import reader_for
from app.domain.messages.resolving import Resolver
from app.domain.messages.special_matches import ListedMatch, ReactionMatch
from app.domain.searches import queries, watching
from app.domain.searches.models import SearchAlert
from app.domain.webhooks.models import WebhookPurpose
from app.domain.webhooks.queries import webhook_for
from app.extensions import db

MOST_OF_ONE = 20
"""Alerts of one person: each is held against all that is written."""


class Pause(StrEnum):
    """Why an alert tells nothing."""

    TOO_MANY = "too_many"
    """It found more in an hour than anybody reads."""
    NOT_READABLE = "not_readable"
    """Its query names somebody or something that is not there any more."""
    NO_ACCESS = "no_access"
    """Whoever had it may not search any more."""


@requires(Permission.SAVE_SEARCHES)
@retriable
def set_alert(actor: Actor, search_id: int, *, posts: bool = False) -> SearchAlert:
    """Be told from now on; where there is an alert, it goes on and posts or not.

    Raises `Invalid` for a search that nothing can be told of, `Conflict` where there are too many or no channel to post to.
    """
    if posts:
        check(actor, Permission.POST_ALERTS)
    reader = reader_for(actor)
    row = queries.search_shown_to(actor, reader, search_id)
    matcher = Resolver(reader, expands=False).resolve(parse(row.query))
    if any(isinstance(leaf, ReactionMatch | ListedMatch) for leaf in leaves(matcher)):
        problem = _("Reactions and cases change without news of a message: an alert cannot wait for reacted: or case:.")
        raise Invalid(problem, fields={"q": problem})
    with transaction():
        webhook = webhook_for(WebhookPurpose.ALERTS) if posts else None
        if posts and (webhook is None or not reader.sees(webhook.channel_id)):
            raise Conflict(
                _("There is no channel for alerts that you see. Choose one in the set-up."), code="no_channel"
            )
        alert = db.session.scalar(_own(actor, search_id).with_for_update())
        if alert is None:
            if queries.alert_count(actor.user_id) >= MOST_OF_ONE:
                raise Conflict(_("You have %(count)s alerts. Remove one first.", count=MOST_OF_ONE), code="too_many")
            alert = SearchAlert(search_id=search_id, user_id=actor.user_id, since=utcnow())
            db.session.add(alert)
        elif alert.paused_code is not None:
            alert.paused_code, alert.since = None, utcnow()
        alert.posts, alert.post_code = posts, None
    watching.forget_compiled()
    return alert


@requires(Permission.SAVE_SEARCHES)
@retriable
def remove_alert(actor: Actor, search_id: int) -> None:
    """Be told no more. Raises `NotFound`."""
    with transaction():
        alert = db.session.scalar(_own(actor, search_id))
        if alert is None:
            raise NotFound(_("There is no such alert."))
        db.session.delete(alert)
    watching.forget_compiled()


def _own(actor: Actor, search_id: int) -> Select[SearchAlert]:
    return select(SearchAlert).where(SearchAlert.search_id == search_id, SearchAlert.user_id == actor.user_id)
