"""Finds the report files that a user means: files, whole folders, and what is inside .gz and .zip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from ledger.delivery import is_packed
from ledger.errors import LedgerError, UnreadableFile
from ledger.table import unpacked

_HEAD: Final = 8192
_HELD_MAX: Final = 8 << 20
"""Bytes of a file that is held in memory as a whole."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be read: where it is, and whether it was named or found in a folder."""

    path: Path
    named: bool
    size: int


def deliveries(paths: Iterable[Path]) -> list[Delivery]:
    """The files meant, each once: those named, and those in named folders, sorted, hidden ones not."""
    found: dict[Path, Delivery] = {}
    for path in paths:
        for one in _inside(path):
            found.setdefault(one.path.resolve(), one)
    return list(found.values())


def _inside(path: Path) -> Iterator[Delivery]:
    try:
        if not path.is_dir():
            yield Delivery(path=path, named=True, size=path.stat().st_size)
            return
        for child in sorted(path.iterdir()):
            if child.name.startswith("."):
                continue
            if child.is_dir():
                yield from _inside(child)
            elif child.is_file():
                yield Delivery(path=child, named=False, size=child.stat().st_size)
    except OSError as error:
        raise _unreadable(path, error) from error


def contents(delivery: Delivery) -> list[tuple[str, bytes | Path]]:
    """The reports in a file, each with the name it is reported under; a large one stays where it lies."""
    try:
        with delivery.path.open("rb") as file:
            packed = is_packed(file.read(_HEAD))
        if delivery.size > _HELD_MAX and not packed:
            return [(str(delivery.path), delivery.path)]
        data = delivery.path.read_bytes()
    except OSError as error:
        raise _unreadable(delivery.path, error) from error
    return [*unpacked(data, str(delivery.path))]


def is_no_report(delivery: Delivery) -> bool:
    """True for a picture, a PDF, a program: what lies in a folder of downloads without being one."""
    try:
        with delivery.path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise _unreadable(delivery.path, error) from error
    if head[:2] in (b"\x1f\x8b", b"PK", b"\xff\xfe", b"\xfe\xff"):
        return False
    return head.startswith(b"%PDF") or b"\x00" in head


def _unreadable(path: Path, error: OSError) -> LedgerError:
    if isinstance(error, FileNotFoundError):
        return UnreadableFile(
            "there is no such file or folder",
            file=str(path),
            advice="Check the path; a name with blanks needs quotation marks.",
        )
    return UnreadableFile(
        f"it cannot be read: {error.strerror}",
        file=str(path),
        advice="Make sure that you may read it.",
    )
