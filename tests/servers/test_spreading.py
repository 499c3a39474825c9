"""Workers share out files, not tests: what a test leaves is there for the next one of its file."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from pathlib import Path

from tests.servers.process import REPOSITORY, python

NOTES_ITS_WORKER = """
import os, pathlib, pytest

@pytest.fixture(scope="session", params=["sqlite", "mariadb"])
def backend(request):
    return request.param

@pytest.mark.parametrize("number", range(4))
def test_something(backend, number):
    with open(pathlib.Path(__file__).parent / "notes", "a") as notes:
        notes.write(f"{pathlib.Path(__file__).name} {backend} {os.environ['PYTEST_XDIST_WORKER']}\\n")
"""


def test_a_file_runs_on_one_worker_for_each_database(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"test_{name}.py").write_text(NOTES_ITS_WORKER)

    options = ["-q", "-n", "2", "-p", "tests.spreading", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."]
    run = subprocess.run(
        [*python("-m", "pytest"), *options, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, timeout=120
    )

    assert "24 passed" in run.stdout, run.stdout + run.stderr
    workers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in (tmp_path / "notes").read_text().splitlines():
        file, backend, worker = line.split()
        workers[file, backend].add(worker)
    assert len(workers) == 6
    assert all(len(one) == 1 for one in workers.values()), workers
    assert len(set.union(*workers.values())) == 2
