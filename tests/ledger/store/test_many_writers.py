"""Eight processes append to one account and to their own at once: nothing is lost, no position is missing."""

from __future__ import annotations

import subprocess

import pytest

from tests import forking
from tests.ledger.store import writers
from tests.ledger.store.invented import opened

pytestmark = pytest.mark.postgres

PROCESSES = 8
APPENDS = 20
ENTRIES = 7


def test_many_processes_write_to_one_account_and_to_several(server_url: str) -> None:
    """Of each process's four writers two write to the account of all, two to that of the process."""
    started = [
        subprocess.Popen(
            [
                *(*forking.python(), "-m", writers.__name__, server_url, f"process-{number}"),
                *(f"all,own-{number}", str(APPENDS), str(ENTRIES)),
            ]
        )
        for number in range(PROCESSES)
    ]
    assert [0] * PROCESSES == [process.wait() for process in started]

    of_a_writer = APPENDS * ENTRIES
    expected = {f"own-{number}": 2 * of_a_writer for number in range(PROCESSES)}
    for account, entries in {**expected, "all": PROCESSES * 2 * of_a_writer}.items():
        with opened(server_url, account) as log:
            assert log.position() == entries
            problems = {check.name for check in log.verify() if not check.ok}
            assert problems <= {"entries"}, "the words of the invented entries say nothing"
            rows = log._recorder.select_notifications(start=None, limit=entries + 1)
            assert [row.id for row in rows] == list(range(1, entries + 1))
            ends = log.heads({str(row.originator_id) for row in rows})
            assert set(ends.values()) == {of_a_writer}
