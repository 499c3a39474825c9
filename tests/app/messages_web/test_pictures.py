"""Pictures that others keep (T20): only signed addresses, only for whom they were signed, only pictures come back."""

from __future__ import annotations

import gzip
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.clients import errors
from app.clients.safe_http.http import PinnedSafeHttp
from app.clients.safe_http.port import Fetched
from app.domain.files.signing import sign_attachment
from app.domain.messages.images import EVERYBODY, sign_picture
from tests.app.messages_web.conftest import GENERAL, STAFF_ROOM, Village, edit, without_reference, write
from tests.contract.safe_http.test_safe_http import Canary
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_B, STAN, VERA

URL = "https://pictures.example.org/cat.png?size=1&of=cat"
CDN = "https://cdn.discordapp.com/attachments/1/2/cat.png?ex=1&hm=2&"


def png(width: int = 2, height: int = 2, after: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * (1 + 3 * min(width, 4)) * min(height, 4))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"") + after


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 10 + b"\xff\xc0\x00\x11\x08\x00\x30\x00\x40" + b"\0" * 40
GIF = b"GIF89a\x40\x00\x30\x00" + b"\0" * 20
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x40\x00\x30\x00"
WEBP_LOSSLESS = b"RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f" + struct.pack("<I", 63 | 47 << 14)
WEBP_EXTENDED = b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x3f\x00\x00\x2f\x00\x00"
AVIF = b"\x00\x00\x00\x1cftypavif" + b"\0" * 16 + b"\x00\x00\x00\x14ispe\0\0\0\0" + struct.pack(">II", 64, 48)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def address_of(app: Flask, url: str, viewer: int) -> str:
    with app.test_request_context():
        return "/img/{}/{}".format(*sign_picture(url, viewer))


def ask(village: Village, who: int | None, url: str = URL, signed_for: int | None = None) -> TestResponse:
    viewer = signed_for if signed_for is not None else who or EVERYBODY
    browser = village.town.browser() if who is None else village.browser(who)
    return browser.get(address_of(village.town.app, url, viewer))


def keep(village: Village, url: str, body: bytes, claimed: str = "image/png") -> None:
    village.safe_http.pages[url] = Fetched(url, claimed, body)


def test_a_signed_picture_is_shown_as_what_its_bytes_are(village: Village) -> None:
    for body, kind in (
        (png(), "png"),
        (JPEG, "jpeg"),
        (GIF, "gif"),
        (WEBP, "webp"),
        (WEBP_LOSSLESS, "webp"),
        (WEBP_EXTENDED, "webp"),
        (AVIF, "avif"),
    ):
        keep(village, URL, body, claimed="image/png, text/html")
        answer = ask(village, VERA)
        assert (answer.status_code, answer.content_type, answer.data) == (200, f"image/{kind}", body)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "private" in answer.headers["Cache-Control"]


def test_the_same_address_is_given_out_each_time_and_browsers_need_not_fetch_twice(village: Village) -> None:
    keep(village, URL, png())
    first, again = ask(village, VERA), ask(village, VERA)
    assert first.request.path == again.request.path
    unchanged = village.browser(VERA).get(first.request.path, headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_an_address_opens_for_whom_it_was_signed_alone(village: Village) -> None:
    keep(village, URL, png())
    assert ask(village, VERA, signed_for=VERA).status_code == 200
    for stranger in (CHARLIE, BOB, None):
        answer = ask(village, stranger, signed_for=VERA)
        assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert ask(village, None, signed_for=EVERYBODY).status_code == 200


def test_a_forged_or_changed_address_is_nothing(village: Village) -> None:
    keep(village, URL, png())
    good = address_of(village.town.app, URL, VERA)
    _img, signature, encoded = good.strip("/").split("/")
    other = address_of(village.town.app, "https://elsewhere.example.org/", VERA).rsplit("/", 1)[1]
    kid, mac = signature.split(".")
    changed = [
        f"/img/{kid}.{'0' * 64}/{encoded}",
        f"/img/other.{mac}/{encoded}",
        f"/img/{mac}/{encoded}",
        f"/img/{kid}.{mac[:-1]}/{encoded}",
        f"/img/{signature}/{other}",
        f"/img/{signature}/{encoded}=",
        f"/img/{signature}/{encoded[:-1]}",
        f"/img/{signature}/%00%ff",
        f"/img/{signature}/ünïcode",
        f"/img/{signature}/{'A' * 4000}",
    ]
    asked_before = len(village.safe_http.asked)
    for address in changed:
        answer = village.browser(VERA).get(address)
        assert (answer.status_code, answer.mimetype) == (404, "text/plain"), address
    assert len(village.safe_http.asked) == asked_before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<!doctype html><script>alert(1)</script>", 415),
        (SVG, 415),
        (b"<?xml version='1.0'?>" + SVG, 415),
        (b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>", 415),
        (b"GIF89a", 415),
        (b"\xff\xd8\xff", 415),
        (b"\xff\xd8\xff\xe0\x00\x00" + b"\xff" * 3000, 415),
        (b"RIFF\0\0\0\0WEBPVP9X" + b"\0" * 20, 415),
        (b"\0\0\0\x1cftypavif", 415),
        (b"", 415),
        (b"%PDF-1.7", 415),
        (png(0, 5), 415),
        (png(50_000, 50_000), 413),
        (png(16_385, 1), 413),
        (JPEG.replace(b"\x00\x30\x00\x40", b"\xff\xff\x00\x40"), 413),
        (GIF.replace(b"\x40\x00\x30", b"\x00\xf0\x30"), 413),
        (b"\0\0\0\x1cftypavif" + b"\0" * 16 + b"ispe\0\0\0\0" + struct.pack(">II", 1 << 31, 9), 413),
    ],
)
def test_what_is_no_picture_or_unpacks_to_gigabytes_is_refused_in_plain_text(
    village: Village, body: bytes, status: int
) -> None:
    keep(village, URL, body)
    answer = ask(village, VERA)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert b"<" not in answer.data


