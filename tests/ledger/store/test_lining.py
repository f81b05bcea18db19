"""The log as lines: shared among processes or not, the same bytes and the same tree."""

from __future__ import annotations

import io
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from typing import Any

import pytest

from ledger.store import Log, lining
from ledger.store.lining import write_lines
from ledger.store.sweeping import Address
from ledger.store.tree import TILE_WIDTH
from tests.ledger.store.invented import opened, returns

ENTRIES = 4 * TILE_WIDTH + 44


@pytest.fixture
def long_url(store_url: str) -> str:
    """A store in which four tiles are full."""
    with opened(store_url) as log:
        log.append(returns("order/1", range(1, ENTRIES + 1)))
    return store_url


def lined(
    log: Log, url: str, folder: Path, *, processes: int = 1, size: int = ENTRIES
) -> tuple[bytes, int, bytes]:
    file, done = io.BytesIO(), list[int]()
    tree, written = write_lines(
        log._database,
        Address(url, "main"),
        file,
        size,
        folder=folder,
        processes=processes,
        said=done.append,
        share=TILE_WIDTH,
        shared_from=0,
    )
    assert (tree.size, written) == (size, len(file.getvalue()))
    assert not size or done[-1] == size
    assert [] == list(folder.iterdir())
    return file.getvalue(), tree.size, tree.root


def test_the_lines_are_those_of_the_log_and_make_its_tree(long_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    with opened(long_url) as log:
        whole = b"".join(line + b"\n" for line in log.raw_lines())
        assert (whole, ENTRIES, log.tree().root) == lined(log, long_url, folder)
        for size in (0, 1, TILE_WIDTH, ENTRIES - 1):
            lines = b"".join(whole.splitlines(keepends=True)[:size])
            assert (lines, size, log.root_at(size)) == lined(log, long_url, folder, size=size)


def test_processes_that_share_it_write_the_same(long_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    with opened(long_url) as log:
        assert lined(log, long_url, folder) == lined(log, long_url, folder, processes=3)


def test_what_another_process_leaves_undone_is_done_here(
    long_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        def __init__(self, *_told: Any) -> None:
            self.shut = False

        def submit(self, *_told: Any) -> Future[Any]:
            made: Future[Any] = Future()
            made.set_exception(BrokenExecutor())
            return made

        def shutdown(self, *, cancel_futures: bool) -> None:
            self.shut = cancel_futures

    folder = tmp_path / "parts"
    folder.mkdir()
    with opened(long_url) as log:
        expected = lined(log, long_url, folder)
        monkeypatch.setattr(lining, "pool", Gone)
        assert expected == lined(log, long_url, folder, processes=2)
