"""`audit` and an inventory ledger that was asked for one kind of event: of the others it proves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from ledger.reading import Statement, read_file
from tests.cli.terminal import imported, typed
from tests.ledger.reports.files import Cells, report
from tests.ledger.reports.test_inventory_ledger import ROW
from tests.story import ORDER, refunded, reimbursed, returned, sold

MISPLACED: Final = ROW | {
    "Date and Time": "",
    "Reconciled Quantity": "1",
    "Unreconciled Quantity": "0",
}
SHIPPED: Final = MISPLACED | {"Event Type": "Shipments", "Reason": ""}
BEFORE: Final = {"Date": "06/05/2026"}
AFTER: Final = {"Date": "11/18/2026"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ((MISPLACED | BEFORE, MISPLACED | AFTER), []),
        ((MISPLACED | BEFORE, SHIPPED | BEFORE, MISPLACED | AFTER), ["ready"]),
    ],
)
def test_a_ledger_of_adjustments_does_not_show_that_a_return_was_not_restocked(
    tmp_path: Path, rows: tuple[Cells, ...], found: list[str]
) -> None:
    told = (sold(ORDER, "2026-08-20"), refunded(ORDER, "2026-09-01"), returned(ORDER, "2026-09-05"))
    others = (reimbursed("2026-08-01", "9001", order="114-0000009-0000009"),)
    imported(tmp_path / "told", *told, *others)
    ledger = tmp_path / "ledger.txt"
    ledger.write_bytes(report(*rows))
    days = ("--period", "2026-06-01..2026-11-19", "--account", "seller", "--marketplace", "US")
    for path in [ledger, *(tmp_path / "told").glob("fba-*.txt")]:
        said = typed("import", path, *days)
        assert said.code == 0, said.err
    answers = typed("audit", "--as-of", "2026-11-20").rows

    assert found == [
        one["verdict"] for one in answers if one["claim_type"] == "return_not_restocked"
    ]


@pytest.mark.parametrize(
    ("rows", "only"),
    [((MISPLACED,), "Adjustments"), ((MISPLACED, SHIPPED), None), ((SHIPPED,), "Shipments")],
)
def test_a_file_says_whether_it_tells_one_kind_alone(
    rows: tuple[Cells, ...], only: str | None
) -> None:
    statement = Statement(actor="seller", command_id="1", marketplace="US")

    assert only == read_file(report(*rows), "ledger.txt", statement).only
