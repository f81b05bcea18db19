"""The log as lines: shared among processes or not, the same bytes and the same tree."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from typing import Any

import pytest

from ledger.store import Log, lining
from ledger.store.lining import write_lines
from ledger.store.placing import Encoded
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
    path, done = folder / "lines", list[int]()
    path.touch()
    tree, written = write_lines(
        log._database,
        Address(url, "main"),
        path,
        size,
        processes=processes,
        said=done.append,
        share=TILE_WIDTH,
        shared_from=0,
    )
    lines = path.read_bytes()
    assert (tree.size, written) == (size, len(lines))
    assert not size or done[-1] == size
    path.unlink()
    return lines, tree.size, tree.root


def test_the_lines_are_those_of_the_log_and_make_its_tree(long_url: str, tmp_path: Path) -> None:
    with opened(long_url) as log:
        whole = b"".join(line + b"\n" for line in log.raw_lines())
        assert (whole, ENTRIES, log.tree().root) == lined(log, long_url, tmp_path)
        for size in (0, 1, TILE_WIDTH, ENTRIES - 1):
            lines = b"".join(whole.splitlines(keepends=True)[:size])
            assert (lines, size, log.root_at(size)) == lined(log, long_url, tmp_path, size=size)


def test_processes_that_share_it_write_the_same(long_url: str, tmp_path: Path) -> None:
    with opened(long_url) as log:
        assert lined(log, long_url, tmp_path) == lined(log, long_url, tmp_path, processes=3)


def test_what_is_no_json_stands_in_its_line_in_base64(long_url: str, tmp_path: Path) -> None:
    foreign = [b"{", b'{"a":1}\n', b'{"a":1},"x":{"b":"\xff"}']
    with opened(long_url) as log:
        encoded = [
            Encoded("order/2", n, "odd.v1", state, None) for n, state in enumerate(foreign, 1)
        ]
        log.append_encoded([encoded])
        size = ENTRIES + len(foreign)
        whole = b"".join(line + b"\n" for line in log.raw_lines())
        assert whole.count(b'{"base64":') == len(foreign)
        assert (whole, size, log.tree().root) == lined(log, long_url, tmp_path, size=size)


@pytest.mark.parametrize("undone", ["_make_apart", "_write_apart"])
def test_what_another_process_leaves_undone_is_done_here(
    undone: str, long_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        """A process that is ended before it makes a share, or before it writes one."""

        def __init__(self, _processes: int, begin: Any, *told: Any) -> None:
            begin(*told)

        def submit(self, work: Any, *told: Any) -> Future[Any]:
            done: Future[Any] = Future()
            if work.__name__ == undone:
                done.set_exception(BrokenExecutor())
            else:
                done.set_result(work(*told))
            return done

        def shutdown(self, *, cancel_futures: bool) -> None:
            assert cancel_futures
            while lining._opened:
                lining._opened.pop().close()

    with opened(long_url) as log:
        expected = lined(log, long_url, tmp_path)
        monkeypatch.setattr(lining, "pool", Gone)
        assert expected == lined(log, long_url, tmp_path, processes=2)
