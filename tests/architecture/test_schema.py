"""The migrations build what the models say, on both databases."""

from __future__ import annotations

import ast

import pytest
from flask import Flask
from flask_migrate import check

from tests.architecture.source import name_of, python_files, tree_of


def test_the_migrations_match_the_models(app: Flask) -> None:
    try:
        check()
    except SystemExit:
        pytest.fail("the tables differ from the models: run scripts/first_migration.sh and commit what it writes")


def test_migrations_import_no_code_of_the_product() -> None:
    files = python_files("migrations/versions")
    assert files
    for path in files:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom | ast.Import):
                module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                assert not (module or "").startswith(("app", "bot", "tasks")), (
                    f"{name_of(path)}: a migration outlives the code it came with"
                )
