#!/usr/bin/env bash
# Until the first release the schema is one migration, made again from the models whenever they change.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -f migrations/versions/0001_*.py
DATABASE_URL="sqlite:///$(mktemp -d)/empty.sqlite3" .venv/bin/flask db revision --autogenerate --rev-id 0001 -m first_schema >/dev/null 2>&1
.venv/bin/ruff format -q migrations/versions && .venv/bin/ruff check -q --fix migrations/versions
echo migrations/versions/0001_first_schema.py
