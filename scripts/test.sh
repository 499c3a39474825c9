#!/usr/bin/env bash
# The whole suite. Fast things first, so that a mistake is seen early.
# Three workers on two cores: the tests wait more than they compute. tests/spreading.py shares the files out.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

make --no-print-directory lint
pytest -q -n 3 -m "not browser" tests
pytest -q -n 2 -m "browser" tests
SCALE=2000 python -m tests.bench ingest gateway search  # the whole: make bench
spec="${DISCORD_SPEC_DIR:-../shared/discord}"
if [ ! -f "$spec/openapi.json" ]; then
  echo "Not checked: Discord's own schemas. Put openapi.json of discord/discord-api-spec and the gateway schemas into $spec (or set DISCORD_SPEC_DIR)."
fi
