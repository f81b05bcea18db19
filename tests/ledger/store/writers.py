"""A process of several writers, each appending to streams of its own: `python -m ... URL NAME`."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from eventsourcing.persistence import StoredEvent

from ledger.store.database import Database
from ledger.store.engines import engine_for
from ledger.store.recorder import Recorder

WRITERS = 4
APPENDS = 25
ENTRIES = 250


def main(url: str, name: str) -> None:
    database = Database(*engine_for(url, "main"))
    database.create()
    recorder = Recorder(database, lambda: datetime.now(UTC))

    def write(writer: int) -> None:
        stream = f"{name}/{writer}"
        for append in range(APPENDS):
            first = append * ENTRIES + 1
            recorder.insert_events(
                [
                    StoredEvent(stream, version, "written.v1", b"{}")
                    for version in range(first, first + ENTRIES)
                ]
            )

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
