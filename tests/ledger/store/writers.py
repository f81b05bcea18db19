"""A process of several writers, each appending to streams of its own: `python -m ... URL NAME [ACCOUNTS ...]`."""

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


def main(
    url: str,
    name: str,
    accounts: str = "main",
    appends: str = str(APPENDS),
    entries: str = str(ENTRIES),
) -> None:
    databases = [Database(*engine_for(url, account)) for account in accounts.split(",")]
    for database in databases:
        database.create()
    recorders = [Recorder(database, lambda: datetime.now(UTC)) for database in databases]

    def write(writer: int) -> None:
        stream = f"{name}/{writer}"
        for append in range(int(appends)):
            first = append * int(entries) + 1
            recorders[writer % len(recorders)].insert_events(
                [
                    StoredEvent(stream, version, "written.v1", b"{}")
                    for version in range(first, first + int(entries))
                ]
            )

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))
    for database in databases:
        database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
