"""One line for each command that opened the ledger: what ran, how long, how much; nothing personal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import msgspec

from cli import VERSION
from cli.session import Session
from ledger.values import instant

FILE: Final = "returns-ledger.jsonl"


def write_line(session: Session, *, exit_code: int, seconds: float) -> None:
    """Write the line to the home's log file, and with -v to standard error.

    It holds the command's name and counts: no arguments, no order ids, nothing out of a file.
    """
    told = {
        "command": session.command,
        "version": VERSION,
        "accounts": session.accounts,
        "seconds": round(seconds, 3),
        "exit_code": exit_code,
        **session.counts,
        "event": "command",
        "level": "info",
        "timestamp": instant(session.clock()),
    }
    line = msgspec.json.encode(told).decode() + "\n"
    if session.verbosity > 0:
        sys.stderr.write(line)
    home = session.workspace.home
    if home.is_dir():
        _append(home / "log" / FILE, line)


def _append(path: Path, line: str) -> None:
    """A log that cannot be written is no reason to fail a command that has done its work."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        opened = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    except OSError:
        return
    with os.fdopen(opened, "a", encoding="utf-8") as file:
        file.write(line)
