#!/usr/bin/env bash
# Installs what is missing, from the project's own lock files. A second run takes a second.
#   setup.sh demo   Python packages and front-end assets
#   setup.sh test   the same, and the servers and the browser of the tests from Debian
set -euo pipefail
cd "$(dirname "$0")/.."
what="${1:-demo}"
python="${PYTHON:-python3.11}"
command -v "$python" >/dev/null || python=python3
mkdir -p build

say() { printf '· %s\n' "$*"; }

debian() {
  local missing=()
  command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || missing+=(mariadb-server)
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v chromium >/dev/null || missing+=(chromium)
  [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null || missing+=(nginx-light)
  [ -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf ] || missing+=(fonts-noto-color-emoji fonts-noto-core fonts-noto-cjk)
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]} from Debian"
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  # A package's own service would take the standard ports; the tests start private servers instead.
  local policy=/usr/sbin/policy-rc.d made=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod +x "$policy"
    made=1
  fi
  "${root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >build/apt.log 2>&1 || { tail -20 build/apt.log; exit 1; }
  [ "$made" -eq 0 ] || "${root[@]}" rm -f "$policy"
}

packages() {
  local lock="requirements-dev.lock" stamp=.venv/.installed sum
  sum="$(sha256sum "$lock" | cut -d' ' -f1)"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && return
  say "installing Python packages"
  [ -x .venv/bin/python ] || "$python" -m venv .venv || {
    [ "$(id -u)" -eq 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && "$python" -m venv .venv
  }
  .venv/bin/uv --version >/dev/null 2>&1 || .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
  .venv/bin/uv pip install -q --require-hashes -r "$lock"
  echo "$sum" >"$stamp"
}

assets() {
  local stamp=build/.assets sum
  sum="$(cat package-lock.json build.mjs $(find app/web/assets -type f | sort) | sha256sum | cut -d' ' -f1)"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && [ -f app/web/static/dist/manifest.json ] && return
  if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    say "installing front-end packages"
    npm ci --silent --no-progress
  fi
  say "building assets"
  npm run --silent build
  echo "$sum" >"$stamp"
}

[ "$what" = test ] && debian
packages
assets
