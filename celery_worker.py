"""`celery -A celery_worker worker -Q default,setup,files` and `celery -A celery_worker beat`: worker and beat as processes of their own."""

from __future__ import annotations

import sys

from app.bootstrap import create_core_app
from app.config import Process, Settings
from app.extensions import celery
from tasks import load_tasks

PROCESS = Process.BEAT if "beat" in sys.argv else Process.WORKER

# Not "app": Celery would take a module's `app` for its own.
flask_app = create_core_app(Settings.or_exit(PROCESS))
load_tasks(celery, flask_app)

__all__ = ["celery", "flask_app"]
