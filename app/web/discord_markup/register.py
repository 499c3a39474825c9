"""Makes the renderer known to templates."""

from __future__ import annotations

from flask import Flask

from app.web.discord_markup.text import plain_text, render_text


def register_discord_markup(app: Flask) -> None:
    """Give templates `discord_text(text, look, hits)` and `discord_line(text, look)`."""
    app.jinja_env.globals.update(discord_text=render_text, discord_line=plain_text)
