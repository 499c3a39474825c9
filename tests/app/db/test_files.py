"""Where the archive lies on disk: nobody else on the machine reads it."""

from __future__ import annotations

from pathlib import Path

from flask_migrate import upgrade

from app import create_app
from app.extensions import db
from tests.environment import settings


def test_t38_the_database_and_its_journals_are_for_their_owner_alone(folder: Path) -> None:
    app = create_app(settings(f"sqlite:///{folder / 'state' / 'panel.sqlite3'}", folder / "state"))
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE something (id INTEGER)")
            connection.commit()
            found = {file.name: file.stat().st_mode & 0o777 for file in (folder / "state").iterdir() if file.is_file()}
        db.engine.dispose()

    assert {"panel.sqlite3", "panel.sqlite3-wal"} <= found.keys()
    assert all(mode & 0o077 == 0 for mode in found.values()), found
    assert (folder / "state").stat().st_mode & 0o077 == 0


def test_a_database_that_is_there_keeps_the_mode_that_its_owner_chose(folder: Path) -> None:
    file = folder / "panel.sqlite3"
    file.touch(mode=0o640)
    create_app(settings(f"sqlite:///{file}", folder))

    assert file.stat().st_mode & 0o777 == 0o640
