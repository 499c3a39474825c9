"""A walk over every REST route; each answer is held against Discord's own description on the way."""

from __future__ import annotations

from typing import Any

from sandbox.discord.rest.routing import all_routes
from sandbox.server import NOUNS
from tests.contract.sandbox.rest_client import PNG, RestClient
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, STAN, VERA, Sandbox

WALKED_ELSEWHERE = ("applications", "interactions", "oauth2", "gateway")
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
MEMBER = "/guilds/{guild_id}/members/{user_id}"
HOOK = "/webhooks/{webhook_id}/{webhook_token}"
EMBED = {
    "title": "Snow report",
    "description": "fresh powder",
    "url": "https://example.com/snow",
    "color": 0x88CCFF,
    "timestamp": "2026-01-02T03:04:05Z",
    "footer": {"text": "studio", "icon_url": "https://example.com/i.png"},
    "author": {"name": "Vera", "url": "https://example.com"},
    "image": {"url": "https://example.com/big.png"},
    "thumbnail": {"url": "attachment://snow.png"},
    "fields": [{"name": "depth", "value": "2 m", "inline": True}],
}
V2 = [
    {"type": 10, "content": "# Hello"},
    {"type": 14},
    {
        "type": 9,
        "components": [{"type": 10, "content": "a section"}],
        "accessory": {"type": 11, "media": {"url": "https://example.com/t.png"}},
    },
    {"type": 12, "items": [{"media": {"url": "https://example.com/g.png"}}]},
    {
        "type": 17,
        "components": [
            {"type": 10, "content": "inside"},
            {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]},
        ],
    },
]


def test_every_route_answers_as_discord_describes_it(
    discord: Sandbox, bot: RestClient, channels: dict[str, str]
) -> None:
    general = channels["general"]
    walk_users(discord, bot)
    walk_messages(bot, general)
    walk_reactions(bot, general)
    walk_channels(bot, general)
    walk_threads(discord, bot, general)
    walk_guild(bot)
    walk_roles(bot)
    walk_webhooks(discord, bot, general)
    walk_members(discord, bot)
    walk_audit_log(bot)

    theirs = {one.handler for one in all_routes() if one.handler.__module__.rpartition(".")[2] in WALKED_ELSEWHERE}
    routes = {(one.method, one.template) for one in all_routes() if one.handler not in theirs}
    assert NOUNS and routes - bot.called == set()


def ok(answered: Any, status: int = 200) -> Any:
    assert answered.status == status, answered
    return answered.json


def walk_users(discord: Sandbox, bot: RestClient) -> None:
    assert ok(bot("GET", "/users/@me"))["bot"] is True
    ok(bot("PATCH", "/users/@me", {"username": "Snowflake"}))
    ok(bot("GET", "/users/{user_id}", user_id=VERA))
    assert len(ok(bot("GET", "/users/@me/guilds", query={"with_counts": "true"}))) == 2
    assert bot("GET", "/users/{user_id}", user_id=999).code == 10013
    assert bot("GET", "/users/{user_id}", user_id="nobody").status == 400
    dm = ok(bot("POST", "/users/@me/channels", {"recipient_id": str(VERA)}))
    ok(bot("POST", MESSAGES, {"content": "hello"}, channel_id=dm["id"]))
    ok(bot("GET", "/channels/{channel_id}", channel_id=dm["id"]))
    assert bot("GET", "/users/@me/guilds/{guild_id}/member", guild_id=SERVER_A).status == 401
    discord.act(CHARLIE, "user.close_messages")
    closed = ok(bot("POST", "/users/@me/channels", {"recipient_id": str(CHARLIE)}))
    assert bot("POST", MESSAGES, {"content": "hello"}, channel_id=closed["id"]).code == 50007


