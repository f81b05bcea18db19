"""Importers that are killed: forked from a process that has read its program already, so they start at once.

Run as a module it reads one Attempt a line and answers each with an Outcome.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final

import msgspec
import psycopg

from tests.durability.files import FILES, import_all, opened
from tests.story import ROOT

KILL: Final = "kill"
"""The importing process is killed: SIGKILL, which nobody can catch."""
DISCONNECT: Final = "disconnect"
"""The server ends the importer's connections, whatever they are doing."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """An import of every file, and how it is to be ended."""

    url: str
    account: str
    how: str = ""
    after: str = ""
    """The line after which the seconds count; from the start where none is named."""
    seconds: float = 0.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an importer said, and how it ended."""

    said: list[tuple[float, str]]
    status: int
    """As the process left it; below zero it is the signal that ended it."""
    struck: int | None
    """How many lines had been heard when its moment came; None where it was done before."""

    @property
    def acknowledged(self) -> list[str]:
        """The files of which the importer said that they are done."""
        lines = [line.split() for _at, line in self.said]
        return [words[1] for words in lines if words[0] == "acknowledged"]

    @property
    def doing(self) -> str:
        """What it was about when it was ended."""
        # What a killed one had said before, but was heard of later, counts.
        said = self.said if self.status < 0 else self.said[: self.struck]
        if len([line for _at, line in said if line.startswith("acknowledged")]) == len(FILES):
            return "closing the log"
        return _DOING[said[-1][1].split()[0] if said else ""]


_DOING: Final = {
    "": "opening the log",
    "opened": "reading a file",
    "acknowledged": "reading a file",
    "read": "comparing it with the log",
    "compared": "writing the transaction",
    "recorded": "acknowledging it",
}


@contextlib.contextmanager
def importers() -> Iterator[Callable[[Attempt], Outcome]]:
    """Somebody to import: each attempt is a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.durability.importer"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asking, answering = process.stdin, process.stdout

    def ask(attempt: Attempt) -> Outcome:
        asking.write(msgspec.json.encode(attempt) + b"\n")
        asking.flush()
        return msgspec.json.decode(answering.readline(), type=Outcome)

    with process:
        yield ask
        asking.close()


# --- the process that forks -------------------------------------------------------------------


def main() -> None:
    """Answer every attempt until there are no more."""
    for line in sys.stdin.buffer:
        outcome = _attempted(msgspec.json.decode(line, type=Attempt))
        sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
        sys.stdout.flush()


def _attempted(attempt: Attempt) -> Outcome:
    reading, writing = os.pipe()
    begun = perf_counter()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _import(attempt, writing)
    os.close(writing)
    with _striking(attempt, pid) as strike:
        said, struck = _listened(reading, attempt, begun, strike)
    os.close(reading)
    _pid, status = os.waitpid(pid, 0)
    return Outcome(said=said, status=os.waitstatus_to_exitcode(status), struck=struck)


def _import(attempt: Attempt, writing: int) -> None:
    """What the child does; a line is one write, so it is said whole or not at all."""
    status = 1
    try:
        log = opened(attempt.url, attempt.account)
        import_all(log, lambda line: void(os.write(writing, f"{line}\n".encode())))
        log.close()
        status = 0
    except BaseException:
        if attempt.how != DISCONNECT:
            traceback.print_exc()
    finally:
        os._exit(status)


def void(_value: object) -> None:
    """Forget a value."""


@contextlib.contextmanager
def _striking(attempt: Attempt, pid: int) -> Iterator[Callable[[], None]]:
    """How the importer is ended."""
    if attempt.how != DISCONNECT:
        yield lambda: os.kill(pid, signal.SIGKILL)
        return
    with psycopg.connect(attempt.url, autocommit=True) as connection:
        yield lambda: void(
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def _listened(
    reading: int, attempt: Attempt, begun: float, strike: Callable[[], None]
) -> tuple[list[tuple[float, str]], int | None]:
    """What the importer says until it ends; it is struck when its time has come."""
    said: list[tuple[float, str]] = []
    struck: int | None = None
    due = begun + attempt.seconds if attempt.how and not attempt.after else None
    heard = b""
    while True:
        if due is not None and perf_counter() >= due:
            strike()
            due, struck = None, len(said)
        left = None if due is None else max(0.0, due - perf_counter())
        if not select.select([reading], [], [], left)[0]:
            continue
        some = os.read(reading, 65536)
        now = perf_counter()
        *lines, heard = (heard + some).split(b"\n")
        said += [(now - begun, line.decode()) for line in lines]
        if not some:
            return said, struck
        if attempt.how and struck is None and due is None and attempt.after.encode() in lines:
            due = now + attempt.seconds


if __name__ == "__main__":
    main()
