"""Bulk import: a returns report on its way into sealed, durable entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.bench.bench import ACCOUNT, Bench
from tests.bench.results import Line, memory, rate
from tests.bench.running import Run, Side, by_turns

MEMORY_MAX: Final = 512
PEERS_SHARE: Final = 20
"""Other people's programs get this part of the rows, as they need so much longer for all."""
RAW_SQLITE: Final = (
    "sqlite3 executemany of the same entries, a commit every 5,000 (WAL, synchronous FULL; "
    "position is the key, stream and version unique; no hashes, no originals)"
)
RAW_POSTGRES: Final = (
    "COPY of the same entries, a commit every 5,000 (fsync on; position is the key, stream and "
    "version unique; no hashes, no originals)"
)
TENTH: Final = 10


def import_sqlite(bench: Bench) -> Iterator[Line]:
    """Into a file."""
    peers = ("eventsourcing.sqlite", "eventsourcing_sqlalchemy")
    return _import(bench, "import", "SQLite", RAW_SQLITE, (0.35, 3.0), peers)


def import_postgres(bench: Bench) -> Iterator[Line]:
    """Onto a server that waits for the disk."""
    peers = ("eventsourcing.postgres",)
    return _import(bench, "import-postgres", "PostgreSQL", RAW_POSTGRES, (0.4, 5.0), peers)


def _import(
    bench: Bench,
    figure: str,
    database: str,
    raw_is: str,
    targets: tuple[float, float],
    modules: tuple[str, ...],
) -> Iterator[Line]:
    report, again = bench.report(bench.rows), _again(bench.report(bench.rows))
    stores: list[str] = []
    lite = database == "SQLite"

    def first(number: int) -> Run:
        if stores:
            bench.discard(stores[-1])
        place = bench.fresh("import")
        stores.append(f"sqlite:///{place}/ledger.db" if lite else bench.server())
        return _imported(bench, stores[-1], place, [report])

    def raw(number: int) -> Run:
        target = f"sqlite:///{bench.fresh('raw')}/raw.db" if lite else bench.server()
        done = bench.task("insert-raw", source=stores[-1], account=ACCOUNT, target=target)
        bench.discard(target)
        return done

    def known(number: int) -> Run:
        return _imported(bench, stores[-1], bench.fresh("known"), [again])

    sides: dict[str, Callable[[int], Run]] = {"import": first, "raw": raw, "again": known}
    if bench.has_peers:
        sides |= _peers(bench, modules, stores, lite)
    done = by_turns(sides, bench.runs)
    size, what = f"{bench.rows:,} rows", f"import of return rows, {database}"
    yield rate(
        figure, what, size, "rows/s", done["import"], raw_is, done["raw"], targets[0], _note(done)
    )
    for name, side in done.items():
        if name not in ("import", "raw", "again"):
            said = f"{name}, the same events, the first {side.count:,}"
            wanted = targets[1] if name.startswith(_judged(lite)) else None
            yield rate(figure, what, size, "rows/s", done["import"], said, side, wanted)
    if lite:
        yield memory(figure, f"{what}: memory", size, done["import"], MEMORY_MAX)
    yield rate(
        figure,
        f"the same rows in another file, all known, {database}",
        size,
        "rows/s",
        done["again"],
        "the first import of the same run",
        done["import"],
        2.0,
    )
    bench.clear()


def _imported(bench: Bench, url: str, place: Path, files: list[Path]) -> Run:
    return bench.task(
        "import", url=url, account=ACCOUNT, keys=f"{place}/keys.db", files=list(map(str, files))
    )


def _again(report: Path) -> Path:
    """The same rows, and other bytes: a line more, which is blank."""
    file = report.with_suffix(".again")
    if not file.exists():
        file.write_bytes(report.read_bytes() + b"\r\n")
    return file


def _judged(lite: bool) -> str:
    """Against which of the library's ways the target is set."""
    return "eventsourcing.sqlite: save" if lite else "eventsourcing.postgres: its recorder"


def _note(done: dict[str, Side]) -> str:
    run = done["import"].runs[0]
    return f"{run.told['entries']:,} entries"


def _peers(
    bench: Bench, modules: tuple[str, ...], stores: list[str], lite: bool
) -> dict[str, Callable[[int], Run]]:
    events = bench.fresh("events") / "events.jsonl"

    def saved(way: str, module: str) -> Run:
        if not events.exists():
            some = max(bench.rows // PEERS_SHARE, 1)
            bench.task("dump", url=stores[-1], account=ACCOUNT, file=str(events), rows=some)
        place = f"{bench.fresh('peer')}/events.db" if lite else bench.server()
        return bench.peer("saving", way=way, place=place, events=str(events), persistence=module)

    sides: dict[str, Callable[[int], Run]] = {}
    for module in modules:
        sides[f"{module}: save"] = lambda _, module=module: saved("save", module)  # type: ignore[misc]
        sides[f"{module}: its recorder"] = lambda _, module=module: saved("insert", module)  # type: ignore[misc]
    return sides


# --- a log that grows -----------------------------------------------------------------------------------


def growth(bench: Bench) -> Iterator[Line]:
    """File after file into one log, each run into a new one."""
    files = [bench.report(bench.rows, first=number * bench.rows) for number in range(TENTH)]

    def grown(_number: int) -> Run:
        place = bench.fresh("growth")
        done = _imported(bench, f"sqlite:///{place}/ledger.db", place, files)
        bench.clear()
        return done

    runs = by_turns({"ten files": grown}, bench.runs)["ten files"].runs
    size = f"{TENTH} files of {bench.rows:,} rows"

    def part(number: int) -> Side:
        return Side([Run(run.told["each"][number], bench.rows, run.memory, {}) for run in runs])

    each = [part(number).seconds for number in range(TENTH)]

    for number, name in ((1, "second"), (TENTH - 1, "tenth")):
        yield rate(
            "growth",
            f"import of the {name} file into the same log, SQLite",
            size,
            "rows/s",
            part(number),
            "the first file into the empty log",
            part(0),
            0.8,
            "median seconds of each: " + ", ".join(f"{seconds:.1f}" for seconds in each),
        )
    yield memory("growth", "import of ten files: memory", size, part(0), MEMORY_MAX)
