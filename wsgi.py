"""`granian --interface wsgi wsgi:app`: the website as a process of its own."""

from __future__ import annotations

from app import create_app
from app.config import Process, Settings

app = create_app(Settings.or_exit(Process.WEB))
