from __future__ import annotations

from tests.app.searches.conftest import archive, community, migrated_app

__all__ = ["archive", "community", "migrated_app"]
