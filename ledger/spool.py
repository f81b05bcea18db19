"""Rows on their way into another order: sorted runs in a file that has no name, put together piece by piece."""

from __future__ import annotations

import marshal
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.reduction import DupFd
from typing import IO, Any, Final, NamedTuple

BLOCK: Final = 128
"""Rows that are written together."""
BATCH_BLOCKS: Final = 32
"""Blocks of which a batch is made, about."""

Row = tuple[Any, ...]
"""What is put in order: by its first field, and among equals by the next; no two rows are equal in both."""


class _Block(NamedTuple):
    """Some rows of a run: the first one's name, and where they lie."""

    first: Any
    start: int
    size: int


class Spool:
    """Runs of rows, each sorted; they are read back in order, and those of one name come together.

    The file is gone when the process is: it never had a name. Given to another process while that is
    started, it is the same file there.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed with the spool
        self._runs: list[list[_Block]] = []

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    def __getstate__(self) -> tuple[Any, ...]:
        self._file.flush()
        return DupFd(self._file.fileno()), self._runs

    def __setstate__(self, told: tuple[Any, ...]) -> None:
        file, self._runs = told
        self._file = os.fdopen(file.detach(), "rb")

    def add(self, packed: Sequence[tuple[Any, bytes]]) -> None:
        """Take in a run that was packed, perhaps by another process."""
        start = self._file.seek(0, 2)
        run = []
        for first, block in packed:
            self._file.write(block)
            run.append(_Block(first, start, len(block)))
            start += len(block)
        self._runs.append(run)

    def batches(self) -> Iterator[list[Row]]:
        """All rows in order, some thousand at a time; those of one name are in one batch."""
        self._file.flush()
        firsts = sorted(block.first for run in self._runs for block in run)
        ends = list(dict.fromkeys(firsts[BATCH_BLOCKS::BATCH_BLOCKS]))
        readers = [_Reader(self._file, run) for run in self._runs]
        for end in [*ends, None]:
            rows = [row for reader in readers for row in reader.before(end)]
            if rows:
                rows.sort()
                yield rows


class _Reader:
    """One run, read from its beginning to its end."""

    def __init__(self, file: Any, run: list[_Block]) -> None:
        self._file = file
        self._run = run
        self._next = 0
        self._rows: list[Row] = []

    def before(self, end: Any) -> list[Row]:
        """The next rows, as far as their names come before another; all that are left before None."""
        while self._next < len(self._run) and (end is None or self._run[self._next].first < end):
            block = self._run[self._next]
            # Whoever else has the file open may read elsewhere in it.
            packed = os.pread(self._file.fileno(), block.size, block.start)
            self._rows += marshal.loads(packed)  # noqa: S302  we wrote it
            self._next += 1
        cut = len(self._rows) if end is None else bisect_left(self._rows, (end,))
        found, self._rows = self._rows[:cut], self._rows[cut:]
        return found


def packed_run(rows: Iterable[Row]) -> list[tuple[Any, bytes]]:
    """Rows as a run: sorted, and packed in blocks."""
    plain = sorted(map(tuple, rows))  # marshal takes nothing that only looks like one
    return [
        (plain[at][0], marshal.dumps(plain[at : at + BLOCK])) for at in range(0, len(plain), BLOCK)
    ]
