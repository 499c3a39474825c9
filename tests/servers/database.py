"""A private MariaDB or MySQL: own data directory (in memory where possible), own port, gone afterwards."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pymysql
from pymysql.constants import CLIENT

from tests.servers.process import DidNotStart, Process, accepts, free_port
from tests.servers.reaper import watch_over_folder

USER, PASSWORD = "panel", "throw-away"
COMMON = (
    "--bind-address=127.0.0.1",
    "--innodb-buffer-pool-size=256M",
    "--innodb-flush-log-at-trx-commit=2",
    "--local-infile=1",
    "--performance-schema=OFF",
)


def private_database(*options: str) -> DatabaseServer:
    """The suite's server: MariaDB, or MySQL where the variable MYSQLD names its `mysqld` (or a script that ends in it)."""
    mysqld = os.environ.get("MYSQLD")
    return MySQL(mysqld, *options) if mysqld else MariaDB(*options)


class DatabaseServer:
    """`url(name)` is a fresh database's SQLAlchemy address."""

    name: str
    """What it is called where figures are written."""

    def __init__(self, *options: str) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix=f"panel-{self.name}-", dir=memory if memory.is_dir() else None))
        watch_over_folder(self.folder)
        self.port = free_port()
        self.socket = self.folder / "server.sock"
        self._where = [f"--datadir={self.folder / 'data'}", f"--user={getpass.getuser()}"]
        try:
            self._install()
            self.process = Process(
                [*self._server(), *self._where, f"--socket={self.socket}", f"--port={self.port}", *COMMON, *options]
            )
            self.process.wait_for(lambda: accepts(self.port), 60)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self.execute(f"CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO {USER}@'%'")

    def _install(self) -> None:
        """Make the data directory."""
        raise NotImplementedError

    def _server(self) -> list[str]:
        """The program and the options that only this kind knows."""
        raise NotImplementedError

    def execute(self, statements: str) -> None:
        """Run SQL as the server's root over its socket."""
        connection = pymysql.connect(
            unix_socket=str(self.socket), user="root", client_flag=CLIENT.MULTI_STATEMENTS, autocommit=True
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statements)
            while cursor.nextset():
                pass

    def url(self, name: str) -> str:
        """Make the database `name` anew and return its address."""
        self.execute(f"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}`")
        return f"mysql+pymysql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class MariaDB(DatabaseServer):
    """With the character set and collation that Debian's package configures: other than our tables', as on most machines."""

    name = "mariadb"

    def _install(self) -> None:
        program = _program("mariadb-install-db")
        # --force: a machine may not know its own name; without it that is an error here.
        ways = ("--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--force")
        _run([program, *ways, *self._where])

    def _server(self) -> list[str]:
        debian = ("--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci")
        return [_program("mariadbd"), "--no-defaults", *debian, "--innodb-log-file-size=256M"]


class MySQL(DatabaseServer):
    """With what it does by default: `caching_sha2_password`, TLS by a certificate of its own making."""

    name = "mysql"

    def __init__(self, mysqld: str, *options: str) -> None:
        self._mysqld = mysqld
        super().__init__(*options)

    def _install(self) -> None:
        _run([self._mysqld, "--no-defaults", "--initialize-insecure", *self._where])

    def _server(self) -> list[str]:
        only_mysql = ("--mysqlx=OFF", "--disable-log-bin", "--innodb-redo-log-capacity=512M", "--secure-file-priv=NULL")
        return [self._mysqld, "--no-defaults", *only_mysql]


def _run(command: list[str]) -> None:
    """Wait for its end. Raises `DidNotStart` with what it said."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise DidNotStart(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if found is None:
        raise FileNotFoundError(f"{name} is missing: apt-get install mariadb-server (make test does it)")
    return found
