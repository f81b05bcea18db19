"""One line for each command that opened the ledger: what ran, how long, how much; nothing personal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final, TextIO

import structlog

from cli import VERSION
from cli.session import Session

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
    }
    if session.verbosity > 0:
        _logger(sys.stderr).info("command", **told)
    home = session.workspace.home
    if home.is_dir():
        _append(home / "log" / FILE, told)


def _append(path: Path, told: dict[str, Any]) -> None:
    """A log that cannot be written is no reason to fail a command that has done its work."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        opened = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    except OSError:
        return
    with os.fdopen(opened, "a", encoding="utf-8") as file:
        _logger(file).info("command", **told)


def _logger(file: TextIO) -> Any:
    return structlog.wrap_logger(
        structlog.WriteLogger(file),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
    )