def test_a_picture_with_html_behind_it_stays_a_picture(village: Village) -> None:
    keep(village, URL, png(after=b"<html><script>alert(1)</script>"), claimed="text/html")
    answer = ask(village, VERA)
    assert (answer.content_type, answer.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


class Hostile(BaseHTTPRequestHandler):
    """A server that sends what no picture proxy should pass on."""

    canary = 0

    def do_GET(self) -> None:
        getattr(self, "send_" + self.path.strip("/").replace("-", "_"), self.send_nothing)()

    def send_fine(self) -> None:
        self._send(png(), "image/png")

    def send_html(self) -> None:
        self._send(b"<html><script>alert(1)</script></html>", "image/png")

    def send_gzip(self) -> None:
        self._send(gzip.compress(png() + b"\0" * 20_000_000), "image/png", ("content-encoding", "gzip"))

    def send_to_canary(self) -> None:
        self._redirect(f"http://127.0.0.1:{self.canary}/cat.png")

    def send_to_fine(self) -> None:
        self._redirect("/fine")

    def send_around(self) -> None:
        self._redirect("/around")

    def send_endless(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "image/png")
        self.end_headers()
        try:
            self.wfile.write(png())
            for _ in range(400):
                self.wfile.write(b"\0" * 65_536)
        except OSError:
            pass

    def send_nothing(self) -> None:
        self.send_error(404)

    def _send(self, body: bytes, kind: str, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        for name, value in (("content-type", kind), ("content-length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self, location: str) -> None:
        self.send_response(302)
        self.send_header("location", location)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def canary() -> Iterator[Canary]:
    found = Canary()
    yield found
    found.listener.close()


@pytest.fixture
def hostile(village: Village, canary: Canary) -> Iterator[str]:
    """Its address; the website's safe client may reach this port of loopback and no other."""
    Hostile.canary = canary.port
    running = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{running.server_address[1]}"
    village.town.app.extensions["clients"].safe_http = PinnedSafeHttp(frozenset({host}))
    yield f"http://{host}"
    running.shutdown()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("fine", 200),
        ("to-fine", 200),
        ("html", 415),
        ("gzip", 415),
        ("to-canary", 404),
        ("around", 404),
        ("endless", 413),
        ("gone", 404),
    ],
)
def test_a_hostile_server_gets_nothing_through(
    village: Village, hostile: str, canary: Canary, path: str, status: int
) -> None:
    answer = ask(village, VERA, f"{hostile}/{path}")
    assert answer.status_code == status
    assert answer.mimetype == ("image/png" if status == 200 else "text/plain")
    assert canary.heard == 0


def test_loopback_is_no_place_for_pictures_even_when_signed(village: Village, hostile: str, canary: Canary) -> None:
    assert ask(village, VERA, f"http://127.0.0.1:{canary.port}/").status_code == 404
    assert canary.heard == 0


def test_a_server_that_does_not_answer_is_told_as_that(village: Village) -> None:
    class Away:
        def get(self, url: str, **_: object) -> Fetched:
            raise errors.Unavailable("timeout")

    village.town.app.extensions["clients"].safe_http = Away()
    answer = ask(village, VERA)
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")


def test_slow_servers_hold_only_a_few_threads(village: Village) -> None:
    running, most = [], []

    class Slow:
        def get(self, url: str, **_: object) -> Fetched:
            running.append(url)
            most.append(len(running))
            time.sleep(0.1)
            running.remove(url)
            return Fetched(url, "image/png", png())

    village.town.app.extensions["clients"].safe_http = Slow()
    address = address_of(village.town.app, URL, EVERYBODY)

    def look() -> None:
        with village.town.app.app_context():
            village.town.app.test_client().get(address)

    threads = [threading.Thread(target=look) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 12 and max(most) <= 4


def attachment(attachment_id: int, url: str = CDN, kind: str = "image/png") -> dict[str, object]:
    return {
        "id": str(attachment_id),
        "filename": "cat.png",
        "content_type": kind,
        "size": 9,
        "width": 2,
        "height": 2,
        "url": url,
    }


def test_an_attached_picture_comes_from_discord_to_who_may_see_the_message(village: Village) -> None:
    keep(village, CDN, png())
    write(1, "look", channel=GENERAL, attachments=[attachment(71)])
    write(2, "look", channel=STAFF_ROOM, author=BOB, attachments=[attachment(72)])
    assert village.file(VERA, 71).data == png()
    assert village.file(BOB, 72).data == png()
    assert village.file(ALICE, 72).content_type == "image/png"


def test_a_hidden_a_foreign_and_a_missing_attachment_are_the_same(village: Village) -> None:
    keep(village, CDN, png())
    write(1, "look", channel=STAFF_ROOM, author=BOB, attachments=[attachment(72)])
    asked = len(village.safe_http.asked)
    answers = [
        village.file(VERA, 72),
        village.file(VERA, 99),
        village.file(CHARLIE, 72),
    ]
    answers.append(village.file(STAN, 72))
    assert {answer.status_code for answer in answers} == {404}
    assert len({without_reference(answer) for answer in answers[:2]}) == 1
    assert len(village.safe_http.asked) == asked


def test_t41_a_browser_shows_a_kept_attachment_only_while_its_reader_may_see_it(village: Village) -> None:
    """Browsers are shared, and rights end: what was kept is asked for each time, and fetched from Discord once."""
    keep(village, CDN, png())
    write(1, "look", channel=STAFF_ROOM, author=BOB, attachments=[attachment(72)])
    first = village.file(BOB, 72)
    kept = {"If-None-Match": first.headers["ETag"]}
    again = village.file(BOB, 72, **kept)

    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.data) == (304, b"")
    assert len(village.safe_http.asked) == 1
    assert village.file(VERA, 72, **kept).status_code == 404
    assert village.file(CHARLIE, 72, **kept).status_code == 404


def test_a_kept_picture_belongs_to_one_session(village: Village) -> None:
    keep(village, URL, png())
    shown = ask(village, VERA)

    assert shown.headers["Cache-Control"].startswith("private") and "Cookie" in shown.headers["Vary"]


def test_only_discords_hosts_are_asked_for_attachments(village: Village) -> None:
    elsewhere = [
        "https://cdn.discordapp.com.evil.example/attachments/1/2/cat.png",
        "https://evil.example/cdn.discordapp.com/cat.png",
        "https://cdn.discordapp.com:8443/cat.png",
        "http://cdn.discordapp.com/cat.png",
        "https://user@evil.example/cat.png",
        "ftp://cdn.discordapp.com/cat.png",
        "//cdn.discordapp.com/cat.png",
        "",
        "https://[",
    ]
    for number, url in enumerate(elsewhere, 1):
        village.safe_http.pages[url] = Fetched(url, "image/png", png())
        write(number, "look", attachments=[attachment(number, url)])
        assert village.file(VERA, number).status_code == 404, url
    assert village.safe_http.asked == []


def test_an_expired_link_is_gone_and_a_file_that_is_no_picture_is_not_shown(village: Village) -> None:
    write(1, "old", attachments=[attachment(71)])
    assert village.file(VERA, 71).status_code == 404
    keep(village, CDN, b"<html>")
    assert village.file(VERA, 71).status_code == 415


def test_the_picture_of_an_earlier_version_is_still_there(village: Village) -> None:
    keep(village, CDN, png())
    write(1, "look", attachments=[attachment(71)])
    edit(1, "nothing to see", at=60)
    assert village.file(VERA, 71).status_code == 200


def test_a_picture_is_found_in_its_own_community_alone(village: Village) -> None:
    keep(village, CDN, png())
    write(1, "look", attachments=[attachment(71)])
    signed = {"for": sign_attachment(SERVER_B, 71, CHARLIE)}
    assert village.browser(CHARLIE).get(f"/servers/{SERVER_B}/attachments/71", query_string=signed).status_code == 404
    assert village.file(VERA, 71).status_code == 200
