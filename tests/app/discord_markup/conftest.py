"""An application with nothing but languages: the renderer needs no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    application = Flask("discord-markup")
    Babel(application)
    with application.test_request_context():
        yield
