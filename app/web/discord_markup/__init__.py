"""Discord's look: what people wrote on Discord as markup of our own, safe whatever the text is."""

from app.web.discord_markup.body import BodyLook, EmbedLook, FileLook, read_body, read_embed
from app.web.discord_markup.look import FileNote, Look, Referenced, RoleLook, referenced_in
from app.web.discord_markup.poll import PollLook
from app.web.discord_markup.register import register_discord_markup
from app.web.discord_markup.text import plain_text, render_text

__all__ = [
    "BodyLook",
    "EmbedLook",
    "FileLook",
    "FileNote",
    "Look",
    "PollLook",
    "Referenced",
    "RoleLook",
    "plain_text",
    "read_body",
    "read_embed",
    "referenced_in",
    "register_discord_markup",
    "render_text",
]
