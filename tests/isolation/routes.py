"""The declared table of the walk: every route, how to ask for it with real ids, and the lowest role that may.

A new route fails `test_every_route_is_in_the_table` until it stands here. Copy the nearest neighbour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.contracts.bot_api import Act
from app.domain.access import Role
from app.domain.files.signing import sign_attachment
from tests.isolation.cast import holder_of
from tests.isolation.world import Side

Fields = Callable[[Side], Mapping[str, Any]]


def _nothing(_side: Side) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Visit:
    """One route of a community as a person with `lowest` asks for it, successfully.

    `values` fills the URL beside `guild_id`; `form`, `json` and `query` name things of the community.
    """

    endpoint: str
    lowest: Role
    method: str = "GET"
    values: Fields = _nothing
    form: Fields | None = None
    json: Fields | None = None
    query: Fields = _nothing
    answers: frozenset[int] = frozenset({200})
    reads_json: bool = False
    """The route answers JSON, to whoever is signed in or not."""
    in_url: bool = True
    """False where the community is named in the body."""
    about_anybody: bool = False
    """The id in the URL is a Discord user's: a person belongs to no community and may be acted on by their bare id."""
    note: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}{' ' + self.note if self.note else ''}"


def _post(endpoint: str, lowest: Role, *, answers: frozenset[int] = frozenset({303}), **more: Any) -> Visit:
    return Visit(endpoint, lowest, "POST", form=more.pop("form", _nothing), answers=answers, **more)


VIEWER, MODERATOR, ADMIN, OWNER = Role.VIEWER, Role.MODERATOR, Role.ADMIN, Role.OWNER

