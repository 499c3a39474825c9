"""Every door is known: routes with their guards, tasks with their queues, settings with their documents, features with their homes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.app.base import Celery
from flask import Blueprint, Flask
from werkzeug.routing import Rule

from app import create_app
from app.bootstrap import create_core_app
from app.config import Process, Settings, SettingsError
from app.contracts.jobs import QUEUE_OF, Job, Queue
from app.domain.access import LOWEST_ROLE, Permission, Role
from app.extensions import celery
from app.web.guards import RULES, AccessKind, GuardedBlueprint, RouteClass, UnguardedRoute, refuse_unguarded
from tasks import load_tasks
from tests.architecture.source import PRODUCT, REPOSITORY, called_name, calls, name_of, python_files, receiver, tree_of
from tests.environment import ENCRYPTION_KEY, SIGNING_KEY, settings

WITHOUT_PERMISSION = {
    "accounts.login": "the way in",
    "accounts.logout": "whoever is signed in may leave",
    "health.healthz": "says only that the process lives",
    "health.readyz": "names parts that are away, nothing else",
    "data_map.page": "says what the tables say, nothing of anybody",
    "home.page": "the public page",
    "images.show": "opens only what was signed for this viewer",
    "internal.bot_membership": "the bot, by its signature",
    "invitations.accept": "whoever holds the link, which is the right",
    "invitations.show": "whoever holds the link",
    "live.ws_ticket": "the community is in the body; the view admits by USE_LIVE before anything else",
    "me.ask": "what a community keeps about oneself; the verb looks for it",
    "me.ask_copy": "what a community keeps about oneself; the verb looks for it",
    "me.ask_erasure": "what a community keeps about oneself; the verb looks for it",
    "me.copy": "what a community keeps about oneself; the verb looks for it",
    "me.page": "what communities keep about oneself",
    "me.receipt": "what a community keeps about oneself; the query looks for it",
    "me.withdraw": "what a community keeps about oneself; the verb looks for it",
    "oauth.begin": "starts the sign-in",
    "oauth.callback": "ends the sign-in; state and PKCE are its guards",
    "tenants.install": "the tenant does not exist yet; Discord says who may",
    "tenants.servers": "a person's own list",
}
"""Routes that carry no permission, each with the reason why that is right."""

WRITES_NEED: dict[Permission, Role] = {
    Permission.ANSWER_PRIVACY_REQUESTS: Role.ADMIN,
    Permission.BAN_MEMBERS: Role.MODERATOR,
    Permission.EXPORT_SEARCHES: Role.MODERATOR,
    Permission.KICK_MEMBERS: Role.MODERATOR,
    Permission.MANAGE_ARCHIVE: Role.ADMIN,
    Permission.MANAGE_PRIVACY: Role.OWNER,
    Permission.MANAGE_STAFF: Role.ADMIN,
    Permission.QUARANTINE_FILES: Role.ADMIN,
    Permission.SET_UP: Role.OWNER,
    Permission.TIMEOUT_MEMBERS: Role.MODERATOR,
}
"""The ladder of design section 6, written down a second time."""

WRITES_OF_ONES_OWN = {
    "notifications.readings": "what one has read oneself",
    "searches.save": "what one looks for oneself; sharing it needs a right of its own, asked for inside",
    "searches.change": "one's own search",
    "searches.delete": "one's own search; an admin's right over shared ones is asked for inside",
    "searches.pin": "what stands beside one's own search box",
    "searches.alert": "what one is told oneself; posting it needs a right of its own, asked for inside",
}
"""Routes that change what is the reader's own, and so need no right but to be here."""


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("routes")
    return create_app(settings(f"sqlite:///{folder / 'none.sqlite3'}", folder))


def _rules(website: Flask) -> Iterator[Rule]:
    return iter(sorted(website.url_map.iter_rules(), key=lambda rule: rule.rule))


