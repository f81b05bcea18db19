"""What must hold of a log, however the import before was ended."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from ledger.store import Log
from tests.durability.files import FILES, import_all, opened


class Undisturbed(msgspec.Struct, frozen=True):
    """The log of an import that nobody disturbed, and what it holds after each step."""

    lines: tuple[bytes, ...]
    root: bytes
    originals: tuple[tuple[str, ...], ...]
    """The SHA-256 of what is kept: before the account is opened, then, and after each file."""
    ends: tuple[int, ...]
    """The last position after the same steps."""


def undisturbed(url: str) -> Undisturbed:
    """Import all into a new log, and remember what it comes to."""
    log = opened(url, "undisturbed")
    ends, originals = [0], [tuple(log.originals())]

    def step(line: str) -> None:
        if line.startswith(("opened", "acknowledged")):
            ends.append(log.position())
            originals.append(tuple(log.originals()))

    import_all(log, step)
    found = Undisturbed(tuple(log.raw_lines()), log.tree().root, tuple(originals), tuple(ends))
    log.close()
    return found


def check_sound(log: Log) -> None:
    """Everything that the log derives anew from what is stored agrees with it."""
    assert [] == [f"{check.name}: {check.problems}" for check in log.verify() if not check.ok]


def files_found(log: Log, expected: Undisturbed) -> int:
    """How many files the log holds, each of them whole; there is nothing else in it."""
    check_sound(log)
    lines = tuple(log.raw_lines())

    assert expected.lines[: len(lines)] == lines
    assert len(lines) in expected.ends, "a part of a file"
    steps = expected.ends.index(len(lines))
    assert expected.originals[steps] == tuple(log.originals())
    files = max(steps - 1, 0)
    for file in FILES[:files]:
        assert file.data == log.original(sha256(file.data).hexdigest())
    return files


def complete(log: Log, expected: Undisturbed) -> None:
    """Importing all again comes to the same log, to the last byte and the last leaf."""
    import_all(log)

    assert expected.lines == tuple(log.raw_lines())
    assert expected.root == log.tree().root
    assert expected.originals[-1] == tuple(log.originals())