def walk_messages(bot: RestClient, general: str) -> None:
    picture = {"files[0]": ("snow.png", PNG, "image/png"), "files[1]": ("notes.txt", b"notes", "text/plain")}
    described = {"embeds": [EMBED], "attachments": [{"id": 1, "description": "what was said"}]}
    first = ok(bot("POST", MESSAGES, described, files=picture, channel_id=general))
    assert [one["filename"] for one in first["attachments"]] == ["notes.txt"]
    refreshed = ok(
        bot("POST", "/attachments/refresh-urls", {"attachment_urls": [first["attachments"][0]["url"], "http://x/"]})
    )
    assert refreshed["refreshed_urls"][1]["refreshed"] is None
    reply = {"content": f"<@{VERA}> yes", "message_reference": {"message_id": first["id"]}, "nonce": "7"}
    second = ok(bot("POST", MESSAGES, reply, channel_id=general))
    assert second["type"] == 19 and second["referenced_message"]["id"] == first["id"]
    ok(bot("POST", MESSAGES, {"components": V2, "flags": 1 << 15}, channel_id=general))
    forward = {"message_reference": {"type": 1, "message_id": first["id"], "channel_id": general}}
    assert ok(bot("POST", MESSAGES, forward, channel_id=general))["message_snapshots"]
    answers = [{"poll_media": {"text": "yes"}}, {"poll_media": {"text": "no"}}]
    ok(bot("POST", MESSAGES, {"poll": {"question": {"text": "Snow?"}, "answers": answers}}, channel_id=general))
    ok(bot("PATCH", MESSAGE, {"content": "edited", "embeds": []}, channel_id=general, message_id=second["id"]))
    ok(bot("GET", MESSAGE, channel_id=general, message_id=second["id"]))
    ok(bot("GET", MESSAGES, query={"limit": 100}, channel_id=general))
    ok(bot("POST", "/channels/{channel_id}/typing", channel_id=general), 204)
    ok(bot("GET", "/guilds/{guild_id}/messages/search", query={"content": "edited"}, guild_id=SERVER_A))
    ok(bot("DELETE", MESSAGE, channel_id=general, message_id=second["id"], reason="tidy"), 204)
    ids = [ok(bot("POST", MESSAGES, {"content": str(one)}, channel_id=general))["id"] for one in range(2)]
    ok(bot("POST", MESSAGES + "/bulk-delete", {"messages": ids}, channel_id=general), 204)
    news = next(one for one in ok(bot("GET", "/guilds/{guild_id}/channels", guild_id=SERVER_A)) if one["type"] == 5)
    item = ok(bot("POST", MESSAGES, {"content": "news"}, channel_id=news["id"]))
    ok(bot("POST", MESSAGE + "/crosspost", channel_id=news["id"], message_id=item["id"]))


def walk_reactions(bot: RestClient, general: str) -> None:
    place = {"channel_id": general, "message_id": ok(bot("GET", MESSAGES, channel_id=general))[0]["id"]}
    one = MESSAGE + "/reactions/{emoji}"
    for emoji in ("❄️", "👍🏽", "3️⃣"):
        ok(bot("PUT", one + "/@me", emoji=emoji, **place), 204)
    assert bot("PUT", one + "/@me", emoji="snow:123456789012345678", **place).code == 10014
    assert ok(bot("GET", MESSAGE, **place))["reactions"][0]["me"] is True
    ok(bot("GET", one, emoji="❄️", **place))
    ok(bot("DELETE", one + "/@me", emoji="3️⃣", **place), 204)
    ok(bot("DELETE", one + "/{user_id}", emoji="❄️", user_id=VERA, **place), 204)
    ok(bot("DELETE", one, emoji="❄️", **place), 204)
    ok(bot("DELETE", MESSAGE + "/reactions", **place), 204)
    for pins in ("/channels/{channel_id}/messages/pins", "/channels/{channel_id}/pins"):
        ok(bot("PUT", pins + "/{message_id}", **place), 204)
        ok(bot("GET", pins, channel_id=general))
        ok(bot("DELETE", pins + "/{message_id}", **place), 204)


