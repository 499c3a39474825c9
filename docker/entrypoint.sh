#!/bin/sh
# Runs one process of the panel; the first argument says which.
set -eu
case "${1:-web}" in
  migrate) exec flask db upgrade ;;
  web)     exec granian --interface wsgi --host 0.0.0.0 --port "${PORT:-8000}" --workers "${WEB_WORKERS:-2}" --blocking-threads 8 wsgi:app ;;
  worker)  exec celery -A celery_worker worker --loglevel INFO --concurrency "${WORKER_CONCURRENCY:-4}" --queues default,setup,files ;;
  beat)    exec celery -A celery_worker beat --loglevel INFO --schedule /tmp/celerybeat-schedule ;;
  bot)     exec python -m bot ;;
  live)    exec python -m bot.live ;;
  *)       exec "$@" ;;
esac
