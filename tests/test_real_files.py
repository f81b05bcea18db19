"""Real sellers' files, read through the importing use case and audited; skipped where they are not at hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pytest

from ledger.errors import LedgerError
from ledger.event import ACCOUNT_STREAM
from ledger.events import BY_TOPIC
from ledger.events.imports import ReportImported
from ledger.events.reimbursements import ReimbursementPosted
from ledger.events.returns import UnitReturned
from ledger.events.settlements import SettlementClosed
from ledger.importing import FileResult, Statement, import_file, imports_of, open_account
from ledger.judging import audit
from ledger.keystore import KeyStore
from ledger.policy import Finding
from ledger.recall import Recall
from ledger.rulebook import shipped
from ledger.sealing import opener
from ledger.store import Log, open_log
from ledger.values import Money, day_of
from tests.ledger.account import answer_to
from tests.ledger.reports.files import REAL_FILES, real_file

RETURNS: Final = "FBA_customer_returns__lwgray_US_2013-2016.txt"
REIMBURSEMENTS: Final = "FBA_reimbursements__lwgray_US_2013-2016.txt"
SETTLEMENT: Final = "Settlement_V2_flat_file__jemagee_US_2017.txt"
FILES: Final = {
    RETURNS: 334,
    REIMBURSEMENTS: 466,
    "FBA_customer_returns_13col_1_row_US_2025.txt": 1,
    "MFN_returns_by_return_date_FULL_1_row_US_2025.txt": 1,
    "All_orders_flat_file__Joao_US_2023_REDACTED.txt": 40,
}
"""The files of one account, with the rows that each brings."""
NOT_READ: Final = [
    "Finances_ListFinancialEvents_MWS_XML__eolabs_real_36_shipment_events.xml",
    "MFN_XML_returns_by_return_date__yeboyebo_ES_2020.xml",
    "SPAPI_sandbox__amzn_financesV0.json",
    "Settlement_V1_flat_file__adwweaver_CA_2025_50011020300.txt",
]
AS_OF: Final = date(2016, 5, 1)
DAMAGED: Final = ("DAMAGED", "CARRIER_DAMAGED")


def opened(folder: Path, account: str) -> Log:
    """An account's ledger in a folder of its own."""
    log = open_log(
        f"sqlite:///{folder}/{account}.db",
        account,
        event_types=BY_TOPIC,
        clock=lambda: datetime(2026, 11, 23, tzinfo=UTC),
    )
    open_account(log, account, "NA", shipped(), "seller")
    return log


def imported(log: Log, name: str, keys: KeyStore | None = None) -> FileResult:
    """A real file, imported as it is, the store being stated."""
    statement = Statement(actor="seller", command_id="1", marketplace="US")
    return import_file(log, real_file(name), name, statement, keys=keys)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Log, dict[str, FileResult]]]:
    """The account `real` with all its files, and what importing them said."""
    folder = tmp_path_factory.mktemp("real")
    log = opened(folder, "real")
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    with KeyStore(folder / "keys.db", master=lambda: bytes(32), clock=lambda: moment) as keys:
        log.opens = opener(log, keys, "test")
        yield log, {name: imported(log, name, keys) for name in FILES}
    log.close()


@pytest.fixture(scope="module")
def findings(real: tuple[Log, dict[str, FileResult]]) -> list[Finding]:
    return list(audit(Recall(real[0], AS_OF)))


