"""A private MariaDB: own data directory (in memory where possible), own port, gone afterwards."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.servers.process import Process, accepts, free_port

USER, PASSWORD = "panel", "throw-away"


class MariaDB:
    """`url(name)` is a fresh database's SQLAlchemy address."""

    def __init__(self, *options: str) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="panel-mariadb-", dir=memory if memory.is_dir() else None))
        self.port = free_port()
        self.socket = self.folder / "server.sock"
        install = [
            _program("mariadb-install-db"),
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            f"--user={getpass.getuser()}",
        ]
        subprocess.run(install, check=True, capture_output=True)
        self.process = Process(
            [
                _program("mariadbd"),
                "--no-defaults",
                f"--datadir={self.folder / 'data'}",
                f"--socket={self.socket}",
                f"--port={self.port}",
                "--bind-address=127.0.0.1",
                f"--user={getpass.getuser()}",
                "--innodb-buffer-pool-size=256M",
                "--innodb-flush-log-at-trx-commit=2",
                "--innodb-log-file-size=256M",
                "--character-set-server=utf8mb4",
                "--collation-server=utf8mb4_unicode_520_ci",
                "--local-infile=1",
                "--performance-schema=OFF",
                *options,
            ]
        )
        self.process.wait_for(lambda: accepts(self.port))
        self.execute(f"CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO {USER}@'%'")

    def execute(self, statements: str) -> None:
        """Run SQL as the server's root over its socket."""
        command = [_program("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch"]
        subprocess.run(command, input=statements, text=True, check=True, capture_output=True)

    def url(self, name: str) -> str:
        """Make the database `name` anew and return its address."""
        self.execute(f"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}`")
        return f"mysql+pymysql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if found is None:
        raise FileNotFoundError(f"{name} is missing: apt-get install mariadb-server (make test does it)")
    return found
