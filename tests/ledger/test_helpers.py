"""Processes that help have read the program already, and are started even where nothing can be forked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver

import pytest

from ledger.helpers import IMPORTING, helpers
from tests.registries import ROOT


def _has_read() -> bool:
    """Asked in another process, before anything is imported there for what is asked."""
    return IMPORTING in sys.modules


def _refused() -> None:
    raise OSError("AF_UNIX path too long")


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")
def test_a_helper_has_read_the_program_already() -> None:
    context = helpers(IMPORTING)
    with ProcessPoolExecutor(1, context) as pool:
        has_read = pool.submit(_has_read).result()

    assert context.get_start_method() == "forkserver"
    assert has_read


def test_where_nothing_is_forked_helpers_are_started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forkserver, "ensure_running", _refused)
    with ProcessPoolExecutor(1, helpers(IMPORTING)) as pool:
        assert pool.submit(abs, -1).result() == 1


WAITING = """
import time
from ledger.helpers import IMPORTING, helpers, pool

if __name__ == "__main__":
    contexts = (helpers(IMPORTING), None)
    pools = [pool(2, print, context=context) for context in contexts]
    print(sum(one.submit(abs, -1).result() for one in pools), flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it has no groups of processes")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_when_the_first_is_killed_every_helper_goes_too(how: signal.Signals) -> None:
    """Whether it was started anew, or forked by one that was; and that one as well."""
    first = subprocess.Popen(
        [sys.executable, "-c", WAITING], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    )
    assert first.stdout is not None
    with first:
        said = [first.stdout.readline() for _ in range(3)]
        os.killpg(first.pid, 0)
        first.send_signal(how)
        first.wait()
        for _ in range(600):
            try:
                os.killpg(first.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        else:
            os.killpg(first.pid, signal.SIGKILL)
            pytest.fail("somebody was still there after half a minute")

    assert b"2\n" in said
