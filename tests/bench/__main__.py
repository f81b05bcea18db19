"""`make bench`: import, rebuild and one order's story, each beside the raw limit of the same run."""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from ledger.events import BY_TOPIC
from ledger.importing import Statement, import_file, open_account
from ledger.judging import judge
from ledger.recall import Recall
from ledger.rulebook import shipped
from ledger.store import Log, open_log
from projections.catching_up import catch_up, rebuild
from projections.views import open_views
from tests.bench.dossiers import dossiers
from tests.bench.exporting import handing_out, proofs
from tests.bench.making import returns_report
from tests.bench.page import Figure, write_page
from tests.postgres import fresh_database

BATCH = 5_000
ROWS_SQL = "position, stream, version, topic, state, local_key, recorded_at, leaf"
DAY = date(2026, 11, 20)


def main() -> None:
    """Measure, print a table, and write docs/benchmarks.md when asked to."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the log for proofs")
    parser.add_argument("--page", type=Path, help="write the table to this page")
    asked = parser.parse_args()
    figures = list(measure(asked.rows, asked.runs, asked.entries))
    for figure in figures:
        sys.stdout.write(f"{figure.line()}\n")
    if asked.page:
        write_page(asked.page, figures, asked.rows, asked.runs)


def measure(rows: int, runs: int, entries: int) -> Iterator[Figure]:
    """Every figure with its raw limit."""
    report = returns_report(rows)
    with tempfile.TemporaryDirectory(prefix="returns-ledger-bench-") as place:
        folder = Path(place)
        for database, url in (
            ("SQLite", f"sqlite:///{folder}/ledger.db"),
            ("PostgreSQL", fresh_database()),
        ):
            (folder / database).mkdir()
            yield from _on(url, database, report, rows, runs, folder)
            yield from proofs(url, database, entries, folder / database)
            yield from dossiers(url, database, entries, folder / database)


def _on(
    url: str, database: str, report: bytes, rows: int, runs: int, folder: Path
) -> Iterator[Figure]:
    imports, again = [], []
    for run in range(runs):
        with _empty_log(_place(url, run), f"bench{run}") as log:
            imports.append(_timed(partial(_import, log, report, "first.txt")))
            again.append(_timed(partial(_import, log, report + b"\r\n", "again.txt")))
    with _empty_log(_place(url, runs), f"bench{runs}") as log:
        _import(log, report, "first.txt")
        entries = [tuple(row) for row in _entries(_place(url, runs), f"bench{runs}")]
        raw = [_timed(partial(_raw_insert, url, entries, folder)) for _ in range(runs)]
        yield Figure(
            f"import of {rows:,} return rows, {database}",
            rows / statistics.median(imports),
            "rows/s",
            rows / statistics.median(raw),
            f"the same {len(entries):,} entries, "
            + ("COPY" if database == "PostgreSQL" else "executemany")
            + f", batches of {BATCH:,}",
        )
        yield Figure(
            f"the same rows in another file, {database}",
            rows / statistics.median(again),
            "rows/s",
            rows / statistics.median(imports),
            "the first import",
        )
        yield from _reading(_place(url, runs), database, log, len(entries), runs)
        yield from handing_out(log, url, database, folder / database, runs)


def _reading(url: str, database: str, log: Log, entries: int, runs: int) -> Iterator[Figure]:
    recall = Recall(log, DAY)
    with closing(open_views(url, log.account)) as views:
        catch_up(recall, views)
        rebuilds = [_timed(lambda: rebuild(Recall(log, DAY), views)) for _ in range(runs)]
    scans = [_timed(partial(_entries, url, log.account)) for _ in range(runs)]
    yield Figure(
        f"rebuild of all views, {database}",
        entries / statistics.median(rebuilds),
        "entries/s",
        entries / statistics.median(scans),
        "scan of the same entries",
    )
    streams = [name for name in log.changed_streams(0) if name.startswith("order/")][:200]
    _ = recall.book
    stories = [_timed(partial(_story, log, one)) for one in streams]
    audits = [_timed(partial(_audit, recall, one)) for one in streams]
    raw = [_timed(partial(_entries, url, log.account, one)) for one in streams]
    for what, times in (("story", stories), ("audit, the book at hand", audits)):
        yield Figure(
            f"one order's {what}, {database}",
            1 / statistics.median(times),
            "a second",
            1 / statistics.median(raw),
            "select of its rows, connection included",
        )


def _story(log: Log, stream: str) -> None:
    assert list(log.entries(stream))


def _audit(recall: Recall, stream: str) -> None:
    judge(recall.case(stream), recall.book, DAY)


def _import(log: Log, report: bytes, file: str) -> None:
    statement = Statement(actor="bench", command_id="bench", marketplace="US")
    import_file(log, report, file, statement)


@contextmanager
def _empty_log(url: str, account: str) -> Iterator[Log]:
    log = open_log(url, account, event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))
    try:
        open_account(log, account, "NA", shipped(), "bench")
        yield log
    finally:
        log.close()


def _place(url: str, run: int) -> str:
    """A file of its own for each run on SQLite; on a server the account is enough."""
    return url.replace("ledger.db", f"{run}/ledger.db") if url.startswith("sqlite") else url


def _entries(url: str, account: str, stream: str | None = None) -> list[Any]:
    where = "" if stream is None else " WHERE stream = "
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as lite:
            query = f"SELECT {ROWS_SQL} FROM entries" + (where and where + "?")
            rows = lite.execute(query, (stream,) if stream else ()).fetchall()
        lite.close()
        return rows
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        query = f'SELECT {ROWS_SQL} FROM "{account}_ledger".entries' + (where and where + "%s")
        return server.execute(query.encode(), (stream,) if stream else ()).fetchall()


def _raw_insert(url: str, entries: list[tuple[Any, ...]], folder: Path) -> None:
    columns = (
        "(position bigint primary key, stream text, version int, topic text, state {blob}, "
        "local_key text, recorded_at bigint, leaf {blob})"
    )
    unique = "CREATE UNIQUE INDEX raw_versions ON raw (stream, version)"
    if url.startswith("sqlite"):
        file = folder / "raw.db"
        file.unlink(missing_ok=True)
        lite = sqlite3.connect(file)
        lite.execute("PRAGMA journal_mode = WAL")
        lite.execute("PRAGMA synchronous = FULL")
        lite.execute("CREATE TABLE raw " + columns.format(blob="blob"))
        lite.execute(unique)
        for start in range(0, len(entries), BATCH):
            some = entries[start : start + BATCH]
            lite.executemany("INSERT INTO raw VALUES (?,?,?,?,?,?,?,?)", some)
            lite.commit()
        lite.close()
        return
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        server.execute("DROP TABLE IF EXISTS raw")
        server.execute(("CREATE TABLE raw " + columns.format(blob="bytea")).encode())
        server.execute(unique)
        for start in range(0, len(entries), BATCH):
            with server.cursor().copy("COPY raw FROM STDIN") as copy:
                for row in entries[start : start + BATCH]:
                    copy.write_row(row)
            server.commit()


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
