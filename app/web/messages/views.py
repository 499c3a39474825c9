"""What is under `/servers/<g>/messages`."""

from __future__ import annotations

from app.web.messages.images import attached
from app.web.messages.images import blueprint as images

__all__ = ["attached", "images"]
