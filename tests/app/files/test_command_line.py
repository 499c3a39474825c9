"""`flask files …`: the operator's part."""

from __future__ import annotations

import hashlib

from click.testing import Result
from flask import Flask

from app.cli.files import files
from app.domain.messages.kept import Kept
from tests.app.files.conftest import PNG, B, Drawer, file, keep, message_ago, post, row

SHA = hashlib.sha256(PNG).hexdigest()


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(files, list(words))


def test_the_operator_withdraws_a_file_everywhere_lists_it_and_releases_it(app: Flask, drawer: Drawer) -> None:
    post(message_ago(9), file(71, PNG, drawer))
    post(message_ago(5), file(73, PNG, drawer), tenant=B)
    keep()

    done = run(app, "quarantine", SHA.upper(), "--reason", "order 12/26", "--by", "Olga")

    assert (done.exit_code, done.output) == (0, "withdrawn: 2 attachments\n")
    assert {row(71).kept, row(73, B).kept} == {Kept.QUARANTINED}
    listed = run(app, "quarantined").output
    assert SHA in listed and "Olga" in listed and "order 12/26" in listed
    assert run(app, "release", SHA).output == "released\n"
    assert {row(71).kept, row(73, B).kept} == {Kept.KEPT}


def test_what_is_no_hash_or_has_no_reason_is_refused(app: Flask, drawer: Drawer) -> None:
    assert run(app, "quarantine", "abc", "--reason", "x").exit_code == 1
    assert "Say why" in run(app, "quarantine", SHA, "--reason", " ").output
    assert run(app, "release", SHA).exit_code == 1
    assert run(app, "quarantine", SHA).exit_code == 2
