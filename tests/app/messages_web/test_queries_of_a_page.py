"""A message in its context asks the database seldom, and as often for many messages as for few."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.extensions import db
from tests.app.messages_web.conftest import Village, edit, message_id, react, write
from tests.servers.sandbox import BOB, VERA

MOST = 15
OF_EVERY_PAGE = re.compile(
    r"BEGIN|SELECT (?:sessions|tenants|memberships|role_grants|users|guild_members\.role_ids|guild_roles\.id )"
)
"""Who is let in, and as what."""


@contextmanager
def asked(village: Village) -> Iterator[list[str]]:
    """The statements of the block's pages, without those of every page."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not OF_EVERY_PAGE.match(statement):
            found.append(statement)

    with village.town.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_message_among_many_with_all_that_hangs_on_them_costs_few_queries(village: Village) -> None:
    path = f"/messages/{message_id(15)}"
    counts = []
    for numbers in (range(14, 17), range(1, 14), range(17, 30)):
        for number in numbers:
            write(number, f"message {number} <@{VERA}>", author=BOB if number % 3 else VERA)
            edit(number, f"edited {number}", at=100 + number)
            react(number, VERA, {"id": None, "name": "❄️"})
        village.partial(BOB, path)
        with asked(village) as statements:
            assert village.partial(BOB, path).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= MOST