def cells(name: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file as a person would read them, with the line of each; the header is line 1."""
    text = io.StringIO(real_file(name).decode("cp1252"))
    rows = csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    return list(enumerate(rows, 2))


def unpaid() -> list[tuple[int, dict[str, str]]]:
    """Returns damaged by Amazon or its carrier, of whose orders the reimbursements know nothing."""
    paid = {row["amazon-order-id"] for _, row in cells(REIMBURSEMENTS)}
    return [
        (line, row)
        for line, row in cells(RETURNS)
        if row["detailed-disposition"] in DAMAGED and row["order-id"] not in paid
    ]


# --- importing --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "rows"), FILES.items())
def test_every_row_is_new_and_none_is_refused(
    real: tuple[Log, dict[str, FileResult]], name: str, rows: int
) -> None:
    result = real[1][name]

    assert (rows, 0, 0, 0) == (result.new, result.unchanged, result.revised, result.refused)


@pytest.mark.parametrize("name", FILES)
def test_importing_it_again_tells_nothing_new(
    real: tuple[Log, dict[str, FileResult]], name: str
) -> None:
    before = real[0].position()
    again = imported(real[0], name)

    assert (0, 0, FILES[name]) == (again.new, again.revised, again.unchanged)
    assert before == real[0].position()


def test_the_reimbursements_sum_to_what_the_file_says(
    real: tuple[Log, dict[str, FileResult]],
) -> None:
    """By the events in the log, and by the control total of the import."""
    posted = [
        entry.event.amount.minor
        for entry in real[0].entries(topics=[ReimbursementPosted.TOPIC])
        if isinstance(entry.event, ReimbursementPosted)
    ]
    told = next(one for one in imports_of(real[0]) if one.file == REIMBURSEMENTS)

    assert (466, 783_995) == (len(posted), sum(posted))
    assert (Money.of("7839.95", "USD"),) == told.totals


def test_the_files_of_the_account_open_to_what_was_delivered_byte_for_byte(
    real: tuple[Log, dict[str, FileResult]],
) -> None:
    log, results = real

    assert all(log.original(results[name].digest) == real_file(name) for name in FILES)


def test_a_settlement_of_another_account_adds_up_to_its_total(tmp_path: Path) -> None:
    log = opened(tmp_path, "other")
    result = imported(log, SETTLEMENT)
    (closed,) = (
        entry.event
        for entry in log.entries(ACCOUNT_STREAM)
        if isinstance(entry.event, SettlementClosed)
    )
    told = [
        entry.event
        for entry in log.entries(ACCOUNT_STREAM)
        if isinstance(entry.event, ReportImported)
    ]

    assert (0, "4246.20 USD") == (result.refused, str(closed.total))
    assert [(Money.of("4246.20", "USD"),)] == [one.totals for one in told]
    assert 0 == imported(log, SETTLEMENT).new
    assert [] == [one for one in audit(Recall(log, date(2017, 3, 15))) if one.verdict == "ready"]
    log.close()


@pytest.mark.parametrize("name", NOT_READ)
def test_a_file_of_a_kind_not_yet_read_says_so(tmp_path: Path, name: str) -> None:
    log = opened(tmp_path, "other")
    before = log.position()

    with pytest.raises(LedgerError) as refused:
        imported(log, name)

    assert name in str(refused.value)
    assert refused.value.advice()
    assert before == log.position()
    log.close()


# --- auditing ---------------------------------------------------------------------------------


def test_nothing_is_ready_without_settlements_and_a_stock_ledger(findings: list[Finding]) -> None:
    assert findings
    assert {"review", "paid", "not_claimable", "overpaid"} >= {one.verdict for one in findings}


def test_exactly_the_damaged_and_unpaid_returns_are_in_review(findings: list[Finding]) -> None:
    """29 came back damaged by Amazon or its carrier, 25 of them were paid."""
    in_review = [one for one in findings if one.verdict == "review"]

    assert 4 == len(in_review)
    assert {"return_damaged"} == {one.claim_type for one in in_review}
    assert sorted(row["order-id"] for _, row in unpaid()) == sorted(
        str(one.order_id) for one in in_review
    )


def test_every_unit_that_came_back_unsellable_has_one_answer(findings: list[Finding]) -> None:
    """By the states that the file tells: 334 returns, 173 of them sellable."""
    unsellable = [row for _, row in cells(RETURNS) if row["detailed-disposition"] != "SELLABLE"]

    assert len(unsellable) == sum(one.claim_type == "return_damaged" for one in findings)
    assert len(findings) == len({one.finding_id for one in findings})


def test_what_the_customer_damaged_or_was_defective_is_nobodys_but_the_sellers(
    findings: list[Finding],
) -> None:
    seller = sum(
        row["detailed-disposition"] in ("CUSTOMER_DAMAGED", "DEFECTIVE")
        for _, row in cells(RETURNS)
    )

    assert seller == sum(one.verdict in ("not_claimable", "overpaid") for one in findings)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_three_of_them_explained_by_hand(
    real: tuple[Log, dict[str, FileResult]], findings: list[Finding], number: int
) -> None:
    """What the file's own row says, against each test of the finding and the entry that it names."""
    log, results = real
    line, row = unpaid()[number]
    (finding,) = (
        one for one in findings if one.order_id == row["order-id"] and one.verdict == "review"
    )
    moment = datetime.fromisoformat(row["return-date"]).astimezone(UTC)
    day = day_of(moment.isoformat().replace("+00:00", "Z"), "US")
    came = answer_to(finding, "Did it come back?")
    (entry,) = (one for one in log.entries(finding.stream) if isinstance(one.event, UnitReturned))

    assert (line, results[RETURNS].digest) == (entry.source.row, entry.source.digest)
    assert [str(entry.position)] == [one.id for one in came.decided_by]
    assert f"yes, on {day} as {row['detailed-disposition']}" == came.answer
    assert (row["sku"], row["fnsku"], row["asin"]) == (finding.sku, finding.fnsku, finding.asin)
    assert f"fba.disposition.{row['detailed-disposition']}.1" in finding.rule_ids
    assert "amazon" in answer_to(finding, "Who bears").answer
    assert not answer_to(finding, "certain").passed
    assert "US" == answer_to(finding, "marketplace's rules").answer
    assert "FBA: Amazon fulfilled it" == answer_to(finding, "Did Amazon fulfil it").answer
    paid = answer_to(finding, "Has this unit been paid for?")
    assert (row["status"] != "Reimbursed") == paid.passed
    assert "when the buyer was refunded" in answer_to(finding, "Is today a day").answer
    assert (None, None) == (finding.window_opens, finding.amount_expected)


def test_the_samples_are_outside_the_repository() -> None:
    """They are other people's: nothing of them is kept here."""
    repository = Path(__file__).resolve().parent.parent

    assert repository not in REAL_FILES.parents
