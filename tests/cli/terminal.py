"""A terminal for the tests: what is typed, on which day, and what is written where."""

from __future__ import annotations

import contextlib
import csv
import io
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import msgspec

from cli.main import run
from cli.session import Session
from tests.registries import ROOT
from tests.story import Told, files_of

TODAY: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The moment at which everything is typed, where a test names no other."""
HEAVY: Final = frozenset(("sqlalchemy", "eventsourcing", "structlog", "rich", "psycopg"))
"""What takes long to import, so that help and TAB must do without it."""


class Said(msgspec.Struct, frozen=True):
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON object."""
        return msgspec.json.decode(self.out)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as JSON rows, one a line: what a pipe gets."""
        return [msgspec.json.decode(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        """The one row there is."""
        (only,) = self.rows
        return only

    @property
    def cells(self) -> list[dict[str, str]]:
        """Standard output as CSV."""
        return list(csv.DictReader(io.StringIO(self.out)))


class Screen(io.TextIOWrapper):
    """A stream that says of itself whether it is a terminal."""

    def __init__(self, *, terminal: bool, encoding: str) -> None:
        self.written = io.BytesIO()
        self._terminal = terminal
        super().__init__(self.written, encoding=encoding, write_through=True)

    def isatty(self) -> bool:
        return self._terminal

    @property
    def shown(self) -> str:
        """All that was written to it."""
        self.flush()
        return self.written.getvalue().decode(self.encoding)


def typed(
    *arguments: str | Path,
    clock: Callable[[], datetime] = lambda: TODAY,
    terminal: bool = False,
    encoding: str = "utf-8",
) -> Said:
    """Run a command line in this process."""
    out, err = (Screen(terminal=terminal, encoding=encoding) for _ in range(2))
    with patch("sys.stdout", out), patch("sys.stderr", err):
        code = run([str(argument) for argument in arguments], Session(clock=clock))
    return Said(code, out.shown, err.shown)


def started(
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    program: Iterable[str] = ("-m", "cli.main"),
) -> subprocess.Popen[bytes]:
    """Start the program in a process of its own."""
    import os

    return subprocess.Popen(
        [sys.executable, *program, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process: subprocess.Popen[bytes]) -> Said:
    """Wait for the end of a process."""
    out, err = process.communicate(timeout=60)
    return Said(process.returncode, out.decode(), err.decode())


def written(folder: Path, *told: Told, told_at: str | None = None) -> list[Path]:
    """Report files in a folder, as if they had been downloaded there."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in files_of(*told, told_at=told_at):
        path = folder / file.name
        path.write_bytes(file.data)
        paths.append(path)
    return paths


def imported(folder: Path, *told: Told, account: str = "seller") -> None:
    """What these reports tell is in the ledger of an account in the test's own home."""
    said = typed("import", *written(folder, *told), "--account", account, "--marketplace", "US")
    assert said.code == 0, said.err


@contextlib.contextmanager
def environment(**settings: str) -> Iterator[None]:
    """Settings of the user's for a while."""
    with patch.dict("os.environ", settings):
        yield