def test_every_route_has_a_class_and_a_permission_or_a_reason(website: Flask) -> None:
    for rule in _rules(website):
        blueprint = website.blueprints.get(rule.endpoint.rpartition(".")[0])
        assert isinstance(blueprint, GuardedBlueprint) and blueprint.guard in RULES, (
            f"{rule.rule}: its blueprint has no class (app/web/guards.py)"
        )
        access = getattr(website.view_functions[rule.endpoint], "__access__", None)
        assert access is not None, f"{rule.rule}: mark its view with @needs(Permission.X)"
        if access.permission is None:
            assert rule.endpoint in WITHOUT_PERMISSION, (
                f"{rule.rule}: @needs(Permission.X), or list {rule.endpoint!r} in WITHOUT_PERMISSION with the reason"
            )


def test_every_reason_still_belongs_to_a_route_without_permission(website: Flask) -> None:
    marked = {
        rule.endpoint for rule in _rules(website) if website.view_functions[rule.endpoint].__access__.permission is None
    }
    assert set(WITHOUT_PERMISSION) <= marked, f"take {set(WITHOUT_PERMISSION) - marked} off the list"


def test_every_address_below_a_community_names_the_guild_and_needs_a_permission(website: Flask) -> None:
    for rule in _rules(website):
        if rule.rule.startswith(("/servers/", "/__bot-proxy/", "/api/live/")):
            assert "guild_id" in rule.arguments, f"{rule.rule}: name the community as <snowflake:guild_id>"
            assert "<snowflake:guild_id>" in rule.rule, f"{rule.rule}: read the guild's id with the snowflake converter"
            if rule.endpoint not in WITHOUT_PERMISSION:
                access = website.view_functions[rule.endpoint].__access__
                assert access.permission in LOWEST_ROLE, f"{rule.rule}: mark its view with @needs(Permission.X)"


def test_what_changes_something_is_a_post_and_needs_more_than_a_look(website: Flask) -> None:
    for rule in _rules(website):
        methods = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        if rule.rule.startswith("/__bot-proxy/"):
            continue
        assert methods <= {"POST"}, f"{rule.rule}: forms know GET and POST; make the change a sub-resource"
        assert not (methods and {"GET"} & (rule.methods or set())), f"{rule.rule}: one view reads, another changes"
        permission = website.view_functions[rule.endpoint].__access__.permission
        if methods and permission is not None and rule.endpoint not in WRITES_OF_ONES_OWN:
            assert permission in WRITES_NEED, (
                f"{rule.rule}: {permission} lets people look; a change needs a right of its own"
            )


