"""Figures that need much state of their own, each beside its limit: proofs, packs and dossiers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from ledger.importing import Statement, import_file
from ledger.store import Log
from tests.bench.making import returns_report
from tests.bench.tasks.opening import account_log


def former(
    which: str, url: str, database: str, folder: str, size: int, runs: int
) -> dict[str, Any]:
    """Measured in this one process, as they share what they are made of."""
    # Here, so that the memory of every other task is not that of what prints dossiers.
    from tests.bench.dossiers import dossiers
    from tests.bench.exporting import handing_out, proofs

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    if which == "handing-out":
        home = url.replace("ledger.db", "handed/ledger.db")
        with account_log(home, "handed") as log:
            _import(log, size)
            found = list(handing_out(log, url, database, place, runs))
    else:
        made = [*proofs(url, database, size, place)]
        found = [*made, *dossiers(url, database, size, place)]
    return {"seconds": 0, "count": size, "figures": msgspec.to_builtins(found)}


def _import(log: Log, rows: int) -> None:
    statement = Statement(actor="bench", command_id="bench", marketplace="US")
    import_file(log, returns_report(rows), "returns.txt", statement)
