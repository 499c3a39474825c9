"""Two whole communities side by side, with rows in every table, and a mark in every text of the second."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.clients import clients
from app.clients.bot_api.fake import FakeBotApi
from app.clients.bot_api.port import Answer
from app.clients.safe_http.fake import FakeSafeHttp
from app.clients.safe_http.port import Fetched
from app.contracts.bot_api import Act
from app.db.claimable import JobState
from app.db.scope import current_tenant_id, tenant_scope
from app.db.transaction import release_connection, transaction
from app.domain.access import Actor, Role, SystemActor
from app.domain.accounts.models import User
from app.domain.clock import DISCORD_EPOCH_MS, utcnow
from app.domain.coverage.intervals import Stretch
from app.domain.coverage.ledger import open_gap
from app.domain.coverage.models import Backfill, GapReason
from app.domain.coverage.readable import BotPlace
from app.domain.coverage.service import COVERAGE, account_for_channels
from app.domain.exports.models import Export
from app.domain.exports.queries import key_of
from app.domain.exports.signing import sign_export
from app.domain.files.models import QuarantinedFile
from app.domain.holds.models import Hold
from app.domain.members.service import copy_guild, copy_members
from app.domain.messages.models import Message
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.moderation.models import Case, CaseEvent, CaseSource, CaseStatus, Counter
from app.domain.notifications.kinds import Kind
from app.domain.notifications.models import Notification
from app.domain.privacy.models import Erasure, ErasureRequest
from app.domain.searches.models import AlertMatch, SavedSearch, SearchAlert, SearchPin
from app.domain.staff import service as staff
from app.domain.staff.models import Membership
from app.domain.staff.service import InviteStaff, MapRole
from app.domain.tenants.models import ArchiveExclusion, BotSettings, RetentionChange, Tenant, TenantState
from app.domain.tenants.queries import tenant_of_guild
from app.domain.webhooks.models import DiscordWebhook, WebhookPurpose
from app.extensions import db
from tests.isolation.cast import ADA, PAT
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, VERA

UNKNOWN_GUILD = 399999999999999999
MARK = "frostbitten"
"""Stands in every text of B: no answer to anybody of A may ever carry it."""

ADMINISTRATOR, VIEW_AND_READ = 1 << 3, (1 << 10) | (1 << 16)
CDN = "https://cdn.discordapp.com/attachments"
COPY, GATEWAY = SystemActor("copy"), SystemActor("gateway")
FIRST_MOMENT_MS = 1_793_520_000_000


@dataclass(frozen=True)
class PrivacyIds:
    """A shortening that waits, a request, an erasure with its receipt, a hold, and whose messages are left out."""

    change_id: int
    request_id: int
    erasure_id: int
    hold_id: int
    excluded_id: int


@dataclass(frozen=True)
class SearchIds:
    """A search that the viewer keeps and shares, with an alert that matched, and a file that the moderator took."""

    search_id: int
    export_id: int
    signature: str


@dataclass(frozen=True)
class Side:
    """One community and an id of each kind of thing in it."""

    tenant_id: int
    guild_id: int
    owner_id: int
    channel_id: int
    hidden_channel_id: int
    role_id: int
    free_role_id: int
    member_id: int
    staff_id: int
    message_id: int
    hidden_message_id: int
    attachment_id: int
    backfill_id: int
    quarantined_sha256: str
    invitation_id: int
    invitation_token: str
    case_number: int
    privacy: PrivacyIds
    searches: SearchIds


@dataclass(frozen=True)
class World:
    a: Side
    b: Side


def build_world() -> World:
    """A is Alice's, B is Charlie's; both were installed before. Numbers of B's cases are unknown in A."""
    bot = clients().bot_api
    assert isinstance(bot, FakeBotApi)
    for act in Act:
        done = {"case": {"number": 1, "status": CaseStatus.APPLIED.value, "failure_code": None}}
        bot.answers[("POST", f"/moderation/{act}")] = Answer(200, done)
    for path in ("guild", "channels", "roles", "permissions", "members", f"members/{_member_of(SERVER_A)}"):
        bot.answers[("GET", f"/{path}")] = Answer(200, {"system_channel_id": None})
    return World(
        _fill(
            SERVER_A, ALICE, "", {ADA: Role.ADMIN, BOB: Role.MODERATOR, VERA: Role.VIEWER, PAT: Role.MODERATOR}, cases=2
        ),
        _fill(SERVER_B, CHARLIE, f" {MARK}", {PAT: Role.VIEWER, 210000000000000009: Role.MODERATOR}, cases=4),
    )


