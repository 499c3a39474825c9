"""One file per URL word."""

from app.web.privacy.views.data_map import data_map
from app.web.privacy.views.me import me
from app.web.privacy.views.requests import requests
from app.web.privacy.views.settings import settings

__all__ = ["data_map", "me", "requests", "settings"]
