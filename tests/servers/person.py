"""A person with a browser that runs no script: signs in at the sandbox's consent page, reads pages, sends forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urljoin, urlsplit

import requests

from tests.servers.sandbox import Sandbox

MOST_REDIRECTS = 8


class Person:
    """One browser of one member of the cast at one panel."""

    def __init__(self, panel_url: str, sandbox: Sandbox, user_id: int) -> None:
        self.panel_url = panel_url
        self.sandbox = sandbox
        self.user_id = user_id
        # By hand: `__Host-` cookies are Secure, which requests would keep back from http, as no browser does on loopback.
        self.cookies: dict[str, str] = {}

    def sign_in(self, next: str = "/servers") -> requests.Response:
        """Through the sandbox's consent page; answers the page that it led to."""
        return self._through_discord(self.ask("GET", f"/api/auth/discord?next={next}"))

    def install(self, guild_id: int) -> requests.Response:
        """Add the bot to a server with everything that it asks for; answers the page that it led to."""
        return self._through_discord(
            self.ask("GET", f"/api/auth/discord?install={guild_id}"), chosen_guild=str(guild_id)
        )

    def _through_discord(self, leaving: requests.Response, **chosen: str) -> requests.Response:
        assert leaving.status_code == 302, leaving.text
        address = leaving.headers["Location"]
        assert address.startswith(self.sandbox.url), address
        asked = parse_qs(urlsplit(address).query)
        bits = int(asked.get("permissions", ["0"])[0])
        form: list[tuple[str, str]] = [(name, value) for name, values in asked.items() for value in values]
        form += [("as", str(self.user_id)), ("decision", "authorize"), *chosen.items()]
        form += [("permission", str(1 << bit)) for bit in range(53) if bits & 1 << bit]
        consented = requests.post(f"{self.sandbox.url}/oauth2/authorize", data=form, allow_redirects=False, timeout=15)
        assert consented.status_code == 302, consented.text
        return self.follow(self.ask("GET", consented.headers["Location"]))

    def get(self, path: str, **headers: str) -> requests.Response:
        """A page, wherever it leads."""
        return self.follow(self.ask("GET", path, headers=headers))

    def post(self, path: str, form: Mapping[str, Any] | None = None) -> requests.Response:
        """Send a form as a page's own button does, without script; answers the page after it."""
        sent = self.ask("POST", path, data=dict(form or {}), headers={"Sec-Fetch-Site": "same-origin"})
        return self.follow(sent)

    def follow(self, answer: requests.Response) -> requests.Response:
        for _turn in range(MOST_REDIRECTS):
            if answer.status_code not in (301, 302, 303):
                return answer
            answer = self.ask("GET", urljoin(answer.url, answer.headers["Location"]))
        raise AssertionError(f"{answer.url} leads on and on")

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request with this browser's cookies, no redirect followed."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept": "text/html",
            **options.pop("headers", {}),
        }
        answer = requests.request(
            method, urljoin(self.panel_url, path), headers=headers, allow_redirects=False, timeout=20, **options
        )
        for line in answer.raw.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
        return answer


def words_of(page: requests.Response | str) -> str:
    """The text that a person reads, tags left out, in one line."""
    html = page if isinstance(page, str) else page.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def form_fields(page: requests.Response, action: str) -> dict[str, str]:
    """What the form that posts to a path ending with `action` would send as it stands."""
    reader = _Forms(action)
    reader.feed(page.text)
    assert reader.found, f"{page.url} has no form for {action}"
    return reader.fields


class _Forms(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.found = False
        self.fields: dict[str, str] = {}
        self._inside = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = urlsplit(have.get("action", "")).path.endswith(self.action)
            self.found = self.found or self._inside
        if not self._inside:
            return
        if tag == "input" and have.get("name"):
            if have.get("type") not in ("radio", "checkbox") or "checked" in have:
                self.fields[have["name"]] = have.get("value", "")
        elif tag == "select":
            self._select = have.get("name", "")
        elif tag == "textarea":
            self.fields[have.get("name", "")] = ""
        elif tag == "option" and self._select and ("selected" in have or self._select not in self.fields):
            self.fields[self._select] = have.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""


def query_of(address: str) -> dict[str, str]:
    """The query parameters of an address."""
    return dict(parse_qsl(urlsplit(address).query))
