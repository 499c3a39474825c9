"""`flask archive stats`."""

from __future__ import annotations

import pytest
from flask import Flask

from app.cli.archive import archive as command
from app.domain.access import SystemActor
from app.domain.errors import Forbidden
from app.domain.messages import service
from app.domain.messages.postings import KnownWords
from app.domain.messages.statistics import size_of_archive
from tests.app.messages.conftest import A, B, created, deleted, index, updated


@pytest.fixture
def talk(archive: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(service, "KNOWN_WORDS", KnownWords())
    index(
        created(1, "red sled"),
        created(2, "red"),
        updated(2, "green", edited=9, at=9),
        deleted(1, at=9),
        created(3, "sled", tenant=B),
    )
    return archive


def test_rows_are_counted_by_table_and_community(talk: Flask) -> None:
    found = size_of_archive(SystemActor("operator"))

    rows = {table.name: table.rows for table in found.tables}
    assert (rows["messages"], rows["message_revisions"], rows["attachments"]) == (3, 1, 0)
    assert [(one.tenant_id, one.messages) for one in found.tenants] == [(A, 2), (B, 1)]
    assert rows["message_terms"] == sum(one.terms for one in found.tenants)
    assert found.tenants[1].terms_a_message == 2  # its word and its channel
    assert [one.words for one in found.tenants] == [3, 1]
    assert rows["words"] == 4


def test_bytes_are_told_for_every_table(talk: Flask) -> None:
    found = size_of_archive(SystemActor("operator"))

    assert all(table.size is not None and table.size > 0 for table in found.tables)
    assert all(one.size is not None and one.size > 0 for one in found.tenants)


def test_the_operator_reads_them_in_a_table(talk: Flask) -> None:
    done = talk.test_cli_runner().invoke(command, ["stats"])

    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert next(line for line in lines if line.startswith("messages ")).split()[1] == "3"
    assert next(line for line in lines if line.startswith(f"{B} T{B}")).split()[2:5] == ["1", "2.0", "1"]


def test_no_person_may_ask(talk: Flask) -> None:
    with pytest.raises(Forbidden):
        size_of_archive("somebody")  # type: ignore[arg-type]