def walk_channels(bot: RestClient, general: str) -> None:
    ok(bot("GET", "/channels/{channel_id}", channel_id=general))
    for kind in (0, 2, 4, 5, 15):
        made = ok(bot("POST", "/guilds/{guild_id}/channels", {"name": "new", "type": kind}, guild_id=SERVER_A), 201)
        ok(bot("PATCH", "/channels/{channel_id}", {"name": "renamed", "position": 3}, channel_id=made["id"]))
        target = {"channel_id": made["id"], "overwrite_id": SERVER_A}
        ok(
            bot("PUT", "/channels/{channel_id}/permissions/{overwrite_id}", {"type": 0, "deny": "1024"}, **target),
            204,
        )
        ok(bot("DELETE", "/channels/{channel_id}/permissions/{overwrite_id}", **target), 204)
        ok(bot("GET", "/channels/{channel_id}", channel_id=made["id"]))
        if kind == 15:
            post = {"name": "a post", "message": {"content": "first"}}
            ok(bot("POST", "/channels/{channel_id}/threads", post, channel_id=made["id"]), 201)
        ok(bot("DELETE", "/channels/{channel_id}", channel_id=made["id"]))
    ok(bot("PATCH", "/guilds/{guild_id}/channels", [{"id": general, "position": 0}], guild_id=SERVER_A), 204)
    assert bot("GET", "/channels/{channel_id}", channel_id=1).code == 10003


def walk_threads(discord: Sandbox, bot: RestClient, general: str) -> None:
    message = ok(bot("GET", MESSAGES, channel_id=general))[0]
    place = {"channel_id": general, "message_id": message["id"]}
    ok(bot("POST", MESSAGE + "/threads", {"name": "on it", "auto_archive_duration": 60}, **place), 201)
    assert bot("POST", MESSAGE + "/threads", {"name": "again"}, **place).code == 160004
    private = ok(bot("POST", "/channels/{channel_id}/threads", {"name": "hush", "type": 12}, channel_id=general), 201)
    thread = {"channel_id": private["id"]}
    one = "/channels/{channel_id}/thread-members/{user_id}"
    ok(bot("PUT", one, user_id=VERA, **thread), 204)
    ok(bot("GET", one, query={"with_member": "true"}, user_id=VERA, **thread))
    ok(bot("GET", "/channels/{channel_id}/thread-members", **thread))
    ok(bot("DELETE", one, user_id=VERA, **thread), 204)
    ok(bot("PUT", "/channels/{channel_id}/thread-members/@me", **thread), 204)
    ok(bot("GET", "/guilds/{guild_id}/threads/active", guild_id=SERVER_A))
    for kind, name in ((11, "open"), (12, "closed")):
        made = ok(bot("POST", "/channels/{channel_id}/threads", {"name": name, "type": kind}, channel_id=general), 201)
        ok(bot("PATCH", "/channels/{channel_id}", {"archived": True}, channel_id=made["id"]))
    for path in ("threads/archived/public", "threads/archived/private", "users/@me/threads/archived/private"):
        assert ok(bot("GET", "/channels/{channel_id}/" + path, channel_id=general))["threads"]
    ok(bot("DELETE", "/channels/{channel_id}/thread-members/@me", **thread), 204)


def walk_guild(bot: RestClient) -> None:
    ok(bot("GET", "/guilds/{guild_id}", query={"with_counts": "true"}, guild_id=SERVER_A))
    ok(bot("PATCH", "/guilds/{guild_id}", {"description": "a village"}, guild_id=SERVER_A))
    for part in ("preview", "emojis", "stickers"):
        ok(bot("GET", f"/guilds/{{guild_id}}/{part}", guild_id=SERVER_A))
    assert bot("GET", "/guilds/{guild_id}", guild_id=5).code == 10004


def walk_roles(bot: RestClient) -> None:
    roles, one = "/guilds/{guild_id}/roles", "/guilds/{guild_id}/roles/{role_id}"
    made = ok(bot("POST", roles, {"name": "Skier", "permissions": "0", "color": 255}, guild_id=SERVER_A))
    target = {"guild_id": SERVER_A, "role_id": made["id"]}
    ok(bot("PATCH", one, {"name": "Boarder", "hoist": True}, **target))
    ok(bot("GET", one, **target))
    ok(bot("GET", roles, guild_id=SERVER_A))
    ok(bot("PATCH", roles, [{"id": made["id"], "position": 1}], guild_id=SERVER_A))
    for method in ("PUT", "DELETE"):
        ok(bot(method, MEMBER + "/roles/{role_id}", user_id=VERA, **target), 204)
    ok(bot("GET", roles + "/member-counts", guild_id=SERVER_A))
    ok(bot("DELETE", one, **target), 204)


