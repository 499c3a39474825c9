"""Who may do what, which file may hold what."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import app.domain
from tests.architecture.source import PRODUCT, REPOSITORY, calls, name_of, python_files, receiver, tree_of

MARKS = "@requires(Permission.X), @system_only or @signed_in (app/domain/access.py)"
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "data", "misc", "common"}


def _service_modules() -> list[ModuleType]:
    names = [module.name for module in pkgutil.walk_packages(app.domain.__path__, "app.domain.")]
    return [importlib.import_module(name) for name in names if re.search(r"\.service(\.|$)", name)]


def test_every_public_service_verb_names_who_may_use_it() -> None:
    modules = _service_modules()
    assert len(modules) > 5
    for module in modules:
        for name, verb in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("_") or inspect.unwrap(verb).__module__ != module.__name__:
                continue
            assert hasattr(verb, "__permission__"), f"{module.__name__}.{name} is for everybody: mark it {MARKS}"


def test_queries_never_write() -> None:
    for path in python_files("app/domain"):
        if path.name != "queries.py" and path.parent.name != "queries":
            continue
        for call in calls(path):
            written = ast.unparse(call.func)
            assert not re.search(
                r"session\.(add|add_all|delete|merge)$|^(transaction|bulk_upsert|insert|update|delete)$", written
            ), f"{name_of(path)}:{call.lineno} writes ({written}): that is a verb of service.py"


@pytest.mark.parametrize("path", python_files(*PRODUCT), ids=name_of)
def test_the_environment_is_read_in_config_alone(path: Path) -> None:
    if name_of(path) == "app/config.py":
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in ("os.environ", "os.getenv"), (
                f"{name_of(path)}:{node.lineno} reads the environment: add the setting to app/config.py"
            )


@pytest.mark.parametrize("path", python_files("app", "bot", "tasks", "sandbox"), ids=name_of)
def test_names_say_what_is_inside(path: Path) -> None:
    words = {path.stem, *(part for part in path.relative_to(REPOSITORY).parts[:-1])}
    assert not words & BANNED_NAMES, f"{name_of(path)}: name it for what it holds, not {words & BANNED_NAMES}"


@pytest.mark.parametrize("path", [p for p in python_files("app/web", "tasks", "bot")], ids=name_of)
def test_doors_open_no_transaction(path: Path) -> None:
    for call in calls(path):
        assert ast.unparse(call.func) != "transaction", (
            f"{name_of(path)}:{call.lineno}: a door makes one domain call; the verb commits"
        )
        assert not re.search(r"session\.(add|delete|merge|execute|scalars?)$", ast.unparse(call.func)), (
            f"{name_of(path)}:{call.lineno} asks the database itself: write a query or a verb in app/domain"
        )


@pytest.mark.parametrize("path", python_files("app/domain", "app/clients", "app/db", "app/contracts"), ids=name_of)
def test_blind_excepts_stay_at_the_doors(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            is_blind = caught in ("everything", "BaseException", "Exception")
            assert not is_blind or _reraises(node) or name_of(path) in MAY_BE_BLIND, (
                f"{name_of(path)}:{node.lineno} swallows {caught}"
            )


MAY_BE_BLIND = {
    "app/db/transaction.py": "the callbacks after a commit: each runs, then the first error is raised",
    "app/domain/searches/watching.py": "the batch is committed: a fault in alerts must not have its news told again",
}


def _reraises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


@pytest.mark.parametrize(
    "path", [p for p in python_files("app/domain", "app/web") if p.name in ("service.py", "views.py")], ids=name_of
)
def test_services_and_views_stay_one_room(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= 300, f"{name_of(path)} has {lines} lines: make it a folder of the same name, one file per URL word"


def test_import_rules_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:]


def test_features_form_no_cycle() -> None:
    edges: dict[str, set[str]] = {}
    for path in python_files("app/domain"):
        noun = path.relative_to(REPOSITORY / "app/domain").parts[0]
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app.domain."):
                other = (node.module or "").split(".")[2]
                if (
                    (REPOSITORY / "app/domain" / other).is_dir()
                    and other != noun
                    and (REPOSITORY / "app/domain" / noun).is_dir()
                ):
                    edges.setdefault(noun, set()).add(other)
    cycle = _cycle(edges)
    assert not cycle, (
        f"features form a cycle: {' → '.join(cycle)}; cure: move the shared rule down, or pass the value in"
    )


def _cycle(edges: dict[str, set[str]]) -> list[str]:
    def walk(noun: str, path: list[str]) -> list[str]:
        if noun in path:
            return path[path.index(noun) :] + [noun]
        for other in sorted(edges.get(noun, ())):
            found = walk(other, [*path, noun])
            if found:
                return found
        return []

    return next((found for noun in sorted(edges) if (found := walk(noun, []))), [])


def test_only_the_domain_and_bootstrap_reach_outsiders() -> None:
    allowed = ("app/domain/", "app/clients/", "app/bootstrap.py", "app/__init__.py", "app/cli/", "bot/")
    for path in python_files("app", "tasks"):
        if name_of(path).startswith(allowed):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app.clients"):
                pytest.fail(f"{name_of(path)}:{node.lineno} imports {node.module}: call a domain verb")


@pytest.mark.parametrize("path", python_files("app/domain"), ids=name_of)
def test_nobody_asks_the_wall_clock_past_clock_py(path: Path) -> None:
    if path.name == "clock.py":
        return
    for call in calls(path):
        written = f"{receiver(call)}.{ast.unparse(call.func).rsplit('.', 1)[-1]}"
        assert written not in ("datetime.now", "datetime.utcnow", "time.time"), (
            f"{name_of(path)}:{call.lineno}: use app.domain.clock.utcnow()"
        )
