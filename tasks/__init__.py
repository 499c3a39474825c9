"""What workers do: one file a noun, each task one domain call. `load_tasks()` makes all of them known to Celery."""

from __future__ import annotations

import importlib
import pkgutil

from celery import Celery
from flask import Flask

from app.config import Settings


def load_tasks(celery: Celery, app: Flask) -> None:
    """Have `celery` run every task inside `app`, and beat follow the whole schedule table."""
    from tasks.base import run_tasks_in
    from tasks.schedule import beat_schedule

    settings: Settings = app.config["SETTINGS"]
    run_tasks_in(celery, app)
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    celery.conf.beat_schedule = beat_schedule(settings.timings)
    celery.conf.beat_schedule_filename = str(settings.data_dir / "beat-schedule")
    celery.conf.beat_max_loop_interval = max(0.1, min(5.0, settings.timings.sweep))
    celery.conf.timezone = "UTC"