def walk_webhooks(discord: Sandbox, bot: RestClient, general: str) -> None:
    made = ok(bot("POST", "/channels/{channel_id}/webhooks", {"name": "publish"}, channel_id=general))
    whole, spoken = "/webhooks/{webhook_id}", {"webhook_id": made["id"], "webhook_token": made["token"]}
    ok(bot("GET", "/channels/{channel_id}/webhooks", channel_id=general))
    ok(bot("GET", "/guilds/{guild_id}/webhooks", guild_id=SERVER_A))
    ok(bot("GET", whole, webhook_id=made["id"]))
    ok(bot("PATCH", whole, {"name": "alerts"}, webhook_id=made["id"]))
    ok(bot("GET", HOOK, **spoken))
    ok(bot("PATCH", HOOK, {"name": "alarm"}, **spoken))
    ok(bot("POST", HOOK, {"content": "silent"}, **spoken), 204)
    said = ok(bot("POST", HOOK, {"content": "hello", "username": "Fox"}, query={"wait": "true"}, **spoken))
    message = HOOK + "/messages/{message_id}"
    ok(bot("GET", message, message_id=said["id"], **spoken))
    ok(bot("PATCH", message, {"content": "hello again"}, message_id=said["id"], **spoken))
    ok(bot("DELETE", message, message_id=said["id"], **spoken), 204)
    ok(bot("DELETE", HOOK, **spoken), 204)
    other = ok(bot("POST", "/channels/{channel_id}/webhooks", {"name": "other"}, channel_id=general))
    ok(bot("DELETE", whole, webhook_id=other["id"]), 204)
    assert bot("POST", HOOK, {"content": "gone"}, **spoken).code == 10015


def walk_members(discord: Sandbox, bot: RestClient) -> None:
    here = {"guild_id": SERVER_A}
    ok(bot("GET", "/guilds/{guild_id}/members", query={"limit": 1000}, **here))
    ok(bot("GET", "/guilds/{guild_id}/members/search", query={"query": "ver", "limit": 5}, **here))
    ok(bot("GET", MEMBER, user_id=VERA, **here))
    ok(bot("PATCH", "/guilds/{guild_id}/members/@me", {"nick": "Panel"}, **here))
    ok(bot("PATCH", MEMBER, {"nick": "V."}, user_id=VERA, **here))
    assert bot("PATCH", MEMBER, {"nick": "Boss"}, user_id=ALICE, **here).code == 50013
    assert bot("PUT", MEMBER, {"access_token": "unknown"}, user_id=STAN, **here).status == 401
    ok(bot("DELETE", MEMBER, user_id=VERA, **here), 204)
    ban = "/guilds/{guild_id}/bans/{user_id}"
    ok(bot("PUT", ban, {"delete_message_seconds": 60}, user_id=VERA, reason="спам ❄️", **here), 204)
    assert ok(bot("GET", ban, user_id=VERA, **here))["reason"] == "спам ❄️"
    ok(bot("GET", "/guilds/{guild_id}/bans", **here))
    ok(bot("DELETE", ban, user_id=VERA, **here), 204)
    assert bot("GET", ban, user_id=VERA, **here).code == 10026
    done = ok(bot("POST", "/guilds/{guild_id}/bulk-ban", {"user_ids": [str(VERA), str(ALICE)]}, **here))
    assert done == {"banned_users": [str(VERA)], "failed_users": [str(ALICE)]}


def walk_audit_log(bot: RestClient) -> None:
    page = ok(bot("GET", "/guilds/{guild_id}/audit-logs", query={"limit": 100}, guild_id=SERVER_A))
    assert {one["action_type"] for one in page["audit_log_entries"]} >= {10, 20, 22, 23, 24, 25, 30, 50, 73, 110}
    assert ok(bot("DELETE", "/users/@me/guilds/{guild_id}", guild_id=BOB), 404)["code"] == 10004
