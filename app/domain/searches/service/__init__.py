"""What changes saved searches and their alerts, and what tells of matches."""

from __future__ import annotations

from app.domain.searches.service.alerts import remove_alert, set_alert
from app.domain.searches.service.saving import (
    SaveSearch,
    change_search,
    delete_search,
    pin_search,
    save_search,
    unpin_search,
)
from app.domain.searches.service.telling import ALERTS, tell_alerts

__all__ = [
    "ALERTS",
    "SaveSearch",
    "change_search",
    "delete_search",
    "pin_search",
    "remove_alert",
    "save_search",
    "set_alert",
    "tell_alerts",
    "unpin_search",
]