def _fill(guild_id: int, owner_id: int, mark: str, others: dict[int, Role], *, cases: int) -> Side:
    tenant = tenant_of_guild(guild_id)
    assert tenant is not None, "install it first"
    tenant_id = tenant.id
    owner = Actor(owner_id, tenant_id, guild_id, Role.OWNER)
    base, member_id = _first_id(guild_id), _member_of(guild_id)
    channel_id, hidden_id, role_id, free_role_id = (base + offset for offset in range(1, 5))
    _staff(tenant_id, others, mark)
    with tenant_scope(tenant_id):
        _guild(guild_id, (channel_id, hidden_id), (role_id, free_role_id), mark)
        copy_members(COPY, [_member(one, mark) for one in (owner_id, *others, member_id)], complete=True)
        _settings(channel_id, hidden_id)
        made = staff.invite(owner, InviteStaff("moderator", 7))
        invitation_id = made.invitation.id
        staff.map_role(owner, MapRole(role_id, "viewer"))
        _cases(member_id, owner_id, mark, cases)
        _told(owner_id, hidden_id, base, mark)
        backfill_id = _ledger(base, channel_id, owner_id)
        quarantined_sha256 = _withdrawn(owner_id, base, mark)
    message_id, hidden_message_id, attachment_id = _archive(tenant_id, base, (channel_id, hidden_id), member_id, mark)
    with tenant_scope(tenant_id):
        privacy = _privacy(base, member_id, hidden_message_id, owner_id, mark)
        holders = {role: user_id for user_id, role in reversed(others.items())}
        searches = _searches(base, holders[Role.VIEWER], holders[Role.MODERATOR], channel_id, message_id, mark)
    return Side(
        tenant_id=tenant_id,
        guild_id=guild_id,
        owner_id=owner_id,
        channel_id=channel_id,
        hidden_channel_id=hidden_id,
        role_id=role_id,
        free_role_id=free_role_id,
        member_id=member_id,
        staff_id=next(one for one, role in others.items() if role is Role.MODERATOR and one != BOB),
        message_id=message_id,
        hidden_message_id=hidden_message_id,
        attachment_id=attachment_id,
        backfill_id=backfill_id,
        quarantined_sha256=quarantined_sha256,
        invitation_id=invitation_id,
        invitation_token=made.token,
        case_number=cases,
        privacy=privacy,
        searches=searches,
    )


def _first_id(guild_id: int) -> int:
    """Ids of a community's things count from here."""
    return guild_id * 10 % 10**17 + 5 * 10**17


def _member_of(guild_id: int) -> int:
    return _first_id(guild_id) + 5


def _staff(tenant_id: int, others: dict[int, Role], mark: str) -> None:
    with transaction():
        for user_id, role in others.items():
            if db.session.get(User, user_id) is None:
                db.session.add(User(id=user_id, username=f"staff{user_id % 1000}", display_name=f"Staff{mark}"))
                db.session.flush()
            db.session.add(Membership(tenant_id=tenant_id, user_id=user_id, role=int(role)))


def _guild(guild_id: int, channels: tuple[int, int], roles: tuple[int, int], mark: str) -> None:
    hidden = [{"id": str(guild_id), "type": 0, "allow": "0", "deny": str(1 << 10)}]
    copy_guild(
        COPY,
        {"id": str(guild_id), "name": f"Guild{mark}"},
        [
            {"id": str(channels[0]), "type": 0, "name": f"general{mark}", "position": 0, "permission_overwrites": []},
            {"id": str(channels[1]), "type": 0, "name": f"staff{mark}", "position": 1, "permission_overwrites": hidden},
        ],
        [
            {"id": str(guild_id), "name": "@everyone", "color": 0, "position": 0, "permissions": str(VIEW_AND_READ)},
            *(
                {"id": str(role), "name": f"Role {role}{mark}", "color": 1, "position": 1, "permissions": "0"}
                for role in roles
            ),
        ],
        [],
    )


