"""The website: one folder a noun, each with views, forms and templates."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Give `app` its routes."""
