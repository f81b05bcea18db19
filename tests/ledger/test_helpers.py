"""Processes that help have read the program already, and are started even where nothing can be forked."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver

import pytest

from ledger.helpers import IMPORTING, helpers


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
