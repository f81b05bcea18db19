"""A whole log read: bare, verified, and written out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tests.bench.tasks.opening import (
    BATCH,
    file_of,
    is_sqlite,
    only_log,
    raw_postgres,
    raw_sqlite,
    seconds_of,
)


def scan_raw(url: str, account: str) -> dict[str, Any]:
    """Every column of every entry through the bare driver, in order, each row thrown away."""
    count = 0

    def scan() -> None:
        nonlocal count
        if is_sqlite(url):
            with raw_sqlite(file_of(url)) as lite:
                found = lite.execute("SELECT * FROM entries ORDER BY position")
                while some := found.fetchmany(BATCH):
                    count += len(some)
            return
        with raw_postgres(url) as server, server.cursor("scan") as cursor:
            cursor.itersize = BATCH
            cursor.execute(f'SELECT * FROM "{account}_ledger".entries ORDER BY position'.encode())
            while rows := cursor.fetchmany(BATCH):
                count += len(rows)

    return {"seconds": seconds_of(scan), "count": count}


def verify_log(url: str, account: str, processes: int) -> dict[str, Any]:
    """Every entry read, hashed again, and the tree made again."""
    with only_log(url, account) as log:
        checks: list[Any] = []
        seconds = seconds_of(lambda: checks.extend(log.verify(processes=processes)))
        assert all(not check.problems for check in checks)
        return {"seconds": seconds, "count": log.position()}


def dump_events(url: str, account: str, file: str, rows: int) -> dict[str, Any]:
    """The first events of a log's orders as JSON Lines, for programs that know nothing of ours."""
    count = 0
    with only_log(url, account) as log, Path(file).open("wb") as written:

        def dump() -> None:
            nonlocal count
            for line in log.raw_lines():
                told = msgspec.json.decode(line)
                if count < rows and told["stream"].startswith("order/"):
                    body = {name: told[name] for name in told if name not in ("stream", "version")}
                    written.write(msgspec.json.encode([told["stream"], body]) + b"\n")
                    count += 1
                if count == rows:
                    return

        return {"seconds": seconds_of(dump), "count": count}
