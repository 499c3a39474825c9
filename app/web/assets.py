"""Where the built assets are: `npm run build` writes them with hashed names and a manifest, this reads it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from flask import Flask

log = logging.getLogger(__name__)

DIST = Path(__file__).parent / "static" / "dist"
MANIFEST = "manifest.json"


class Assets:
    """The manifest of one build. With `reloads`, a newer build is noticed at the next look."""

    def __init__(self, folder: Path, url_prefix: str, *, reloads: bool) -> None:
        self._folder = folder
        self._prefix = url_prefix
        self._reloads = reloads
        self._read_at = 0.0
        self._urls: dict[str, str] = {}
        self._icons: frozenset[str] = frozenset()
        self._read()

    def url(self, name: str) -> str:
        """The address of `app.css`, `app.js`, an image or a font, by the name of its source.

        Without a build the plain name is answered, so that pages still work, unstyled.
        """
        self._look()
        return self._urls.get(name) or f"{self._prefix}{name}"

    def icon(self, name: str) -> str:
        """The address of one icon in the sprite. Raises `LookupError` for an icon that the sprite lacks."""
        self._look()
        if self._icons and name not in self._icons:
            raise LookupError(f'The sprite has no icon "{name}". Cure: add it to app/web/assets/icons.txt and build.')
        return f"{self._urls.get('icons.svg', self._prefix + 'icons.svg')}#{name}"

    def _look(self) -> None:
        if self._reloads and self._manifest_time() != self._read_at:
            self._read()

    def _manifest_time(self) -> float:
        try:
            return (self._folder / MANIFEST).stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def _read(self) -> None:
        self._read_at = self._manifest_time()
        try:
            content = json.loads((self._folder / MANIFEST).read_bytes())
        except FileNotFoundError:
            log.warning("assets.missing: run `npm ci && npm run build`")
            return
        self._icons = frozenset(content.pop("icons", ()))
        self._urls = {name: f"{self._prefix}{file}" for name, file in content.items()}


def register_assets(app: Flask, *, reloads: bool = False) -> Assets:
    """Give templates `asset_url(name)` and `icon_url(name)`."""
    assets = Assets(DIST, f"{app.static_url_path or '/static'}/dist/", reloads=reloads)
    app.jinja_env.globals.update(asset_url=assets.url, icon_url=assets.icon)
    app.extensions["assets"] = assets
    return assets