def _member(user_id: int, mark: str) -> dict[str, Any]:
    return {
        "user": {
            "id": str(user_id),
            "username": f"member{user_id % 10**6}",
            "global_name": f"Member{mark}",
            "avatar": None,
            "discriminator": "0",
        },
        "nick": None,
        "roles": [],
        "joined_at": "2025-01-02T03:04:05.678000+00:00",
        "flags": 0,
    }


def _settings(channel_id: int, hidden_id: int) -> None:
    with transaction():
        settings = db.session.query(BotSettings).one()
        settings.archive_enabled, settings.archive_purpose, settings.retention_days = True, "moderation", 365
        settings.alerts_channel_id, settings.publish_channel_id = hidden_id, channel_id
        settings.channels_confirmed_at = settings.chosen_at = utcnow()
        db.session.query(Tenant).filter_by(id=current_tenant_id()).one().state = TenantState.ACTIVE


def _privacy(base: int, member_id: int, message_id: int, owner_id: int, mark: str) -> PrivacyIds:
    """Somebody asks to be erased, somebody was, something is held, a shortening waits, a bot is left out."""
    now = utcnow()
    ids = PrivacyIds(base + 71, base + 72, base + 73, base + 74, base + 75)
    with transaction():
        db.session.add_all(
            [
                RetentionChange(
                    id=ids.change_id,
                    channel_id=0,
                    kept="deleted",
                    days=7,
                    asked_by=owner_id,
                    due_at=now + timedelta(days=1),
                ),
                ErasureRequest(
                    id=ids.request_id,
                    user_id=member_id,
                    user_name=f"Member{mark}",
                    words=f"please{mark}",
                    answer_by=now,
                ),
                Erasure(
                    id=ids.erasure_id,
                    person_mark=base,
                    before_id=base,
                    due_at=now,
                    state=JobState.DONE,
                    receipt=f"{{}}{mark}",
                    signature="t1:ab",
                ),
                Hold(id=ids.hold_id, kind="message", object_id=message_id, reason=f"held{mark}", set_by=owner_id),
                ArchiveExclusion(kind="member", object_id=ids.excluded_id, added_by=owner_id),
            ]
        )
    return ids


def _searches(base: int, viewer_id: int, moderator_id: int, channel_id: int, message_id: int, mark: str) -> SearchIds:
    now = utcnow()
    file_name = f"{base}-sledge.csv.gz"
    with transaction():
        db.session.add(
            SavedSearch(id=base + 81, owner_id=viewer_id, name=f"greetings{mark}", query=f"hello{mark}", is_shared=True)
        )
        db.session.flush()
        db.session.add(SearchPin(user_id=viewer_id, search_id=base + 81))
        db.session.add(SearchAlert(id=base + 82, search_id=base + 81, user_id=viewer_id))
        db.session.flush()
        db.session.add(AlertMatch(alert_id=base + 82, message_id=message_id, state=JobState.DONE, due_at=now))
        made = Export(
            id=base + 83,
            asked_by=moderator_id,
            query=f"hello{mark}",
            state=JobState.DONE,
            due_at=now,
            file_name=file_name,
            size=len(mark) + 4,
            rows_done=1,
            channel_ids=[str(channel_id)],
            expires_at=now + timedelta(days=7),
        )
        db.session.add(made)
    signature = sign_export(made, moderator_id)
    release_connection()
    content = f"file{mark}".encode()
    clients().file_store.put(key_of(file_name), io.BytesIO(content), len(content))
    return SearchIds(base + 81, base + 83, signature)


def _cases(target_id: int, actor_id: int, mark: str, count: int) -> None:
    """`count` cases; the last is a ban that can be lifted."""
    with transaction():
        db.session.add(Counter(name="case", value=count))
        for number in range(1, count + 1):
            case = Case(
                number=number,
                kind=Act.BAN.value if number == count else Act.KICK.value,
                source=CaseSource.PANEL,
                status=CaseStatus.APPLIED,
                target_id=target_id,
                target_name=f"Target{mark}",
                actor_id=actor_id,
                actor_name="Owner",
                reason=f"reason{mark}",
            )
            db.session.add(case)
            db.session.flush()
            db.session.add(CaseEvent(case_id=case.id, kind="opened", actor_id=actor_id, detail={"mark": mark}))


