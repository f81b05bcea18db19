"""Which files are heard again when another one tells of an earlier day."""

from __future__ import annotations

import pytest

from ledger.comparing import Comparison
from ledger.content import Content
from ledger.gathering import gather
from ledger.hearing import hears_others
from ledger.importing import Statement, import_file, imports_of
from ledger.slicing import Cutting
from ledger.store import Log
from tests.ledger.test_arranging import text_of
from tests.ledger.test_slicing import log

__all__ = ["log"]

CHANGED = text_of("").replace("SELLABLE", "DEFECTIVE").encode()


@pytest.mark.parametrize(
    ("day", "hears"), [("2026-06-19", True), ("2026-06-20", True), ("2026-06-21", False)]
)
def test_a_file_that_is_told_last_holds_no_stream_for_others(
    log: Log, day: str, hears: bool
) -> None:
    first = Statement(actor="seller", command_id="c", marketplace="US", told_at="2026-06-20")
    import_file(log, text_of("").encode(), "first.txt", first)
    statement = Statement(actor="seller", command_id="c", marketplace="US", told_at=day)
    with Content(CHANGED) as content:
        gathered = gather(
            log,
            content,
            "then.txt",
            statement,
            content.digest(),
            None,
            Cutting(sliced_from=1 << 30),
            now=log.now(),
        )
        held = hears_others(gathered.told, imports_of(log))
        comparison = Comparison(log, gathered, False, held)
        list(comparison.batches())

        assert held == hears
        assert comparison.outcome.counts["revised"] > 0
        assert bool(comparison.outcome.disturbed.streams) == hears
