"""A person without a browser: signs in at the stand-in Discord and uses the panel's pages, over the wire."""

from __future__ import annotations

import html
import re
from http.cookiejar import Cookie
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.cookies import RequestsCookieJar

ALICE, BOB, VERA, CHARLIE, STAN = (200000000000000000 + number for number in range(1, 6))
SERVER_A, SERVER_B, SERVER_C = (300000000000000000 + number for number in range(1, 4))


class LoopbackCookies(RequestsCookieJar):
    """A `__Host-` cookie is Secure; browsers send it over http to loopback all the same, and so does this jar."""

    def set_cookie(self, cookie: Cookie, *args: object, **kwargs: object) -> None:
        cookie.secure = False
        super().set_cookie(cookie, *args, **kwargs)


class Visitor:
    """One signed-in person. Every answer that is no success raises, with the page's own words."""

    def __init__(self, panel: str, user_id: int, *, install: int | None = None) -> None:
        self.panel = panel
        self.user_id = user_id
        self.http = requests.Session()
        self.http.cookies = LoopbackCookies()
        self.http.headers["Sec-Fetch-Site"] = "same-origin"
        self.landed = self._sign_in(install)

    def get(self, path: str, **query: str) -> str:
        """The page's HTML."""
        return _text(self.http.get(self.panel + path, params=query, timeout=20))

    def may_open(self, path: str) -> bool:
        """True where the page is there for this person."""
        return self.http.get(self.panel + path, timeout=20).ok

    def post(self, path: str, **fields: str) -> requests.Response:
        """Send a form as a page does, and follow where it leads."""
        answer = self.http.post(self.panel + path, data=fields, timeout=20)
        _text(answer)
        return answer

    def _sign_in(self, install: int | None) -> str:
        query = {"install": str(install)} if install is not None else {}
        begun = self.http.get(f"{self.panel}/api/auth/discord", params=query, allow_redirects=False, timeout=20)
        _text(begun)
        address = urlsplit(begun.headers["location"])
        asked = dict(parse_qsl(address.query)) | {"as": str(self.user_id), "decision": "authorize"}
        form: list[tuple[str, str]] = list(asked.items())
        if install is not None:
            form += [("chosen_guild", str(install))]
            form += [("permission", str(1 << bit)) for bit in range(60) if int(asked["permissions"]) >> bit & 1]
        consented = requests.post(address._replace(query="").geturl(), data=form, allow_redirects=False, timeout=20)
        back = self.http.get(consented.headers["location"], timeout=20)
        _text(back)
        return back.url


def options_of(page: str, select: str) -> dict[str, str]:
    """Value by label of a page's select."""
    found = re.search(rf'<select[^>]*name="{select}".*?</select>', page, re.DOTALL)
    pairs = re.findall(r'<option[^>]*value="([^"]*)"[^>]*>(.*?)</option>', found[0] if found else "", re.DOTALL)
    return {html.unescape(label).strip(): value for value, label in pairs}


def _text(answer: requests.Response) -> str:
    if not answer.ok:
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
        raise RuntimeError(f"{answer.request.method} {answer.url} answered {answer.status_code}: {words[:600]}")
    return answer.text
