"""Rows on their way into another order: sorted runs in a file that has no name, put together piece by piece."""

from __future__ import annotations

import marshal
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.context import BaseContext
from multiprocessing.reduction import DupFd
from typing import IO, Any, Final, NamedTuple

BLOCK: Final = 128
"""Rows that are written together."""
BATCH_BLOCKS: Final = 32
"""Blocks of which a batch is made, about."""

Row = tuple[Any, ...]
"""What is put in order: by its first field, and among equals by the next; no two rows are equal in both."""


class Block(NamedTuple):
    """Some rows of a run: the first one's name, and where they lie."""

    first: Any
    start: int
    size: int


class Spool:
    """Runs of rows, each sorted; they are read back in order, and those of one name come together.

    The file is gone when the process is: it never had a name. Given to another process while that is
    started, it is the same file there, and with a lock that they share others may write into it, too.
    """

    def __init__(self, context: BaseContext | None = None) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed with the spool
        self._runs: list[list[Block]] = []
        self._end: Any = None if context is None else context.Value("q", 0)
        """Where the next run is written, known to all processes."""
        self._own_end = 0

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    def __getstate__(self) -> tuple[Any, ...]:
        return DupFd(self._file.fileno()), self._runs, self._end

    def __setstate__(self, told: tuple[Any, ...]) -> None:
        file, self._runs, self._end = told
        self._own_end = 0
        self._file = os.fdopen(file.detach(), "rb")

    def add(self, packed: Sequence[tuple[Any, bytes]]) -> None:
        """Take in a run that was packed."""
        self.take(self.written(packed))

    def take(self, run: list[Block]) -> None:
        """Take in a run that was written, perhaps by another process."""
        self._runs.append(run)

    def written(self, packed: Sequence[tuple[Any, bytes]]) -> list[Block]:
        """Where the blocks of a run were written."""
        file, start = self._file.fileno(), self._reserved(sum(len(block) for _, block in packed))
        run = []
        for first, block in packed:
            run.append(Block(first, start, len(block)))
            left = memoryview(block)
            while left:  # a disk may take less than it is given
                done = os.pwrite(file, left, start)
                left, start = left[done:], start + done
        return run

    def _reserved(self, size: int) -> int:
        """Where so many bytes may be written that nobody else writes there."""
        if self._end is None:
            start, self._own_end = self._own_end, self._own_end + size
            return start
        with self._end.get_lock():
            start = self._end.value
            self._end.value = start + size
        return int(start)

    def batches(self) -> Iterator[list[Row]]:
        """All rows in order, some thousand at a time; those of one name are in one batch."""
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

    def __init__(self, file: Any, run: list[Block]) -> None:
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