def _told(owner_id: int, channel_id: int, base: int, mark: str) -> None:
    with transaction():
        db.session.add(Notification(user_id=owner_id, kind=Kind.BOT_REMOVED))
        for number, purpose in enumerate(WebhookPurpose):
            hook = DiscordWebhook(
                id=base + 50 + number, purpose=purpose.value, channel_id=channel_id, name=f"hook{mark}"
            )
            hook.token = "sealed"
            db.session.add(hook)


def _ledger(base: int, channel_id: int, owner_id: int) -> int:
    """The archive is on, a stretch of a channel is complete, another is being fetched."""
    own = BotPlace(base + 99, ())
    account_for_channels(COVERAGE, own, now_ms=FIRST_MOMENT_MS)
    with transaction():
        oldest = (FIRST_MOMENT_MS - DISCORD_EPOCH_MS) << 22
        backfill = Backfill(
            reason=GapReason.REQUEST,
            requested_by=owner_id,
            channel_id=channel_id,
            oldest_id=0,
            before_id=oldest,
            due_at=utcnow(),
            started_at=utcnow(),
            state=JobState.DONE,
        )
        db.session.add(backfill)
        db.session.flush()
        open_gap(channel_id, GapReason.REQUEST, Stretch(1, oldest), since_ms=0, backfill_id=backfill.id)
    return backfill.id


def _withdrawn(owner_id: int, base: int, mark: str) -> str:
    sha256 = hashlib.sha256(str(base).encode()).hexdigest()
    with transaction():
        db.session.add(QuarantinedFile(sha256=sha256, reason=f"leaked{mark}", quarantined_by=owner_id))
    return sha256


def _archive(tenant_id: int, base: int, channels: tuple[int, int], author_id: int, mark: str) -> tuple[int, int, int]:
    first = ((FIRST_MOMENT_MS - DISCORD_EPOCH_MS) << 22) + base % 1000 + tenant_id * 1000
    attachment_id = base + 90
    url = f"{CDN}/{channels[0]}/{attachment_id}/picture.png?ex=1&is=1&hm=1"
    picture = {
        "id": str(attachment_id),
        "filename": f"picture{mark}.png",
        "content_type": "image/png",
        "size": 70,
        "url": url,
        "proxy_url": url,
        "width": 1,
        "height": 1,
    }
    ids = [first, first + (1 << 22)]
    told = [
        _message(ids[0], channels[0], author_id, f"hello village{mark}", [picture]),
        _message(ids[1], channels[1], author_id, f"a word among staff{mark}", []),
    ]
    index_batch(GATEWAY, [ArchiveRecord(tenant_id, RecordKind.CREATED, one, FIRST_MOMENT_MS) for one in told])
    edited = {**told[0], "content": f"hello all{mark}", "edited_timestamp": "2026-11-01T09:00:00+00:00"}
    index_batch(GATEWAY, [ArchiveRecord(tenant_id, RecordKind.UPDATED, edited, FIRST_MOMENT_MS + 3_600_000)])
    with tenant_scope(tenant_id):
        assert db.session.query(Message).count() == 2
    http = clients().safe_http
    assert isinstance(http, FakeSafeHttp)
    http.pages[url] = Fetched(url, "image/png", one_pixel())
    return ids[0], ids[1], attachment_id


def _message(
    message_id: int, channel_id: int, author_id: int, content: str, attachments: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": str(message_id),
        "channel_id": str(channel_id),
        "author": {"id": str(author_id), "username": "author", "global_name": None, "avatar": None},
        "content": content,
        "timestamp": "2026-11-01T08:00:00+00:00",
        "edited_timestamp": None,
        "mention_everyone": False,
        "mentions": [],
        "attachments": attachments,
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
    }


def one_pixel() -> bytes:
    """A PNG of one grey pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")
    )
