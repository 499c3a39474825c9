"""The website: one folder a noun, each with views, forms and templates."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator

from flask import Blueprint, Flask

from app.config import Settings


def register(app: Flask) -> None:
    """Give `app` its routes, and the walls around each of them.

    Raises `UnguardedRoute` where a route has no class or says nobody may come in.
    """
    from app.web import (
        assets,
        converters,
        dev,
        discord_markup,
        errors,
        guards,
        limits,
        parts,
        security,
        shell,
        surroundings,
        tenant_guard,
        toasts,
    )
    from app.web.accounts import cookies

    settings: Settings = app.config["SETTINGS"]
    app.template_folder = "web/templates"
    app.jinja_env.auto_reload = settings.development
    converters.register_converters(app)
    security.register_security(app, settings)
    cookies.register_sessions(app)
    limits.register_limits(app, settings)
    security.register_walls(app)
    tenant_guard.register_tenant_guard(app)
    limits.register_community_limits(app)
    errors.register_errors(app)
    assets.register_assets(app, reloads=settings.development)
    parts.register_parts(app)
    shell.register_shell(app)
    surroundings.register_surroundings(app)
    toasts.register_toasts(app)
    discord_markup.register_discord_markup(app)
    if settings.development:
        dev.register_dev(app)
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)
    guards.refuse_unguarded(app)


def _blueprints() -> Iterator[Blueprint]:
    """Every blueprint in the `views` of every noun's folder."""
    from app.web.guards import GuardedBlueprint

    for noun in pkgutil.iter_modules(__path__):
        if not noun.ispkg or importlib.util.find_spec(f"{__name__}.{noun.name}.views") is None:
            continue
        views = importlib.import_module(f"{__name__}.{noun.name}.views")
        found = {id(value): value for value in vars(views).values() if isinstance(value, GuardedBlueprint)}
        yield from found.values()