def test_signed_and_cookie_doors_never_mix(website: Flask) -> None:
    for rule in _rules(website):
        blueprint = website.blueprints[rule.endpoint.rpartition(".")[0]]
        access = website.view_functions[rule.endpoint].__access__
        assert isinstance(blueprint, GuardedBlueprint)
        assert (blueprint.guard is RouteClass.SIGNED) == (access.kind is AccessKind.SIGNATURE), rule.rule
        is_write = bool((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"})
        if is_write and access.kind in (AccessKind.PERMISSION, AccessKind.SIGNED_IN):
            assert RULES[blueprint.guard].checks_origin, (
                f"{rule.rule}: a write with a cookie needs the origin check (T13)"
            )


def test_an_app_with_an_unguarded_route_does_not_start() -> None:
    app = Flask("unguarded", static_folder=None)
    open_door = Blueprint("open_door", __name__)
    open_door.add_url_rule("/open", view_func=lambda: "in", endpoint="view")
    app.register_blueprint(open_door)

    with pytest.raises(UnguardedRoute, match="/open"):
        refuse_unguarded(app)


def test_every_permission_has_its_lowest_role() -> None:
    assert set(LOWEST_ROLE) == set(Permission), "every Permission stands in LOWEST_ROLE"
    for permission, role in WRITES_NEED.items():
        assert LOWEST_ROLE[permission] >= role, f"{permission} is open to {LOWEST_ROLE[permission].slug}"
    used = {
        ast.unparse(node)
        for path in python_files(*PRODUCT)
        if path.name != "access.py"
        for node in ast.walk(tree_of(path))
        if _is_name(node)
    }
    for permission in Permission:
        assert f"Permission.{permission.name}" in used, f"{permission} opens nothing: take it away"


def _is_name(node: ast.AST) -> bool:
    """True for `Permission.X` outside the table that lists them all."""
    return isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Permission"


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Celery:
    folder = tmp_path_factory.mktemp("worker")
    app = create_core_app(settings(f"sqlite:///{folder / 'none.sqlite3'}", folder))
    load_tasks(celery, app)
    return celery


def test_every_job_is_a_registered_task_with_a_watched_queue(worker: Celery) -> None:
    registered = {name for name in worker.tasks if not name.startswith(("celery.", "tests."))}
    assert registered == {job.value for job in Job}, "name each task in app/contracts/jobs.py, and no other"
    assert set(QUEUE_OF) == set(Job), "each job has its queue in QUEUE_OF"
    for job in Job:
        folder, _dot, _name = job.value.rpartition(".")
        assert worker.tasks[job.value].run.__module__ == folder, f"{job.value} must live in {folder}"


@pytest.mark.parametrize("place", ["docker/entrypoint.sh", "README.md"])
def test_every_queue_is_watched_by_the_worker_that_we_tell_people_to_start(place: str) -> None:
    line = next(
        line for line in (REPOSITORY / place).read_text().splitlines() if "celery -A celery_worker worker" in line
    )
    watched = re.search(r"(?:-Q|--queues)[ =]([\w,]+)", line)
    assert watched and set(watched[1].split(",")) == {queue.value for queue in Queue}, f"{place}: {line.strip()}"


def test_the_beat_table_names_registered_tasks_only(worker: Celery) -> None:
    table = worker.conf.beat_schedule
    assert table
    for name, entry in table.items():
        assert entry["task"] in worker.tasks, f"beat entry {name}: there is no task {entry['task']}"
        assert entry["options"]["queue"] == QUEUE_OF[Job(entry["task"])].value


def test_tasks_take_ids_and_keyword_arguments_only(worker: Celery) -> None:
    for job in Job:
        code = worker.tasks[job.value].run.__code__
        assert code.co_argcount == 0, f"{job.value}: keyword arguments only (def task(*, tenant_id: int))"


def test_every_setting_is_documented() -> None:
    design = (REPOSITORY / "docs/design.md").read_text()
    commands = design[design.index("## 12. Commands") : design.index("## 13.")]
    readme = (REPOSITORY / "README.md").read_text()
    names = _settings()
    assert len(names) > 20
    for name in names:
        assert f"`{name}`" in commands, f"{name} is missing from docs/design.md section 12"
        assert f"`{name}`" in readme, f"{name} is missing from README's table of settings"


def test_no_document_promises_a_setting_that_does_not_exist() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    table = readme[readme.index("| Variable |") : readme.index("## Where things are")]
    promised = set(re.findall(r"`([A-Z][A-Z_]{3,})`", table))
    assert promised <= set(_settings()), f"README names {promised - set(_settings())}"


def _settings() -> list[str]:
    """Every variable that app/config.py reads: the first words of its readers' calls."""
    readers = {"text", "url", "number", "decimal", "choice", "words", "ids", "secrets", "keys"}
    names = {"DISCORD_CLIENT_ID", "DISCORD_CLIENT_SECRET"}
    for call in calls(REPOSITORY / "app/config.py"):
        if called_name(call) in readers and receiver(call) == "self" and call.args:
            word = call.args[0]
            if isinstance(word, ast.Constant) and isinstance(word.value, str):
                names.add(word.value)
    return sorted(names)


PROCESS_OF = {"migrate": Process.CLI} | {name: Process(name) for name in ("web", "worker", "beat", "bot", "live")}


@pytest.mark.parametrize("service", PROCESS_OF)
def test_compose_gives_each_process_what_it_needs_and_nothing_that_it_must_not_have(service: str) -> None:
    given = {name: _filled_in(name, str(value)) for name, value in _services()[service]["environment"].items()}
    try:
        Settings.from_env(given, PROCESS_OF[service])
    except SettingsError as error:
        pytest.fail(f"docker/compose.yml, {service}: {error}")


def test_the_image_starts_every_service_of_ours_and_holds_what_exists() -> None:
    known = set(re.findall(r"^  (\w+)\)", (REPOSITORY / "docker/entrypoint.sh").read_text(), re.MULTILINE))
    ours = {name: service["command"] for name, service in _services().items() if "build" in service}
    assert set(ours) == set(PROCESS_OF)
    assert all(command[0] in known for command in ours.values()), f"docker/entrypoint.sh knows {known}"
    allowed = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (REPOSITORY / "docker/Dockerfile").read_text(), re.MULTILINE)
    for source in (name for line in copied for name in line.split()):
        assert (REPOSITORY / source).exists(), f"docker/Dockerfile copies {source}, which does not exist"
        assert any(source == one or source.startswith(f"{one}/") for one in allowed), f".dockerignore hides {source}"


def _services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker/compose.yml").read_text())["services"]
    return services


def test_every_variable_that_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", (REPOSITORY / "docker/compose.yml").read_text()))
    example = set(re.findall(r"^([A-Z_]+)=", (REPOSITORY / "docker/env.example").read_text(), re.MULTILINE))
    assert asked and asked == example, f"docker/env.example: missing {asked - example}, needless {example - asked}"


def _filled_in(name: str, value: str) -> str:
    samples = {
        "PUBLIC_URL": "https://panel.example.org",
        "SECRET_KEYS": f"k1:{SIGNING_KEY}",
        "ENCRYPTION_KEYS_ACCOUNTS": f"accounts.k1:{ENCRYPTION_KEY}",
        "ENCRYPTION_KEYS_DISCORD": f"discord.k1:{ENCRYPTION_KEY}",
    }
    return re.sub(r"\$\{([A-Z_]+)(?::[?-][^}]*)?\}", lambda found: samples.get(found[1], "x" * 40), value)


FEATURES = re.compile(r"^\| Feature \|.*?(?=^\s*$)", re.MULTILINE | re.DOTALL)


def test_the_readmes_table_of_features_tells_where_things_are() -> None:
    table = FEATURES.search((REPOSITORY / "README.md").read_text())
    assert table, "README has a table whose first column is Feature"
    paths = re.findall(r"`([\w./-]+)`", table.group())
    missing = [path for path in paths if not (REPOSITORY / path).exists()]
    assert not missing, f"README's table of features names what does not exist: {missing}"
    nouns = {path.name for path in (REPOSITORY / "app/domain").iterdir() if (path / "models.py").is_file()}
    named = {Path(path).name for path in paths if path.startswith("app/domain/")}
    assert nouns <= named, f"README's table of features lacks {nouns - named}"


def test_pages_bot_and_tasks_are_named_for_a_noun_of_the_domain() -> None:
    nouns = {path.stem for path in (REPOSITORY / "app/domain").iterdir()}
    beside = {"home", "internal", "discord_markup", "bot_proxy", "image_proxy", "assets", "templates", "static"}
    for folder in sorted((REPOSITORY / "app/web").iterdir()):
        if (folder / "views.py").is_file() or (folder / "views").is_dir():
            assert folder.name in nouns | beside, f"{name_of(folder)}: the noun of a feature is the same in every tree"
    for file in sorted((REPOSITORY / "tasks").glob("*.py")):
        assert file.stem in nouns | {"__init__", "base", "schedule"}, f"{name_of(file)}: name it for its noun"
