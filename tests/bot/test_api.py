"""The bot's API: who is let in (T07), and what it says of a server."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable

import pytest
import requests
from sqlalchemy import select

from app.contracts.bot_api import Call, Direction, signed_headers
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role
from app.domain.accounts.models import User
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.messages.models import Message
from app.domain.messages.traits import Trait
from app.domain.staff.models import Membership
from app.domain.webhooks.models import DiscordWebhook, WebhookPurpose
from app.extensions import db
from tests.bot.conftest import make_tenant
from tests.bot.running import RunningBot, eventually
from tests.environment import BOT_SECRET
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN, VERA, Sandbox

StartBot = Callable[..., RunningBot]


@pytest.fixture
def bot(app: object, sandbox: Sandbox, bot_of: StartBot) -> RunningBot:
    """Communities A and B, their bot connected, Vera a viewer of A."""
    a = make_tenant(SERVER_A, ALICE)
    b = make_tenant(SERVER_B, CHARLIE)
    with transaction():
        db.session.add(User(id=VERA, username="vera", display_name="Vera"))
        db.session.flush()
        db.session.add(Membership(tenant_id=a, user_id=VERA, role=Role.VIEWER))
    running = bot_of(sandbox).wait_until_connected()
    running.a, running.b = a, b
    eventually(lambda: copied(a, GuildMember) > 5 and copied(b, GuildMember) > 0)
    return running


def copied(tenant_id: int, model: type) -> int:
    db.session.rollback()
    with tenant_scope(tenant_id):
        return len(list(db.session.scalars(select(model))))


def call(
    bot: RunningBot,
    target: str,
    actor: str,
    *,
    tenant: str = "a",
    guild: int = SERVER_A,
    method: str = "GET",
    **more: object,
) -> requests.Response:
    return bot.call(method, target, tenant=getattr(bot, tenant), guild=guild, actor=actor, **more)  # type: ignore[arg-type]


def discord_calls(sandbox: Sandbox) -> int:
    return len(sandbox.get("/sandbox/calls"))


def without_webhooks(sandbox: Sandbox) -> int:
    """Nothing is there to be taken up again; how many calls Discord has had so far."""
    api, token = f"{sandbox.url}/api/v10", {"Authorization": f"Bot {sandbox.credentials['bot_token']}"}
    for webhook in requests.get(f"{api}/guilds/{SERVER_A}/webhooks", headers=token, timeout=5).json():
        assert requests.delete(f"{api}/webhooks/{webhook['id']}", headers=token, timeout=5).ok
    return discord_calls(sandbox)


def test_anybody_learns_the_status_and_nothing_else(bot: RunningBot) -> None:
    answer = requests.get(f"{bot.url}/health", timeout=5)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_signed_caller_learns_the_details(bot: RunningBot) -> None:
    details = bot.call("GET", "/health", tenant=0, guild=0, actor="system:health").json()

    assert details["status"] == "ok" and details["guilds"] >= 2 and details["archive"]["dropped"] == 0


@pytest.mark.parametrize("path", ["/guild", "/channels", "/moderation/ban", "/webhooks", "/guild/copy", "/nothing"])
def test_a_call_without_a_signature_is_refused_on_every_route(bot: RunningBot, path: str) -> None:
    for method in ("GET", "POST"):
        answer = requests.request(method, bot.url + path, timeout=5)
        assert answer.status_code == 400
        assert answer.json()["code"] == "bad_headers"


def test_calls_that_are_not_signed_as_they_must_be_never_reach_discord(bot: RunningBot, sandbox: Sandbox) -> None:
    body = json.dumps({"target_id": str(VERA), "reason": "no"}).encode()
    before = discord_calls(sandbox)

    def ban(**more: object) -> int:
        return call(bot, "/moderation/ban", str(ALICE), method="POST", body=body, **more).status_code

    assert ban(secret="another-secret-that-is-long-enough-0123456789") == 401
    assert ban(headers={"x-signature": "0" * 64}) == 401
    assert ban(at=time.time() - 61) == 401
    assert ban(at=time.time() + 62) == 401
    assert ban(headers={"x-actor-id": str(BOB)}) == 401
    assert ban(headers={"x-guild-id": str(SERVER_B)}) == 401
    assert ban(headers={"x-tenant-id": ""}) == 400
    assert ban(headers={"x-tenant-id": "one"}) == 400
    assert ban(headers={"x_tenant_id": "1"}) == 400
    assert (
        call(bot, "/moderation/ban?x=1", str(ALICE), method="POST", body=body, headers={"x-signature": "1"}).status_code
        == 401
    )
    assert discord_calls(sandbox) == before


def test_a_header_twice_is_refused(bot: RunningBot) -> None:
    signed = Call(Direction.TO_BOT, "GET", "/guild", bot.a, SERVER_A, str(ALICE), int(time.time()))
    headers = [*signed_headers(signed, BOT_SECRET, "twice").items(), ("x-tenant-id", "1")]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)

    with socket.create_connection(("127.0.0.1", bot.port), 5) as raw:
        raw.sendall(f"GET /guild HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n".encode())
        status = raw.recv(4096).split(b"\r\n")[0]

    assert b" 400 " in status


def test_the_answer_of_the_other_direction_opens_nothing(bot: RunningBot) -> None:
    signed = Call(Direction.TO_WEB, "GET", "/guild", bot.a, SERVER_A, str(ALICE), int(time.time()))

    answer = requests.get(f"{bot.url}/guild", headers=signed_headers(signed, BOT_SECRET, "mirrored"), timeout=5)

    assert answer.status_code == 401


def test_the_right_secret_with_another_communitys_server_is_refused(bot: RunningBot, sandbox: Sandbox) -> None:
    body = json.dumps({"target_id": str(CHARLIE)}).encode()
    before = discord_calls(sandbox)

    for tenant, guild in (("a", SERVER_B), ("b", SERVER_A), ("a", 0)):
        answer = call(bot, "/moderation/ban", str(ALICE), tenant=tenant, guild=guild, method="POST", body=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_pair")
    nobodys = bot.call("GET", "/guild", tenant=0, guild=0, actor="system:health")
    assert (nobodys.status_code, nobodys.json()["code"]) == (403, "wrong_pair")
    assert discord_calls(sandbox) == before


@pytest.mark.parametrize("person", [STAN, CHARLIE, BOB])
def test_whoever_is_not_on_the_staff_is_refused_although_the_website_signed(bot: RunningBot, person: int) -> None:
    answer = call(bot, "/guild", str(person))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_staff")


def test_a_viewer_may_read_and_not_act(bot: RunningBot, sandbox: Sandbox) -> None:
    body = json.dumps({"target_id": str(BOB), "reason": "no"}).encode()

    assert call(bot, "/members?query=bob", str(VERA)).status_code == 200
    before = discord_calls(sandbox)
    assert call(bot, "/moderation/ban", str(VERA), method="POST", body=body).status_code == 403
    assert call(bot, "/webhooks", str(VERA), method="POST", body=b"{}").status_code == 403
    assert call(bot, "/guild/copy", str(VERA), method="POST").status_code == 403
    assert discord_calls(sandbox) == before


def test_the_server_is_told_as_discord_has_it(bot: RunningBot) -> None:
    guild = call(bot, "/guild", str(ALICE)).json()
    roles = call(bot, "/roles", str(ALICE)).json()["roles"]
    rights = call(bot, "/permissions", str(ALICE)).json()

    assert guild["id"] == str(SERVER_A) and guild["owner_id"] == str(ALICE) and guild["members"] > 5
    assert roles[-1]["id"] == str(SERVER_A) and "Moderator" in {role["name"] for role in roles}
    assert rights["missing"] == []


def test_a_reader_is_told_only_of_channels_that_discord_shows_them(bot: RunningBot) -> None:
    owners = {one["name"] for one in call(bot, "/channels", str(ALICE)).json()["channels"]}
    viewers = {one["name"] for one in call(bot, "/channels", str(VERA)).json()["channels"]}

    assert "staff-room" in owners and "staff-room" not in viewers
    assert viewers and viewers < owners


def test_members_are_found_by_any_of_their_names(bot: RunningBot) -> None:
    found = call(bot, "/members?query=BOB_the", str(VERA)).json()
    one = call(bot, f"/members/{BOB}", str(VERA)).json()

    assert [each["id"] for each in found["members"]] == [str(BOB)]
    assert one["username"] == "bob_the_warden" and one["bot"] is False
    assert call(bot, f"/members/{STAN}", str(VERA)).status_code == 404
    assert call(bot, f"/members/{CHARLIE}", str(VERA)).status_code == 404


def test_a_copy_is_made_whole_on_request(bot: RunningBot) -> None:
    with transaction(), tenant_scope(bot.a):
        for model in (GuildChannel, GuildRole, GuildMember):
            for row in db.session.scalars(select(model)):
                db.session.delete(row)

    answer = call(bot, "/guild/copy", "system:seeding", method="POST")

    assert answer.status_code == 200 and answer.json()["status"] == "done"
    assert copied(bot.a, GuildMember) == answer.json()["members"] > 5
    assert copied(bot.a, GuildChannel) >= answer.json()["channels"] > 3
    assert copied(bot.a, GuildRole) == answer.json()["roles"]


def test_a_webhook_is_created_once_moved_when_asked_and_its_token_told_to_nobody(
    bot: RunningBot, sandbox: Sandbox
) -> None:
    before = without_webhooks(sandbox)
    with tenant_scope(bot.a):
        first, second = list(db.session.scalars(select(GuildChannel.id).where(GuildChannel.kind == 0)))[:2]
    db.session.rollback()

    def place(channel_id: int) -> requests.Response:
        body = json.dumps({"purpose": "alerts", "channel_id": str(channel_id)}).encode()
        return call(bot, "/webhooks", "system:seeding", method="POST", body=body)

    answers = [place(first), place(first), place(second)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert set(answers[0].json()) == {"id", "purpose", "channel_id"}
    with tenant_scope(bot.a):
        row = db.session.scalars(select(DiscordWebhook)).one()
        assert (row.purpose, row.channel_id) == (WebhookPurpose.ALERTS, second)
        token = row.token
    made = [
        each
        for each in sandbox.get("/sandbox/calls")[before:]
        if each["method"] == "POST" and each["path"].endswith("/webhooks")
    ]
    assert len(made) == 1 and token and token not in json.dumps([answer.json() for answer in answers])


def test_a_webhook_for_another_communitys_channel_is_refused(bot: RunningBot) -> None:
    with tenant_scope(bot.b):
        foreign = db.session.scalars(select(GuildChannel.id).where(GuildChannel.kind == 0)).first()
    db.session.rollback()

    body = json.dumps({"purpose": "alerts", "channel_id": str(foreign)}).encode()
    answer = call(bot, "/webhooks", "system:seeding", method="POST", body=body)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_channel")


def test_a_notice_goes_through_the_webhook_where_it_was_confirmed_and_nowhere_else(
    bot: RunningBot, sandbox: Sandbox
) -> None:
    before = without_webhooks(sandbox)
    with tenant_scope(bot.a):
        first, second = list(db.session.scalars(select(GuildChannel.id).where(GuildChannel.kind == 0)))[:2]
    db.session.rollback()

    def post(channel_id: int, actor: str = "system:privacy") -> requests.Response:
        content = "Messages are kept for 30 days. @everyone"
        body = {"purpose": "publish", "channel_id": str(channel_id), "content": content}
        return call(bot, "/webhooks/messages", actor, method="POST", body=json.dumps(body).encode())

    assert (post(first).status_code, post(first, str(ALICE)).status_code) == (404, 403)
    placed = json.dumps({"purpose": "publish", "channel_id": str(first)}).encode()
    call(bot, "/webhooks", "system:seeding", method="POST", body=placed)

    posted, elsewhere = post(first), post(second)

    assert posted.status_code == 200 and posted.json()["channel_id"] == str(first)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "webhook_elsewhere")
    said = [
        each
        for each in sandbox.get("/sandbox/calls")[before:]
        if each["method"] == "POST" and "/webhooks/" in each["path"] and each["status"] == 200
    ]
    assert len(said) == 1

    def archived() -> Message | None:
        db.session.rollback()
        with tenant_scope(bot.a):
            return db.session.scalar(select(Message).where(Message.id == int(posted.json()["id"])))

    eventually(lambda: archived() is not None)
    message = archived()
    assert message is not None and message.channel_id == first and "kept for 30 days" in message.content
    assert not message.has(Trait.EVERYONE)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"purpose": "spam", "channel_id": "1"}', b'{"purpose": "alerts", "channel_id": []}']
)
def test_a_strange_body_is_told_what_is_wrong(bot: RunningBot, body: bytes) -> None:
    answer = call(bot, "/webhooks", "system:seeding", method="POST", body=body)

    assert answer.status_code == 422 and answer.json()["code"]


def test_a_body_over_one_mebibyte_is_refused(bot: RunningBot) -> None:
    assert call(bot, "/webhooks", "system:seeding", method="POST", body=b"x" * (1024 * 1024 + 1)).status_code == 413
