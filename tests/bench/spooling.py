"""Rows put by day by day on disk, and reports written of them in order: no more than a day is held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

LINES_MAX: Final = 200_000
"""So many lines are held before they are written away."""


class Spool:
    """Lines of many reports, each under its report's file and its day."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: defaultdict[tuple[str, str], list[bytes]] = defaultdict(list)
        self._held = 0

    def put(self, file: str, day: str, line: bytes) -> None:
        """Keep one line for a file."""
        self._lines[file, day].append(line)
        self._held += 1
        if self._held >= LINES_MAX:
            self.write()

    def write(self) -> None:
        """Write away what is held."""
        for (file, day), lines in self._lines.items():
            place = self._folder / file
            place.mkdir(parents=True, exist_ok=True)
            with (place / day).open("ab") as written:
                written.writelines(lines)
        self._lines.clear()
        self._held = 0


def files(spools: Iterable[Path]) -> list[str]:
    """The files for which any spool has lines."""
    return sorted({place.name for spool in spools for place in spool.iterdir() if place.is_dir()})


def in_order(
    spools: Iterable[Path], file: str, delimiter: str, column: int, *, newest_first: bool
) -> Iterator[bytes]:
    """All lines of one file, day by day and within a day by the moment in this column."""
    between = delimiter.encode()

    def moment(line: bytes) -> tuple[bytes, bytes]:
        return line.split(between, column + 1)[column], line

    places = [spool / file for spool in spools]
    days = sorted({one.name for place in places if place.exists() for one in place.iterdir()})
    for day in reversed(days) if newest_first else days:
        lines: list[bytes] = []
        for place in places:
            if (place / day).exists():
                lines += (place / day).read_bytes().splitlines(keepends=True)
        yield from sorted(lines, key=moment, reverse=newest_first)
