"""Rows on their way into a database: through an import, and with nothing between."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from ledger.importing import FileResult, Statement, import_file
from ledger.keystore import KeyStore
from tests.bench.tasks.opening import (
    BATCH,
    RawRows,
    account_log,
    file_of,
    is_sqlite,
    raw_postgres,
    raw_sqlite,
    seconds_of,
)


def import_reports(url: str, account: str, keys: str, files: list[str]) -> dict[str, Any]:
    """Files into an account's log, each in its transaction: from the bytes on the disk to sealed entries."""
    statement = Statement(actor="bench", command_id="bench", marketplace="US")
    results: list[FileResult] = []
    with (
        account_log(url, account) as log,
        KeyStore(Path(keys), master=lambda: bytes(32), clock=lambda: datetime.now(UTC)) as store,
    ):

        def record(file: Path) -> None:
            results.append(import_file(log, file, file.name, statement, keys=store))

        before = log.position()
        seconds = [seconds_of(partial(record, Path(file))) for file in files]
        entries = log.position() - before
    return {
        "seconds": sum(seconds),
        "each": seconds,
        "count": sum(one.rows for one in results),
        "new": sum(one.new for one in results),
        "entries": entries,
    }


def insert_raw(source: str, account: str, target: str, rows: int | None = None) -> dict[str, Any]:
    """The very rows of a log into a bare table, prepared beforehand, in batches that are each durable."""
    raw = RawRows(source, account, rows)
    if is_sqlite(source):
        with raw_sqlite(file_of(target)) as lite:
            for statement in raw.create:
                lite.execute(statement)

            def insert() -> None:
                for batch in raw.batches(BATCH):
                    lite.execute("BEGIN IMMEDIATE")
                    lite.executemany(raw.insert, batch)
                    lite.execute("COMMIT")

            seconds = seconds_of(insert)
        return {"seconds": seconds, "count": len(raw.rows)}
    with raw_postgres(target) as server:
        server.execute("DROP TABLE IF EXISTS raw")
        for statement in raw.create:
            server.execute(statement.encode())
        server.commit()

        def copy() -> None:
            for batch in raw.batches(BATCH):
                with server.cursor().copy("COPY raw FROM STDIN") as into:
                    for row in batch:
                        into.write_row(row)
                server.commit()

        seconds = seconds_of(copy)
    return {"seconds": seconds, "count": len(raw.rows)}
