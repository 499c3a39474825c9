"""The commands that people start with: the demo, its reloading twin, and every process with settings that do not fit."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
import requests

from tests.bot.running import eventually
from tests.servers.process import REPOSITORY, Process, free_port, python

pytestmark = pytest.mark.processes

BIN = Path(sys.executable).parent
COPIED = ("app", "bot", "tasks", "migrations", "scripts", "sandbox", "build.mjs", "package.json", ".flaskenv")


def test_the_demo_says_where_it_is_with_whom_to_sign_in_and_ends_whole(tmp_path: Path) -> None:
    command = python("-m", "scripts.demo", "--scenario", "small", "--state", str(tmp_path), "--port", str(free_port()))
    demo = Process(command)
    ready = demo.wait_for_line("ready ", 120)
    address = ready.split()[1]
    assert all(name in demo.output for name in ("Alice", "Bob", "Vera"))
    assert requests.get(address, timeout=5).status_code == 200
    stand_in = re.search(r"http://\S+(?=/sandbox/)", demo.output)
    assert stand_in is not None and requests.get(f"{stand_in[0]}/sandbox/", timeout=5).ok

    assert demo.stop() == 0

    for gone in (address, stand_in[0]):
        with pytest.raises(requests.ConnectionError):
            requests.get(gone, timeout=2)


def test_a_first_start_of_the_demo_that_was_interrupted_is_taken_up_by_the_next(tmp_path: Path) -> None:
    command = python("-m", "scripts.demo", "--scenario", "small", "--state", str(tmp_path), "--port", str(free_port()))
    first = Process(command)
    first.wait_for_line("ready ", 120)
    assert first.stop() == 0
    (tmp_path / "seeded").unlink()  # as if it had ended while the last of the past was written

    second = Process(command)

    assert second.wait_for_line("ready ", 120), second.output
    assert second.stop() == 0


def test_while_developing_python_templates_and_assets_are_there_with_the_next_page(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in COPIED:
        source, copy = REPOSITORY / name, checkout / name
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", "dist", "dist.next"))
        else:
            shutil.copy(source, copy)
    (checkout / "node_modules").symlink_to(REPOSITORY / "node_modules")
    command = python("-m", "scripts.dev", "--scenario", "small", "--state", str(tmp_path), "--port", str(free_port()))
    panel = Process(command, folder=checkout)
    address = panel.wait_for_line("ready ", 120).split()[1]

    def home() -> str:
        try:
            return requests.get(address, timeout=5).text
        except requests.ConnectionError:
            return ""  # the moment between two panels

    try:
        template = checkout / "app/web/templates/home/page.html"
        template.write_text(template.read_text().replace("{% block content %}", "{% block content %}new words", 1))
        eventually(lambda: "new words" in home(), 20, pause=0.6)

        styles = re.compile(r"/app-\w+\.css")
        before = styles.search(home())
        assert before is not None, "the demo was built"
        (checkout / "app/web/assets/css/base.css").open("a").write(":root { --new: 1 }\n")
        eventually(lambda: bool(found := styles.search(home())) and found[0] != before[0], 60, pause=0.6)

        view = checkout / "app/web/home/views.py"
        whole = view.read_text()
        view.write_text(whole + "\nthis is no Python\n")
        view.write_text(whole.replace("return render_template(", 'return "new code" + render_template(', 1))
        eventually(lambda: "new code" in home(), 60, pause=0.6)
    finally:
        assert panel.stop() == 0, panel.output


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (python("-m", "flask", "up"), ("DISCORD_TOKEN", "SECRET_KEYS", "BOT_API_SECRETS", "ENCRYPTION_KEYS")),
        (python("-m", "bot"), ("DISCORD_TOKEN", "ENCRYPTION_KEYS", "BOT_API_SECRETS")),
        (python("-m", "bot.live"), ("REDIS_URL", "BOT_API_SECRETS")),
        ([str(BIN / "celery"), "-A", "celery_worker", "worker"], ("REDIS_URL", "ENCRYPTION_KEYS", "BOT_API_SECRETS")),
        ([str(BIN / "celery"), "-A", "celery_worker", "beat"], ("REDIS_URL",)),
        ([str(BIN / "granian"), "--interface", "wsgi", "wsgi:app"], ("SECRET_KEYS", "DISCORD_CLIENT_ID")),
        (python("-m", "flask", "db", "upgrade"), ()),
    ],
    ids=["up", "bot", "live", "worker", "beat", "web", "command"],
)
def test_settings_that_do_not_fit_end_a_process_with_all_that_is_wrong(
    command: list[str], names: tuple[str, ...], tmp_path: Path
) -> None:
    environment = {"PUBLIC_URL": "http://panel.example.org", "PORT": "none", "DATA_DIR": str(tmp_path)}
    process = Process([*command], environment=environment | {"FLASK_APP": "app.cli:create_cli_app"})

    assert process.child.wait(60) != 0
    eventually(lambda: all(name in process.output for name in ("PUBLIC_URL", "PORT", *names)))
    assert "Traceback" not in process.output
    assert process.stop() != 0
