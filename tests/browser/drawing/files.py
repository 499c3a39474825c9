"""Files that people sent: a picture, a picture of a message that was deleted, a program, and one that an admin withdrew."""

from __future__ import annotations

import base64
import re
import struct
import time
import zlib

from scripts.visitor import ALICE, SERVER_A, VERA
from tests.browser.drawing.stage import Stage

SECONDS_TO_KEEP = 30
A = f"/servers/{SERVER_A}"


def send_files(stage: Stage) -> None:
    """Four messages with files, each fate waited for."""
    room = next(int(one["id"]) for one in stage.state(SERVER_A)["channels"] if one["name"] == "general")
    _send(stage, room, "My garden this morning", ("garden.png", "image/png", _picture(70, 140, 90)))
    _send(stage, room, "Faster sleds, just run it", ("sled-boost.exe", "application/x-msdownload", b"MZ" + bytes(900)))
    deleted = _send(stage, room, "Oops, the wrong one", ("letter.png", "image/png", _picture(150, 60, 80)))
    leaked = _send(stage, room, "Look whose address", ("address.png", "image/png", _picture(60, 80, 150)))
    stage.known["covered"], stage.known["leaked"] = deleted[0], leaked[1]
    _wait_until_kept(stage, leaked[0])
    stage.act(VERA, "message.delete", channel_id=room, message_id=deleted[0])
    time.sleep(2)


def quarantine_address(stage: Stage) -> str:
    """Where the leaked file is withdrawn."""
    return f"{A}/attachments/{stage.known['leaked']}/quarantine"


def withdraw(stage: Stage) -> None:
    """An admin withdraws it."""
    address = f"{A}/attachments/{stage.known['leaked']}/quarantines"
    stage.visitor(ALICE).post(address, reason="Shows where a member lives")


def covered_address(stage: Stage) -> str:
    """The deleted message with its picture."""
    return f"{A}/messages/{stage.known['covered']}"


def _send(stage: Stage, room: int, text: str, file: tuple[str, str, bytes]) -> tuple[str, str]:
    """(message, attachment)."""
    name, kind, body = file
    sent = {"filename": name, "content_type": kind, "base64": base64.b64encode(body).decode()}
    made = stage.act(VERA, "message.create", channel_id=room, content=text, files=[sent])
    return made["id"], made["attachments"][0]["id"]


def _wait_until_kept(stage: Stage, message_id: str) -> None:
    ends = time.monotonic() + SECONDS_TO_KEEP
    while time.monotonic() < ends:
        page = stage.visitor(ALICE).get(f"{A}/usage")
        if re.search(r"<th scope=\"row\">Kept</th>", page) and "Being fetched" not in page:
            return
        time.sleep(0.5)
    raise AssertionError(f"the file of {message_id} was not kept in {SECONDS_TO_KEEP} s")


def _picture(red: int, green: int, blue: int) -> bytes:
    """A PNG of 320 × 200 that fades downwards, with a paler band."""
    width, height = 320, 200
    lines = b"".join(
        b"\0" + bytes(min(255, part + y // 3 + (60 if 70 < y < 110 else 0)) for part in (red, green, blue)) * width
        for y in range(height)
    )

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
