# Snowflake Panel. `make` alone lists the commands.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PORT ?= 8000
K ?=
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup setup-test demo dev start test test-mysql quick bench faults lint fmt screenshots clean

help: ## this text
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Python packages from the lock file, front-end assets
	@scripts/setup.sh demo

setup-test: ## the same, with MariaDB, Redis, nginx and Chromium where they are missing
	@scripts/setup.sh test

demo: setup ## everything on one port with a stand-in Discord; prints `ready http://127.0.0.1:PORT`
	@exec .venv/bin/python -m scripts.demo --port $(PORT)

dev: setup ## the demo with Python, templates and assets reloaded; with your own DISCORD_TOKEN against real Discord
	@exec .venv/bin/python -m scripts.dev --port $(PORT)

start: setup ## one process for real, with your own settings from the environment: `flask db upgrade`, then `flask up`
	@.venv/bin/flask db upgrade
	@exec .venv/bin/flask up

test: setup-test ## the whole suite, on SQLite and MariaDB, with a browser
	@scripts/test.sh

test-mysql: setup-test ## what needs a database server, on your MySQL 8.4 or newer instead of MariaDB (MYSQLD=/path/to/mysqld)
	@[ -n "$${MYSQLD:-}" ] || { echo "Name the server program: MYSQLD=/path/to/mysqld make test-mysql" >&2; exit 2; }
	@.venv/bin/pytest -q -n 2 -m "mariadb and not browser" tests

quick: setup ## lint and the tests without browser, processes and MariaDB (K=name: those that match)
	@$(MAKE) --no-print-directory lint
	@.venv/bin/pytest -q -n 2 -m "not browser and not mariadb and not processes" $(if $(K),-k "$(K)")

bench: setup-test ## the benchmarks: a table, and build/bench.json (SCALE= sets the data size)
	@.venv/bin/python -m tests.bench

faults: setup-test ## real processes killed in the middle of their work, N times (10) on SQLite and MariaDB
	@for turn in $$(seq $${N:-10}); do .venv/bin/pytest -q tests/faults || exit 1; echo "turn $$turn of $${N:-10} passed"; done

lint: ## ruff, mypy, import rules, templates
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check -q .
	@.venv/bin/mypy -p app.domain -p app.db -p app.contracts
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/djlint --lint --quiet app/web/templates

fmt: ## format Python
	@.venv/bin/ruff check -q --fix . || true
	@.venv/bin/ruff format .

screenshots: setup-test ## every page and state drawn into build/screenshots, README's into docs/images
	@.venv/bin/python -m tests.browser.screenshots

clean: ## forget the demo's state and the build
	rm -rf var build
