"""What SQLite has still to do with a long write-ahead log: while it grows, and when all of it is durable."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

SETTLED_FROM: Final = 1000
"""Pages in the write-ahead log from which on a commit moves them into the database: SQLite's own choice."""
FLUSHED_EVERY_SECONDS: Final = 0.3


def leave_to_others(driver: Any) -> None:
    """What is committed next stays in the write-ahead log, where it is as durable; somebody else moves it."""
    driver.execute("PRAGMA wal_autocheckpoint = 0")


def take_up_again(driver: Any) -> None:
    """Every commit moves what is there, as it is usual."""
    driver.execute(f"PRAGMA wal_autocheckpoint = {SETTLED_FROM}")


def settle(driver: Any) -> None:
    """Move what is committed into the database, without waiting for anybody or letting anybody wait."""
    driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


@contextmanager
def flushing(database: str) -> Iterator[None]:
    """Have the disk take what is written meanwhile, so that the commit need not wait for all of it.

    Raises SQLite's own error where the disk cannot: some systems tell that once only, and then SQLite would not know.
    """
    ended, refused = threading.Event(), list[OSError]()
    thread = threading.Thread(target=_flush, args=(f"{database}-wal", ended, refused), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    for error in refused:
        raise sqlite3.OperationalError(f"disk I/O error: {error}") from error


def _flush(file: str, ended: threading.Event, refused: list[OSError]) -> None:
    """SQLite locks other files than this one, so it may be opened and closed here."""
    try:
        opened = os.open(file, os.O_RDWR)
    except OSError:  # the commit does it alone
        return
    try:
        while not ended.wait(FLUSHED_EVERY_SECONDS):
            os.fsync(opened)
    except OSError as error:
        refused.append(error)
    finally:
        os.close(opened)
