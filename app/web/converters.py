"""What a URL may carry. A malformed id is no route at all, so it answers like a missing thing: 404."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

LARGEST_ID = 2**63 - 1


class SnowflakeConverter(BaseConverter):
    """A Discord id, or one of ours: 1 to 2⁶³−1, ASCII digits, no leading zero."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        if int(value) > LARGEST_ID:
            raise ValidationError()
        return int(value)

    def to_url(self, value: object) -> str:
        return str(int(str(value)))


class TokenConverter(BaseConverter):
    """What opens something by being known: the URL-safe letters of `app.db.ids.new_token`."""

    regex = "[A-Za-z0-9_-]{16,64}"


def register_converters(app: Flask) -> None:
    """`<snowflake:guild_id>` and `<token:token>` in every rule."""
    app.url_map.converters["snowflake"] = SnowflakeConverter
    app.url_map.converters["token"] = TokenConverter
