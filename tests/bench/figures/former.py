"""What is handed out and proved: exports with their views, backups, proofs and dossiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tests.bench.bench import Bench
from tests.bench.results import Line

HANDED_OUT_SHARE: Final = 20
"""Of the rows that are imported: packs hold every view, and take long."""


def handing_out(bench: Bench) -> Iterator[Line]:
    """An export of everything, a backup, its verification and a restoration."""
    return _both(bench, "handing-out", max(bench.rows // HANDED_OUT_SHARE, 1), "rows")


def dossiers_and_proofs(bench: Bench) -> Iterator[Line]:
    """One entry's proof and one order's dossier out of a long log."""
    return _both(bench, "proofs", bench.rows, "entries")


def _both(bench: Bench, which: str, size: int, things: str) -> Iterator[Line]:
    for database in ("SQLite", "PostgreSQL"):
        place = bench.fresh(which)
        url = f"sqlite:///{place}/ledger.db" if database == "SQLite" else bench.server()
        asked: dict[str, Any] = {"database": database, "folder": str(place), "size": size}
        done = bench.task("former", which=which, url=url, runs=bench.runs, **asked)
        for told in done.told["figures"]:
            yield Line(
                figure=which,
                what=told["what"],
                size=f"{size:,} {things}",
                value=told["value"],
                unit=told["unit"],
                low=told["value"],
                high=told["value"],
                against=told["limit_is"],
                limit=told["limit"],
                runs=bench.runs,
            )
    bench.clear()
