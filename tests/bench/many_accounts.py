"""What thousands of accounts in one database cost: `python -m tests.bench.many_accounts 1000 2000 [PG_DUMP]`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import psycopg

from cli.workspace import Workspace
from ledger.events import BY_TOPIC
from ledger.store import Log, open_log
from projections import PROJECTIONS
from projections.views import Views, open_views
from tests import postgres

OPENED = 30
"""Accounts that are opened, spread over all."""
MADE = 20
"""Accounts of each step that are made by the program; the others are copies of the first, as a dump has it."""


def main(upto: list[int], pg_dump: str) -> None:
    url = postgres.fresh_database()
    made = 0
    for accounts in [1, *upto]:
        by_program = min(MADE, accounts - made)
        copy_first(url, made, accounts - by_program, pg_dump)
        seconds, own = timed(partial(make, url, accounts - by_program, accounts))
        print(f"\n{accounts:,} accounts")
        print(
            f"  made one: {1000 * seconds / by_program:.0f} ms ({1000 * own / by_program:.0f} here)"
        )
        made = accounts
        for what, figure in of_the_catalogue(url).items():
            print(f"  {what}: {figure:,.1f}")
        some = range(0, accounts, max(1, accounts // OPENED))
        log = [timed(partial(close_again, opened, url, number)) for number in some]
        views = [timed(partial(close_again, opened_views, url, number)) for number in some]
        print(f"  opened a log: {median(log)}, its views: {median(views)}")
        workspace = Workspace(Path("nowhere"), url, lambda: datetime.now(UTC))
        print(f"  listed all: {median([timed(workspace.accounts) for _ in range(5)])}")
        if accounts > 1:
            dumped(url, pg_dump)
    postgres.drop(url)


def make(url: str, start: int, end: int) -> None:
    """Accounts with every table that a ledger has, and nothing in them."""
    for number in range(start, end):
        with (
            closing(opened(url, number)),
            closing(opened_views(url, number)) as views,
            views.filling() as filling,
        ):
            for projection in PROJECTIONS:
                filling.begin_beside(projection)
                filling.switch(projection)


def copy_first(url: str, start: int, end: int, pg_dump: str) -> None:
    """The tables of the first account once more, under the names of others."""
    if start == end:
        return
    command = [pg_dump, url, "--inserts", "-n", f"{name(0)}_ledger", "-n", f"{name(0)}_views"]
    dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # What begins with a backslash is for psql alone.
    first = "\n".join(line for line in dump.splitlines() if not line.startswith("\\"))
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(start, end):
            connection.execute(first.replace(f"{name(0)}_", f"{name(number)}_").encode())


def close_again(opens: Callable[[str, int], Log | Views], url: str, number: int) -> None:
    opens(url, number).close()


def opened_views(url: str, number: int) -> Views:
    return open_views(url, name(number))


def name(number: int) -> str:
    return f"account-{number}"


def opened(url: str, number: int) -> Log:
    return open_log(url, name(number), event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))


def of_the_catalogue(url: str) -> dict[str, float]:
    asked = {
        "rows of pg_class": "SELECT count(*) FROM pg_class",
        "catalogue, MB": "SELECT sum(pg_total_relation_size(oid)) / 1e6 FROM pg_class"
        " WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'",
        "database, MB": "SELECT pg_database_size(current_database()) / 1e6",
    }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE pg_catalog.pg_class")
        return {
            what: float(connection.execute(question.encode()).fetchall()[0][0])
            for what, question in asked.items()
        }


def dumped(url: str, pg_dump: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for what, options in (
            ("all of it", []),
            ("one account", ["-n", f"{name(7)}_ledger", "-n", f"{name(7)}_views"]),
        ):
            file = Path(folder) / "dump"
            command = [pg_dump, url, "--format=custom", f"--file={file}", *options]
            started = perf_counter()
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            said = done.stderr.partition("\n")[0] or f"{file.stat().st_size / 1e6:.1f} MB"
            print(f"  pg_dump of {what}: {perf_counter() - started:.1f} s, {said}")


def timed(do: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and seconds of this process's own."""
    started, own = perf_counter(), process_time()
    do()
    return perf_counter() - started, process_time() - own


def median(figures: list[tuple[float, float]]) -> str:
    seconds, own = (1000 * statistics.median(column) for column in zip(*figures, strict=True))
    return f"{seconds:.1f} ms ({own:.1f} ms of CPU here)"


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    others = [word for word in sys.argv[1:] if not word.isdecimal()]
    main(numbers or [1000, 2000], others[0] if others else "pg_dump")
