"""The two kinds of task. Both open the application's context; one also speaks for a tenant."""

from __future__ import annotations

from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_init
from flask import Flask

from app.db.scope import tenant_scope
from app.extensions import celery, db

FLASK_APP = "flask_app"
# In a thread that it did not start itself, Celery takes `task.app` for its own default app: name ours.


class GlobalTask(Task):
    """Runs outside any tenant; what it calls is a `@system_only` verb that opens its own scopes."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with flask_app_of(celery).app_context():
            return super().__call__(*args, **kwargs)


class TenantTask(GlobalTask):
    """Runs in the scope of the tenant that its keyword `tenant_id` names."""

    abstract = True

    def __call__(self, *args: Any, tenant_id: int, **kwargs: Any) -> Any:
        with flask_app_of(celery).app_context(), tenant_scope(tenant_id):
            return Task.__call__(self, *args, **kwargs)


def run_tasks_in(celery: Celery, app: Flask) -> None:
    """Every task of `celery` runs inside `app` from now on."""
    setattr(celery, FLASK_APP, app)


def flask_app_of(celery: Celery) -> Flask:
    """The app that tasks run in. Raises `AttributeError` before `run_tasks_in`."""
    app: Flask = getattr(celery, FLASK_APP)
    return app


@worker_process_init.connect
def _leave_connections_to_the_parent(**_kwargs: Any) -> None:
    """A forked child must not speak over the connections of its parent."""
    with flask_app_of(celery).app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
