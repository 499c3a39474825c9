#!/usr/bin/env bash
# The whole suite. Fast things first, so that a mistake is seen early.
# What fails beside everything else is run once more alone; what fails twice fails the build, and both runs are shown.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

suite() {
  pytest -q -n 2 --dist loadgroup "$@" && return
  local code=$?
  [ "$code" -eq 1 ] || return "$code"
  echo "· once more, alone: what failed above"
  pytest -q --last-failed --last-failed-no-failures none "$@"
}

make --no-print-directory lint
suite -m "not browser" tests
suite -m "browser" tests
SCALE=4000 python -m tests.bench
spec="${DISCORD_SPEC_DIR:-../shared/discord}"
if [ ! -f "$spec/openapi.json" ]; then
  echo "Not checked: Discord's own schemas. Put openapi.json of discord/discord-api-spec and the gateway schemas into $spec (or set DISCORD_SPEC_DIR)."
fi
