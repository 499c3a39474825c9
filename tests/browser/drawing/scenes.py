"""Every page in every state that somebody may meet, in the order in which the states come about.

A picture is named `<page>--<state>`. `make` turns the stage into the state, once; `do` is what is done on the page
before it is drawn.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from playwright.sync_api import Page

from scripts.visitor import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, SERVER_C, STAN, VERA
from tests.browser.drawing.files import covered_address, quarantine_address, send_files, withdraw
from tests.browser.drawing.past import let_things_happen, lose_an_answer, people_of
from tests.browser.drawing.stage import Stage

A, B, C = (f"/servers/{guild_id}" for guild_id in (SERVER_A, SERVER_B, SERVER_C))
VIEW, MANAGE_WEBHOOKS = 1 << 10, 1 << 29
SECONDS_TO_COPY = 1.5
SIGN_IN, MOST_SIGN_INS = "/api/auth/discord", 10
FOREIGN = f"/servers/{SERVER_B}"
WORD = "lantern"

Address = str | Callable[[Stage], str]


@dataclass(frozen=True)
class Scene:
    """One state of one page. `status` is what the page must answer; `whole` draws beyond the window."""

    name: str
    address: Address
    who: int | None = ALICE
    panel: str = "usual"
    make: Callable[[Stage], None] | None = None
    do: Callable[[Page], None] | None = None
    status: int = 200
    whole: bool = True

    def path(self, stage: Stage) -> str:
        """The address on this stage."""
        return self.address if isinstance(self.address, str) else self.address(stage)


def _fill_b(stage: Stage) -> None:
    text = next(one for one in stage.state(SERVER_B)["channels"] if one["type"] == 0)
    stage.run("-m", "tests.browser.drawing.crowd", str(SERVER_B), text["id"])


def _install_c_slowly(stage: Stage) -> None:
    hidden = {"id": str(SERVER_C), "type": 0, "allow": "0", "deny": str(VIEW)}
    staff = stage.act(ALICE, "channel.create", guild_id=SERVER_C, name="staff", type=0, permission_overwrites=[hidden])
    stage.known["staff_channel"] = staff["id"]
    _let_bot_in(stage, VIEW | MANAGE_WEBHOOKS)
    stage.act(ALICE, "channel.create", guild_id=SERVER_C, name="announcements", type=0)
    stage.control("faults", route="POST /channels/*/webhooks", count=50, delay=20.0)
    stage.install(ALICE, SERVER_C)


def _let_bot_in(stage: Stage, allowed: int) -> None:
    """What the bot itself is allowed in the staff channel of server C."""
    bot_id, channel_id = stage.bot_id(), stage.known["staff_channel"]
    what = {"overwrite_id": bot_id, "type": 1, "allow": str(allowed), "deny": "0"}
    stage.act(ALICE, "channel.overwrite", guild_id=SERVER_C, channel_id=channel_id, **what)


def _refuse_webhooks(stage: Stage) -> None:
    stage.control("faults/clear")
    stage.control(
        "faults", route="POST /channels/*/webhooks", status=403, code=50013, message="Missing Permissions", count=50
    )


def _shut_bot_out(stage: Stage) -> None:
    stage.control("faults/clear")
    _let_bot_in(stage, 0)
    time.sleep(SECONDS_TO_COPY)
    stage.visitor(ALICE).post(f"{C}/set-up/retries")


def _finish_c(stage: Stage) -> None:
    _let_bot_in(stage, VIEW | MANAGE_WEBHOOKS)
    time.sleep(SECONDS_TO_COPY)
    owner = stage.visitor(ALICE)
    owner.post(f"{C}/set-up/retries")
    owner.post(f"{C}/set-up/archive", retention="365", purpose="moderation")


def _remove_bot_from_c(stage: Stage) -> None:
    stage.control("bot/remove", guild_id=str(SERVER_C))


def _invite_stan(stage: Stage) -> None:
    page = stage.visitor(ALICE).post(f"{A}/settings/staff/invitations", role="moderator", days="7").text
    found = re.search(r"/invitations/[\w-]+", page)
    assert found is not None
    stage.known["invitation"] = found[0]


def _use_invitation(stage: Stage) -> None:
    stage.visitor(STAN).post(f"{stage.known['invitation']}/acceptance")


def _map_a_role(stage: Stage) -> None:
    role = next(one for one in stage.state(SERVER_A)["roles"] if one["name"] == "Bug Hunter")
    stage.visitor(ALICE).post(f"{A}/settings/staff/role-grants", discord_role_id=role["id"], role="viewer")


def _lose_discords_answers(stage: Stage) -> None:
    stage.control("faults", route="* /guilds/*/bans/*", status=0, count=1_000)
    lose_an_answer(stage)


def _find_discord_again(stage: Stage) -> None:
    stage.control("faults/clear")


def _ask_for_history(stage: Stage) -> None:
    """History that takes a while: Discord answers slowly."""
    stage.control("faults", route="GET /channels/*/messages", count=50, delay=2.0)
    stage.visitor(ALICE).post(f"{A}/coverage/backfills", channel_id="", days="all")
    time.sleep(4)


def _keep_searches(stage: Stage) -> None:
    alice = stage.visitor(ALICE)
    alice.post(f"{A}/searches", name="Deleted lately", q="is:deleted after:7d", pin="1")
    alice.post(f"{A}/searches", name="Links of newcomers", q="from:new has:link -is:bot", is_shared="1")


def _take_a_file(stage: Stage) -> None:
    stage.visitor(ALICE).post(f"{A}/exports", q="has:image")
    time.sleep(8)


def _member(name: str) -> Callable[[Stage], str]:
    return lambda stage: f"{A}/members/{stage.known[name]}"


def _case_of(name: str) -> Callable[[Stage], str]:
    def path(stage: Stage) -> str:
        page = stage.visitor(BOB).get(f"{A}/cases", about=str(stage.known[name]))
        found = re.search(r"/cases/(\d+)", page)
        assert found is not None, f"no case of {name}"
        return f"{A}/cases/{found[1]}"

    return path


def _fresh_member(stage: Stage) -> str:
    """Somebody who talks and was never in trouble."""
    plain = [one for one in people_of(stage, SERVER_A) if one["roles"]]
    stage.known["talker"] = int(plain[14]["user"]["id"])
    return f"{A}/members/{stage.known['talker']}"


def _edited(stage: Stage) -> str:
    page = stage.visitor(ALICE).get(f"{A}/messages", q="is:edited")
    found = re.search(rf"{A}/messages/(\d+)", page)
    assert found is not None, "nothing edited is found"
    return found[0]


def _deleted(stage: Stage) -> str:
    page = stage.visitor(ALICE).get(f"{A}/messages", q="is:deleted")
    found = re.search(rf"{A}/messages/(\d+)", page)
    assert found is not None, "nothing deleted is found"
    return found[0]


def _as_it_was(stage: Stage) -> str:
    found = re.search(rf"{A}/channels/\d+/at/[\w:.-]+", stage.visitor(ALICE).get(_edited(stage)))
    assert found is not None, "no way to the channel's past"
    return found[0]


def _click(name: str) -> Callable[[Page], None]:
    def click(page: Page) -> None:
        page.get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_selector("dialog[open]")

    return click


def _consider(act: str, reason: str) -> Callable[[Page], None]:
    """Open the question and give a reason; nothing is sent."""

    def write(page: Page) -> None:
        _click(act)(page)
        page.get_by_label("Reason").fill(reason)

    return write


def _ask(act: str, reason: str, button: str) -> Callable[[Page], None]:
    """Open the question, give a reason, and send it."""

    def send(page: Page) -> None:
        _click(act)(page)
        page.get_by_label("Reason").fill(reason)
        page.locator("dialog[open] form button.sf-button--danger, dialog[open] form button.sf-button--primary").click()
        page.wait_for_selector("dialog[open] .sf-notice--refused, dialog[open] .sf-notice--failed")

    return send


def _type(text: str) -> Callable[[Page], None]:
    def write(page: Page) -> None:
        page.locator("#message-query").click()
        page.locator("#message-query").press_sequentially(text)
        page.wait_for_selector("#search-suggestions:not([hidden]) [role=option]")

    return write


def _open_beside(page: Page) -> None:
    page.locator(".ms-split__list .dc-message__when a").nth(1).click()
    page.wait_for_selector("#message-context")
    page.wait_for_timeout(600)


def _open(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).first.click()


def _send_too_much(page: Page) -> None:
    page.locator("#setup-archive").evaluate(
        """form => {
            const field = form.appendChild(document.createElement("textarea"));
            field.name = "much";
            field.value = "x".repeat(400_000);
            for (const name of form.getAttributeNames()) if (name.startsWith("hx-")) form.removeAttribute(name);
            HTMLFormElement.prototype.submit.call(form);
        }"""
    )
    page.wait_for_selector(".sf-lost")


def _sign_in_too_often(stage: Stage) -> None:
    where = urlsplit(stage.panel("cut_off"))
    for _time in range(MOST_SIGN_INS + 1):
        connection = HTTPConnection(where.hostname or "", where.port, timeout=10)
        connection.request("GET", SIGN_IN)
        connection.getresponse().read()
        connection.close()


def _send_bad_days(page: Page) -> None:
    page.locator("#invite-days").fill("90")
    page.locator("#invite").evaluate("form => { form.noValidate = true }")
    page.locator("#invite button").click()
    page.wait_for_timeout(600)


def _shorten(page: Page) -> None:
    page.locator("#field-messages").select_option("30")
    page.locator("#retention button[type=submit]").first.click()
    page.wait_for_selector("#deletes")


def _keep_shorter_and_leave_out(stage: Stage) -> None:
    owner = stage.visitor(ALICE)
    owner.post(f"{A}/settings/privacy/retention", deleted="7", confirmed="1")
    owner.post(f"{A}/settings/privacy/exclusions", kind="bots")
    stage.visitor(VERA).post(f"/me/{SERVER_A}/erasure-requests", words="I am leaving the village. Please forget me.")
    stage.visitor(VERA).post(f"/me/{SERVER_A}/copies")
    owner.post(f"{A}/privacy-requests/holds", kind="member", object_id=str(BOB), reason="Asked for by the court, 12/26")
    time.sleep(6)


SCENES: tuple[Scene, ...] = (
    Scene("home--usual", "/", who=None),
    Scene("home--signed-in", "/", whole=False),
    Scene("login--usual", "/login?next=/servers", who=None),
    Scene("servers--usual", "/servers"),
    Scene("servers--empty", "/servers", who=STAN),
    Scene("servers--discord-away", "/servers", panel="cut_off"),
    Scene("install--usual", f"{C}/install"),
    Scene("install--discord-away", f"{C}/install", panel="cut_off", status=503),
    Scene("set-up--running", f"{C}/set-up", make=_install_c_slowly),
    Scene("set-up--refused", f"{C}/set-up", make=_refuse_webhooks, do=lambda page: page.wait_for_timeout(25_000)),
    Scene("set-up--not-let-in", f"{C}/set-up", make=_shut_bot_out, do=lambda page: page.wait_for_timeout(4_000)),
    Scene("overview--new", C),
    Scene("messages--not-chosen", f"{C}/messages"),
    Scene("cases--empty", f"{C}/cases"),
    Scene("staff--alone", f"{C}/settings/staff"),
    Scene("set-up--chosen", f"{C}/set-up", make=_finish_c, do=lambda page: page.wait_for_timeout(4_000)),
    Scene("messages--empty", f"{C}/messages"),
    Scene("notifications--empty", f"{A}/notifications"),
    Scene("overview--detached", C, make=_remove_bot_from_c, do=lambda page: page.wait_for_timeout(1_500)),
    Scene("notifications--some", f"{C}/notifications"),
    Scene("overview--usual", A, make=let_things_happen),
    Scene("overview--viewer", A, who=VERA),
    Scene("overview--switcher", A, do=_open(".sf-switcher > summary"), whole=False),
    Scene("overview--person-menu", A, do=_open(".sf-person-menu > summary"), whole=False),
    Scene("overview--bot-away", A, panel="alone"),
    Scene("privacy--usual", f"{A}/settings/privacy"),
    Scene("privacy--shortening", f"{A}/settings/privacy", do=_shorten),
    Scene("privacy-requests--empty", f"{A}/privacy-requests"),
    Scene("privacy--waiting", f"{A}/settings/privacy", make=_keep_shorter_and_leave_out),
    Scene("privacy--deletion", f"{A}/settings/privacy/exclusions/bots/1/deletion"),
    Scene("privacy--notice", f"{A}/settings/privacy/notice"),
    Scene("privacy-requests--usual", f"{A}/privacy-requests"),
    Scene("privacy-requests--erasure", f"{A}/privacy-requests/erasures/new?user_id={VERA}"),
    Scene("me--usual", "/me", who=VERA),
    Scene("me--ask", f"/me/{SERVER_A}/erasure", who=VERA),
    Scene("me--empty", "/me", who=CHARLIE, panel="alone"),
    Scene("data-map--usual", "/privacy/data-map", who=None),
    Scene("messages--usual", f"{A}/messages"),
    Scene("messages--search", f"{A}/messages?q={WORD}"),
    Scene("messages--deleted", f"{A}/messages?q=is:deleted"),
    Scene("messages--edited", f"{A}/messages?q=is:edited"),
    Scene("messages--pictures", f"{A}/messages?q=has:image"),
    Scene("messages--nothing-found", f"{A}/messages?q=%22quantum+snowplough%22+from:bob_the_warden"),
    Scene("messages--error", f"{A}/messages?q=from:alice.winter+(sled+OR", status=422),
    Scene("messages--suggestions", f"{A}/messages", do=_type("ha"), whole=False),
    Scene("messages--beside", f"{A}/messages?q={WORD}", do=_open_beside, whole=False),
    Scene("messages--beside-edited", f"{A}/messages?q=is:edited", do=_open_beside, whole=False),
    Scene("messages--help", f"{A}/messages", do=_open("#search-help > summary"), whole=False),
    Scene("messages--bot-away", f"{A}/messages", panel="alone", whole=False),
    Scene("context--edited", _edited),
    Scene("context--deleted", _deleted),
    Scene("channel--as-it-was", _as_it_was),
    Scene("channel--before-everything", lambda stage: re.sub("/at/.*", "/at/2016-01-01T00:00:00Z", _as_it_was(stage))),
    Scene("viewings--some", f"{A}/viewings"),
    Scene("viewings--empty", f"{B}/viewings", who=CHARLIE),
    Scene("messages--files", f"{A}/messages?q=has:file", make=send_files, do=lambda page: page.wait_for_timeout(1_500)),
    Scene("context--covered", covered_address),
    Scene("usage--usual", f"{A}/usage"),
    Scene("quarantine--asked", quarantine_address),
    Scene("usage--withdrawn", f"{A}/usage", make=withdraw),
    Scene(
        "messages--filters", f"{A}/messages?q=in:general+-is:bot+sled", do=_open("#filter-bar > summary"), whole=False
    ),
    Scene("searches--empty", f"{A}/searches", who=VERA),
    Scene("searches--usual", f"{A}/searches", make=_keep_searches),
    Scene("exports--usual", f"{A}/exports", make=_take_a_file),
    Scene("coverage--usual", f"{A}/coverage"),
    Scene("coverage--viewer", f"{A}/coverage?days=7", who=VERA),
    Scene("coverage--fetching", f"{A}/coverage", make=_ask_for_history),
    Scene("members--usual", f"{A}/members"),
    Scene("members--gone", f"{A}/members?presence=gone"),
    Scene("members--nobody", f"{A}/members?name=nobodyhasthisname"),
    Scene("members--unknown-id", f"{A}/members?name=912345678901234567"),
    Scene("members--menu", f"{A}/members?name=Captain", do=_open("td details.sf-menu > summary"), whole=False),
    Scene("member--usual", _fresh_member),
    Scene("member--timed-out", _member("timed_out")),
    Scene("member--banned", _member("banned")),
    Scene("member--viewer", _member("talker"), who=VERA),
    Scene("ban--asked", _member("timed_out"), who=BOB, do=_consider("Ban", "Phishing link in #help"), whole=False),
    Scene("timeout--asked", _member("talker"), who=BOB, do=_click("Time out"), whole=False),
    Scene("kick--asked", _member("talker"), who=BOB, do=_click("Kick"), whole=False),
    Scene("ban--page", lambda stage: f"{_member('talker')(stage)}/bans/new", who=BOB),
    Scene("ban--refused", f"{A}/members/{ALICE}", who=BOB, do=_ask("Ban", "Owes me a sled", "Ban"), whole=False),
    Scene("ban--bot-away", _member("talker"), who=BOB, panel="alone", do=_ask("Ban", "Phishing", "Ban"), whole=False),
    Scene("cases--usual", f"{A}/cases"),
    Scene("cases--filtered", f"{A}/cases?kind=ban&source=discord"),
    Scene("cases--nothing", f"{A}/cases?kind=kick&source=slash"),
    Scene("case--applied", _case_of("banned")),
    Scene("case--failed", _case_of("refused")),
    Scene("case--pending", _case_of("unknown"), make=_lose_discords_answers),
    Scene("cases--pending", f"{A}/cases?status=pending", whole=False),
    Scene("case--timeout", _case_of("timed_out"), make=_find_discord_again),
    Scene("case--lifted", lambda stage: f"{A}/cases/{stage.known['lifted_case']}"),
    Scene("staff--usual", f"{A}/settings/staff", make=_map_a_role),
    Scene("staff--menu", f"{A}/settings/staff", do=_open("td details.sf-menu > summary"), whole=False),
    Scene("staff--wrong", f"{A}/settings/staff", do=_send_bad_days),
    Scene("staff--refused", f"{A}/settings/staff", who=BOB, status=403),
    Scene("invitation--usual", lambda stage: stage.known["invitation"], who=STAN, make=_invite_stan),
    Scene("invitation--present", lambda stage: stage.known["invitation"], who=ALICE),
    Scene("invitation--accepted", lambda stage: stage.known["invitation"], who=STAN, make=_use_invitation),
    Scene("invitation--used", lambda stage: stage.known["invitation"], who=CHARLIE, status=410),
    Scene("overview--full", B, who=CHARLIE, make=_fill_b),
    Scene("messages--full", f"{B}/messages", who=CHARLIE),
    Scene("members--full", f"{B}/members?order=joined", who=CHARLIE),
    Scene("cases--full", f"{B}/cases", who=CHARLIE),
    Scene("case--full", f"{B}/cases/9999", who=CHARLIE),
    Scene("member--full", lambda stage: f"{B}/members/700000000000000002", who=CHARLIE),
    Scene("error--404-signed-out", "/nowhere", who=None, status=404),
    Scene("error--404", B, who=ALICE, status=404),
    Scene("error--403", f"{A}/set-up", who=VERA, status=403),
    Scene("error--405", f"{A}/set-up/archive", status=405),
    Scene("error--400", "/api/auth/callback?state=forged&code=x", who=None, status=400),
    Scene("error--413", f"{A}/set-up", do=_send_too_much),
    Scene("error--429", SIGN_IN, who=None, panel="cut_off", make=_sign_in_too_often, status=429),
    Scene("error--500", f"{A}/members", panel="broken", status=500),
    Scene("error--503", f"{A}/members", panel="no_database", status=503),
)
