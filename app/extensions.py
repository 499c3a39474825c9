"""The Flask extensions, unconfigured. `create_core_app` and `create_app` configure them."""

from __future__ import annotations

from celery import Celery
from flask_babel import Babel
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

db = SQLAlchemy(
    metadata=MetaData(naming_convention=NAMING_CONVENTION),
    session_options={"expire_on_commit": False},
)
migrate = Migrate()
login_manager = LoginManager()
babel = Babel()
celery = Celery("snowflake")


def limiter_key() -> str:
    """Whom a limit counts; the website's guard classes name the key for each route."""
    from flask import g, request

    return getattr(g, "limit_key", None) or request.remote_addr or "unknown"


limiter = Limiter(key_func=limiter_key)
