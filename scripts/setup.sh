#!/usr/bin/env bash
# Installs what is missing: from Debian by apt, from PyPI and npm by the project's own lock files. A second run takes a second.
#   setup.sh demo   Python packages and front-end assets
#   setup.sh test   the same, and the servers and the browser of the tests
set -euo pipefail
cd "$(dirname "$0")/.."
what="${1:-demo}"
python="${PYTHON:-python3.11}"
command -v "$python" >/dev/null || ! command -v python3 >/dev/null || python=python3
mkdir -p build

say() { printf '· %s\n' "$*"; }
give_up() { printf '%s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# What the lock files cannot bring: an interpreter with `venv`, npm, and for the tests servers and a browser.
debian() {
  local missing=()
  has "$python" || missing+=(python3)
  "$python" -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  has node || missing+=(nodejs)
  has npm || missing+=(npm)
  if [ "$what" = test ]; then
    has mariadbd || [ -x /usr/sbin/mariadbd ] || missing+=(mariadb-server)
    has redis-server || missing+=(redis-server)
    has chromium || missing+=(chromium)
    has nginx || [ -x /usr/sbin/nginx ] || missing+=(nginx-light)
    [ -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf ] || missing+=(fonts-noto-color-emoji fonts-noto-core fonts-noto-cjk)
  fi
  [ ${#missing[@]} -eq 0 ] || install_from_debian "${missing[@]}"
  has "$python" || give_up "There is no $python. Name an interpreter of version 3.11: PYTHON=/path/to/python make …"
  "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
    give_up "$python is $("$python" --version 2>&1); the lock files are for Python 3.11: PYTHON=/path/to/python3.11 make …"
  local node_version
  node_version="$(node --version)"
  [ "$(printf '%s' "${node_version#v}" | cut -d. -f1)" -ge 18 ] || give_up "Node is $node_version; the assets need 18 or newer."
}

install_from_debian() {
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    has sudo || give_up "Missing: $*. As root: apt-get install --no-install-recommends $*"
    root=(sudo)
  fi
  has apt-get || give_up "Missing: $*. This system has no apt-get: install what they are called here."
  say "installing $* from Debian"
  # A package's own service would take the standard ports; the tests start private servers instead.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    trap "${root[*]} rm -f $policy" EXIT
    "${root[@]}" chmod +x "$policy"
  fi
  if ! { "${root[@]}" apt-get update -qq &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >build/apt.log 2>&1; then
    tail -20 build/apt.log >&2
    give_up "apt-get could not install: $*"
  fi
}

packages() {
  local lock="requirements-dev.lock" stamp=.venv/.installed sum
  sum="$(sha256sum "$lock" | cut -d' ' -f1)"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && return
  say "installing Python packages"
  # An interrupted first run leaves an environment without pip.
  [ -x .venv/bin/pip ] || [ -x .venv/bin/uv ] || { rm -rf .venv && "$python" -m venv .venv; }
  .venv/bin/uv --version >/dev/null 2>&1 ||
    .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
  .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r "$lock"
  echo "$sum" >"$stamp"
}

assets() {
  local stamp=build/.assets sum
  # Templates too: they say which of the vendor's styles are kept.
  sum="$(cat package-lock.json build.mjs $(find app/web/assets app/web/templates -type f | LC_ALL=C sort) | sha256sum | cut -d' ' -f1)"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && [ -f app/web/static/dist/manifest.json ] && return
  if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    say "installing front-end packages"
    npm ci --silent --no-progress
  fi
  say "building assets"
  npm run --silent build
  echo "$sum" >"$stamp"
}

debian
packages
assets
