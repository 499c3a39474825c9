"""`/mydata`: where people see what a community keeps about them."""

from __future__ import annotations

import lightbulb
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.config import Settings


def register(client: lightbulb.Client) -> None:
    """Give `client` every command of this file."""
    client.register(MyData)


class MyData(
    lightbulb.SlashCommand,
    name="mydata",
    description=str(_l("See, copy or ask to erase what is kept about you")),
):
    @lightbulb.invoke
    async def invoke(self, context: lightbulb.Context, settings: Settings) -> None:
        """Only the asker sees the answer; nothing is looked up before they have signed in."""
        text = _(
            "What this server keeps about you, a copy of it, and a way to have it erased: %(page)s",
            page=f"<{settings.public_url}/me>",
        )
        await context.respond(text, ephemeral=True)
