"""How fast a dossier on one order is made out of a long log: looked up, judged, printed, proved and packed."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path

from cli.dossier import Wish, choose, gather, pack
from ledger.book import Book
from ledger.event import ACCOUNT_STREAM
from ledger.importing import Statement, import_file
from ledger.judging import judge
from ledger.recall import Recall
from ledger.store import Log, Notary
from projections.links import Links
from projections.views import Views, open_views
from tests.bench.exporting import log_in, notary_in, timed
from tests.bench.making import returns_report
from tests.bench.page import Figure

DAY = date(2026, 11, 20)
ORDERS = 20
ROWS = 2_000
SECONDS_MAX = 1.0
"""What was promised for a dossier out of a log of a million entries."""


def dossiers(url: str, database: str, entries: int, folder: Path) -> Iterator[Figure]:
    """Dossiers on some orders of the long log that the proofs were taken from."""
    with log_in(url, "long") as log, notary_in(folder / "long") as notary:
        place = url.replace("ledger.db", "long/ledger.db") if url.startswith("sqlite") else url
        statement = Statement(actor="bench", command_id="bench", marketplace="US")
        import_file(log, returns_report(ROWS), "returns.txt", statement)
        with closing(open_views(place, "long")) as views:
            linking = timed(partial(Links, log, views))
            reading = timed(lambda: sum(1 for _ in log.entries()))
            yield Figure(
                f"links of {entries:,} entries, once, {database}",
                entries / linking,
                "entries/s",
                entries / reading,
                "reading the same entries",
            )
            times = [
                timed(partial(_dossier, log, views, notary, stream, folder / f"{number}.zip"))
                for number, stream in enumerate(list(_orders(log)))
            ]
    yield Figure(
        f"one dossier out of {entries:,}, {database}",
        1 / statistics.median(times),
        "a second",
        1 / SECONDS_MAX,
        "one second for each, as promised",
    )


def _orders(log: Log) -> Iterator[str]:
    """Orders of the report of which there is something to say; many others share their items."""
    recall = Recall(log, DAY)
    coverage = Book(recall.rulebook, DAY)
    coverage.add(recall.case(ACCOUNT_STREAM))
    named = log.changed_streams(log.position() - ROWS)
    found = (name for name in named if judge(recall.case(name), coverage, DAY))
    yield from islice(found, ORDERS)


def _dossier(log: Log, views: Views, notary: Notary, stream: str, output: Path) -> None:
    links = Links(log, views)
    chosen = choose(Recall(log, DAY), links, [stream], stream, None)
    assert chosen is not None
    wish = Wish(lang="en", despite="bench", drafts=output.parent)
    made = pack(log, notary, gather(chosen, wish), output, {})
    assert made.bytes_pdf