COMMUNITY: tuple[Visit, ...] = (
    # tenants
    Visit("tenants.overview", VIEWER),
    Visit("tenants.install", VIEWER, answers=frozenset({303}), note="(staff are led to the overview)"),
    Visit("tenants.set_up", OWNER),
    Visit("tenants.set_up_steps", OWNER),
    _post("tenants.set_up_archive", OWNER, form=lambda s: {"retention": "keep", "purpose": "moderation"}),
    _post(
        "tenants.set_up_channels",
        OWNER,
        form=lambda s: {"alerts_channel_id": s.hidden_channel_id, "publish_channel_id": s.channel_id},
    ),
    _post("tenants.set_up_retries", OWNER),
    # staff
    Visit("staff.listing", ADMIN),
    _post("staff.invite", ADMIN, form=lambda s: {"role": "viewer", "days": "3"}),
    _post("staff.revoke", ADMIN, values=lambda s: {"invitation_id": s.invitation_id}),
    _post("staff.change", ADMIN, values=lambda s: {"user_id": s.staff_id}, form=lambda s: {"role": "viewer"}),
    _post("staff.remove", ADMIN, values=lambda s: {"user_id": s.staff_id}),
    _post("staff.map_role", ADMIN, form=lambda s: {"discord_role_id": s.free_role_id, "role": "viewer"}),
    _post("staff.unmap_role", ADMIN, values=lambda s: {"role_id": s.role_id}),
    # notifications
    Visit("notifications.listing", VIEWER),
    _post("notifications.readings", VIEWER),
    # messages
    Visit("messages.search", VIEWER, query=lambda s: {"q": f"in:{s.channel_id} from:{s.member_id} hello"}),
    Visit(
        "messages.write_query",
        VIEWER,
        query=lambda s: {"words": "hello", "op-0": "in", "value-0": s.channel_id},
        answers=frozenset({303}),
    ),
    Visit("messages.suggestions", VIEWER, query=lambda s: {"q": "from:mem"}),
    Visit("messages.counts", VIEWER, query=lambda s: {"q": f"in:{s.channel_id} hello"}),
    Visit("channels.newest", VIEWER, values=lambda s: {"channel_id": s.channel_id}, answers=frozenset({303})),
    Visit("messages.context", VIEWER, values=lambda s: {"message_id": s.message_id}),
    Visit("channels.pick", VIEWER, values=lambda s: {"channel_id": s.channel_id}, answers=frozenset({303})),
    Visit("channels.at", VIEWER, values=lambda s: {"channel_id": s.channel_id, "moment": "2026-11-20T12:00:00Z"}),
    Visit("viewings.listing", ADMIN),
    # files
    Visit(
        "attachments.attachment",
        VIEWER,
        values=lambda s: {"attachment_id": s.attachment_id},
        query=lambda s: {"for": sign_attachment(s.guild_id, s.attachment_id, holder_of(VIEWER))},
    ),
    Visit("files.usage", ADMIN),
    Visit("files.ask_quarantine", ADMIN, values=lambda s: {"attachment_id": s.attachment_id}),
    _post(
        "files.quarantine",
        ADMIN,
        values=lambda s: {"attachment_id": s.attachment_id},
        form=lambda s: {"reason": "leaked address"},
    ),
    _post("files.release", ADMIN, values=lambda s: {"sha256": s.quarantined_sha256}),
    # searches
    Visit("searches.listing", VIEWER, query=lambda s: {"q": "hello"}),
    _post("searches.save", VIEWER, form=lambda s: {"name": "greetings", "q": "hello", "pin": "1"}),
    _post(
        "searches.change",
        VIEWER,
        values=lambda s: {"search_id": s.searches.search_id},
        form=lambda s: {"name": "partings", "q": "bye"},
    ),
    _post("searches.pin", VIEWER, values=lambda s: {"search_id": s.searches.search_id}),
    _post("searches.alert", VIEWER, values=lambda s: {"search_id": s.searches.search_id}),
    _post("searches.delete", VIEWER, values=lambda s: {"search_id": s.searches.search_id}),
    # exports
    Visit("exports.listing", MODERATOR),
    _post("exports.order", MODERATOR, form=lambda s: {"q": "hello"}),
    _post("exports.cancel", MODERATOR, values=lambda s: {"export_id": s.searches.export_id}),
    Visit(
        "exports.download",
        MODERATOR,
        values=lambda s: {"export_id": s.searches.export_id},
        query=lambda s: {"for": s.searches.signature},
    ),
    # coverage
    Visit("coverage.listing", VIEWER),
    Visit("coverage.arriving", OWNER),
    _post("coverage.request_backfill", ADMIN, form=lambda s: {"channel_id": s.channel_id, "days": "30"}),
    _post("coverage.cancel_backfill", ADMIN, values=lambda s: {"backfill_id": s.backfill_id}),
    _post("coverage.resume_backfill", ADMIN, values=lambda s: {"backfill_id": s.backfill_id}),
    # members
    Visit("members.listing", VIEWER, query=lambda s: {"name": "member", "after": str(s.member_id)}),
    Visit("members.profile", VIEWER, values=lambda s: {"user_id": s.member_id}),
    # moderation
    *(
        visit
        for act in Act
        for visit in (
            Visit(f"moderation.ask_{act}", MODERATOR, values=lambda s: {"user_id": s.member_id}, about_anybody=True),
            _post(
                f"moderation.{act}",
                MODERATOR,
                values=lambda s: {"user_id": s.member_id},
                form=lambda s: {"reason": "spam", "seconds": "600", "delete_message_seconds": "0"},
                about_anybody=True,
            ),
        )
    ),
    Visit("moderation.cases", VIEWER, query=lambda s: {"about": str(s.member_id)}),
    Visit("moderation.case", VIEWER, values=lambda s: {"number": s.case_number}),
    Visit("moderation.ask_lifting", MODERATOR, values=lambda s: {"number": s.case_number}),
    _post("moderation.lift", MODERATOR, values=lambda s: {"number": s.case_number}, form=lambda s: {"reason": "sorry"}),
    # privacy
    Visit("privacy.listing", OWNER),
    _post("privacy.retention", OWNER, form=lambda s: {"channel_id": s.channel_id, "messages": "keep"}),
    _post("privacy.undo", OWNER, values=lambda s: {"change_id": s.privacy.change_id}),
    _post("privacy.exclude", OWNER, form=lambda s: {"kind": "channel", "channel_id": s.hidden_channel_id}),
    Visit("privacy.ask_deletion", OWNER, values=lambda s: {"kind": "member", "object_id": s.privacy.excluded_id}),
    _post("privacy.delete_kept", OWNER, values=lambda s: {"kind": "member", "object_id": s.privacy.excluded_id}),
    _post("privacy.include", OWNER, values=lambda s: {"kind": "member", "object_id": s.privacy.excluded_id}),
    Visit("privacy.ask_notice", OWNER),
    _post("privacy.post_notice", OWNER),
    Visit("privacy_requests.listing", ADMIN),
    Visit("privacy_requests.receipt", ADMIN, values=lambda s: {"erasure_id": s.privacy.erasure_id}),
    _post(
        "privacy_requests.answer",
        ADMIN,
        values=lambda s: {"request_id": s.privacy.request_id},
        form=lambda s: {"answer": "decline", "words": "a dispute is open"},
    ),
    Visit("privacy_requests.ask_erasure", OWNER, query=lambda s: {"user_id": s.member_id}, about_anybody=True),
    _post("privacy_requests.erase", OWNER, form=lambda s: {"user_id": s.member_id}, about_anybody=True),
    _post(
        "privacy_requests.hold",
        OWNER,
        form=lambda s: {"kind": "member", "object_id": s.member_id, "reason": "a court asked"},
        about_anybody=True,
    ),
    _post("privacy_requests.lift", OWNER, values=lambda s: {"hold_id": s.privacy.hold_id}),
    # the way to the bot
    *(
        Visit(
            "bot_proxy.forwarded",
            VIEWER,
            values=lambda s, path=path: {"path": path.format(member=s.member_id)},
            reads_json=True,
            about_anybody=True,
            note=path,
        )
        for path in ("guild", "channels", "roles", "permissions", "members", "members/{member}")
    ),
    *(
        Visit(
            "bot_proxy.forwarded",
            MODERATOR,
            "POST",
            values=lambda s, act=act: {"path": f"moderation/{act}"},
            json=lambda s: {"target_id": str(s.member_id), "reason": "spam", "seconds": 600},
            reads_json=True,
            about_anybody=True,
            note=act,
        )
        for act in Act
    ),
    # live
    Visit("live.poll", VIEWER, reads_json=True),
    Visit(
        "live.ws_ticket",
        VIEWER,
        "POST",
        json=lambda s: {"guild_id": str(s.guild_id)},
        reads_json=True,
        in_url=False,
    ),
)

