"""Finds the report files that a user means: files, whole folders, and what is inside .gz and .zip."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from cli.session import Session
from ledger.delivery import is_packed
from ledger.errors import LedgerError, UnreadableFile
from ledger.table import unpacked

_HEAD: Final = 8192
_HELD_MAX: Final = 8 << 20
"""Bytes of a file that is held in memory as a whole."""

_OWN: Final = ("accounts", "servers", "log", "master.key", "config.toml")
"""What the home holds, and the folder of the keys; a folder of reports may lie beside it."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be read: where it is, and whether it was named or found in a folder."""

    path: Path
    named: bool
    size: int


def deliveries(session: Session, paths: Iterable[Path]) -> list[Delivery]:
    """The files meant, each once: those named, and those in named folders, sorted, hidden ones not.

    What the ledger itself is kept in is left alone, and refused where it is named.
    """
    own = {_real(session.workspace.home), _real(session.workspace.keys)}
    found: dict[Path, Delivery] = {}
    for path in paths:
        _refuse_own(path, own)
        for one in _inside(path, own, session.note):
            found.setdefault(one.path.resolve(), one)
    return list(found.values())


def _refuse_own(path: Path, own: Collection[Path]) -> None:
    real = _real(path)
    if real in own or any(
        (folder / name) in (real, *real.parents) for folder in own for name in _OWN
    ):
        raise LedgerError(
            "this is the ledger itself, and no report",
            file=str(path),
            advice="Name the folder of the downloaded reports. Where they lie beside the ledger, in the same "
            "folder, move them to one of their own.",
        )


def _real(path: Path) -> Path:
    """Where it lies, whatever links lead there; said of any path, also of one that is not there."""
    return Path(os.path.realpath(path))


def _inside(path: Path, own: Collection[Path], note: Callable[[str], None]) -> Iterator[Delivery]:
    try:
        if not path.is_dir():
            yield Delivery(path=path, named=True, size=path.stat().st_size)
            return
        for child in sorted(path.iterdir()):
            if child.name.startswith("."):
                continue
            if child.is_dir():
                if _real(child) in own:
                    note(f"{child}: the ledger itself, left alone")
                else:
                    yield from _inside(child, own, note)
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
    if head[:4] == b"\x00\x00\xfe\xff":  # a text in UTF-32, which is refused with advice
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
