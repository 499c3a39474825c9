"""From Discord's gateway to rows of the archive."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from app.db.scope import tenant_scope
from app.domain.messages.models import Message
from app.extensions import db
from tests.bot.conftest import make_tenant
from tests.bot.running import RunningBot, eventually
from tests.servers.sandbox import SERVER_A, VERA, Sandbox

StartBot = Callable[..., RunningBot]


def channel_of(sandbox: Sandbox, guild_id: int, position: int = 0) -> str:
    channels = sandbox.get(f"/sandbox/state/{guild_id}")["channels"]
    texts = [each for each in channels if each["type"] == 0]
    return str(texts[position]["id"])


def archived(tenant_id: int) -> dict[int, Message]:
    db.session.rollback()
    with tenant_scope(tenant_id):
        return {row.id: row for row in db.session.scalars(select(Message))}


def test_a_message_from_the_gateway_becomes_a_row(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot_of(sandbox).wait_until_connected()

    posted = sandbox.act(VERA, "message.create", guild_id=SERVER_A, channel_id=channel_of(sandbox, SERVER_A), content="Schnee im Mai")

    eventually(lambda: int(posted["id"]) in archived(tenant_id))
    row = archived(tenant_id)[int(posted["id"])]
    assert (row.content, row.author_id) == ("Schnee im Mai", VERA)