ELSEWHERE: dict[str, str] = {
    "data_map.page": "anybody; test_doors_without_a_community",
    "me.ask": "what a community keeps about oneself; test_doors_without_a_community",
    "me.ask_copy": "what a community keeps about oneself; test_doors_without_a_community",
    "me.ask_erasure": "what a community keeps about oneself; test_doors_without_a_community",
    "me.copy": "what a community keeps about oneself; test_doors_without_a_community",
    "me.page": "what a community keeps about oneself; test_doors_without_a_community",
    "me.receipt": "what a community keeps about oneself; test_doors_without_a_community",
    "me.withdraw": "what a community keeps about oneself; test_doors_without_a_community",
    "accounts.login": "anybody; test_doors_without_a_community",
    "accounts.logout": "one's own session; test_doors_without_a_community",
    "health.healthz": "anybody; test_doors_without_a_community",
    "health.readyz": "anybody; test_doors_without_a_community",
    "home.page": "anybody; test_doors_without_a_community",
    "images.show": "a signed address opens for its viewer alone; test_doors_without_a_community",
    "internal.bot_membership": "the bot's signature; test_doors_without_a_community",
    "invitations.accept": "the link is the right; test_doors_without_a_community",
    "invitations.show": "the link is the right; test_doors_without_a_community",
    "oauth.begin": "anybody; test_doors_without_a_community",
    "oauth.callback": "state and PKCE; test_doors_without_a_community",
    "tenants.servers": "one's own list; test_doors_without_a_community",
}
"""Routes that name no community of their own, with where they are walked."""
