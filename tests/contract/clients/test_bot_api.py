"""What the fake bot and the real client of the bot's API both promise."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.clients.bot_api.fake import FakeBotApi
from app.clients.bot_api.http import HttpBotApi
from app.clients.bot_api.port import Answer, BotApi, Caller
from app.clients.errors import Unavailable
from app.contracts.bot_api import Accepted, Direction, verify
from app.db.transaction import TransactionError, transaction
from tests.environment import BOT_SECRET, settings
from tests.servers.process import free_port

CALLER = Caller(11, 300, "200", "request-1")
ANSWERS = {
    ("GET", "/guild"): Answer(200, {"name": "Snowfall"}),
    ("POST", "/moderation/ban"): Answer(403, {"code": "rule:target_is_owner", "message": "no"}),
    ("GET", "/health"): Answer(200, {"status": "ok"}),
}


class Bot(BaseHTTPRequestHandler):
    """Answers as the bot would, to signed calls alone."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        accepted = verify(
            direction=Direction.TO_BOT,
            method=self.command,
            target=self.path,
            body=body,
            headers=list(self.headers.items()),
            secrets=(BOT_SECRET,),
            now=int(self.headers.get("x-timestamp") or 0),
        )
        found = ANSWERS.get((self.command, self.path.partition("?")[0]), Answer(404, {"code": "not_found"}))
        if not isinstance(accepted, Accepted):
            found = Answer(accepted.status, {"code": accepted.code})
        raw = json.dumps(dict(found.body)).encode()
        self.send_response(found.status)
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_GET

    def log_message(self, *_arguments: Any) -> None:
        return


@pytest.fixture(params=["fake", "http"])
def bot(request: pytest.FixtureRequest, app: Flask, folder: Path) -> Iterator[BotApi]:
    if request.param == "fake":
        yield FakeBotApi(answers=dict(ANSWERS))
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bot)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield HttpBotApi(settings("sqlite://", folder, BOT_API_URL=f"http://127.0.0.1:{server.server_address[1]}"))
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["fake", "http"])
def away(request: pytest.FixtureRequest, app: Flask, folder: Path) -> BotApi:
    if request.param == "fake":
        return FakeBotApi(away=True)
    return HttpBotApi(settings("sqlite://", folder, BOT_API_URL=f"http://127.0.0.1:{free_port()}"))


def test_an_answer_comes_back_with_its_status(bot: BotApi) -> None:
    assert bot.call(CALLER, "GET", "/guild", query={"q": "ü &"}) == ANSWERS["GET", "/guild"]


def test_a_refusal_is_an_answer(bot: BotApi) -> None:
    assert bot.call(CALLER, "POST", "/moderation/ban", body={"target_id": "1"}) == ANSWERS["POST", "/moderation/ban"]
    assert bot.call(CALLER, "GET", "/nothing").status == 404


def test_health_is_ok_while_the_bot_answers_and_away_while_it_does_not(bot: BotApi, away: BotApi) -> None:
    assert bot.health()["status"] == "ok"
    assert away.health() == {"status": "away", "code": "bot_unreachable"}


def test_a_bot_that_is_away_is_unavailable(away: BotApi) -> None:
    with pytest.raises(Unavailable) as error:
        away.call(CALLER, "GET", "/guild")
    assert error.value.code == "bot_unreachable"


@pytest.fixture
def asked(app: Flask) -> Iterator[list[str]]:
    """The paths that a slow bot was asked for; its address comes first and is taken off by the test."""
    paths: list[str] = []

    class Slow(Bot):
        def do_GET(self) -> None:
            paths.append(self.path)
            time.sleep(0.2)
            super().do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    paths.append(f"http://127.0.0.1:{server.server_address[1]}")
    yield paths
    server.shutdown()
    server.server_close()


def test_many_who_ask_for_the_health_at_once_and_again_cost_the_bot_one_call(
    app: Flask, folder: Path, asked: list[str]
) -> None:
    client = HttpBotApi(settings("sqlite://", folder, BOT_API_URL=asked.pop()))

    def ask(_number: int) -> str:
        with app.app_context():
            return str(client.health()["status"])

    with ThreadPoolExecutor(8) as people:
        assert set(people.map(ask, range(16))) == {"ok"}

    assert ask(0) == "ok"
    assert asked == ["/health"]


def test_the_health_is_asked_again_after_its_time(app: Flask, folder: Path, asked: list[str]) -> None:
    client = HttpBotApi(settings("sqlite://", folder, BOT_API_URL=asked.pop(), TIME_SCALE="1000"))
    client.health()
    time.sleep(0.02)  # ten seconds by this scale

    client.health()

    assert asked == ["/health", "/health"]


def test_after_five_failures_calls_are_refused_at_once_until_one_gets_through(app: Flask, folder: Path) -> None:
    port = free_port()
    client = HttpBotApi(settings("sqlite://", folder, BOT_API_URL=f"http://127.0.0.1:{port}", TIME_SCALE="20"))
    codes = []
    for _try in range(7):
        with pytest.raises(Unavailable) as error:
            client.call(CALLER, "GET", "/guild")
        codes.append(error.value.code)
    assert codes == ["bot_unreachable"] * 5 + ["bot_circuit_open"] * 2
    assert error.value.retry_after is not None and error.value.retry_after > 0

    server = ThreadingHTTPServer(("127.0.0.1", port), Bot)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        time.sleep(0.6)  # ten seconds by this scale
        assert client.call(CALLER, "GET", "/guild").status == 200
        assert client.call(CALLER, "GET", "/guild").status == 200
    finally:
        server.shutdown()
        server.server_close()


def test_nobody_calls_the_bot_inside_a_transaction(bot: BotApi) -> None:
    with pytest.raises(TransactionError), transaction():
        bot.call(CALLER, "GET", "/guild")
    with pytest.raises(TransactionError), transaction():
        bot.health()
