"""Files that a command reads whole, or writes: where none is yet, or in the place of one that is there."""

from __future__ import annotations

import sys
from pathlib import Path

from cli.session import Session
from ledger.errors import LedgerError


def read(path: Path) -> bytes:
    """A file, whole; raises LedgerError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise LedgerError(
            f"it cannot be read: {error.strerror}",
            file=str(path),
            advice="Name a file that is there and that you may read.",
        ) from error


def write(output: Path, data: bytes) -> None:
    """Write a new file, or standard output for `-`; a file that is there is not overwritten."""
    if str(output) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        with output.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise LedgerError(
            f"it cannot be written: {error.strerror}",
            file=str(output),
            advice="Name a file that is not there yet, in a folder that you may write to.",
        ) from error


def overwrite(path: Path, data: bytes, what: str) -> None:
    """Write a file in the place of what was there, or standard output for `-`; LedgerError where it cannot be."""
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        return
    try:
        path.write_bytes(data)
    except OSError as error:
        raise LedgerError(
            f"{what} cannot be written: {error.strerror}",
            file=str(path),
            advice="Name a file in a folder that is there and that you may write to.",
        ) from error


def written(session: Session, output: Path, data: bytes) -> None:
    """Write it, and say how much."""
    write(output, data)
    if str(output) != "-":
        session.note(f"{output}: {len(data):,} bytes.")
