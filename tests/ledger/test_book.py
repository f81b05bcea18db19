"""What an account's cases need of each other: coverage, payments, reversals, replacements."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.book import (
    STOCK,
    STOCK_ADJUSTED,
    STOCK_RETURNED,
    Book,
    Coverage,
    Span,
    coverage_of,
    stated_in,
)
from ledger.case import Case, ImportedReport, Movement, Ref, Reimbursement, Replacement, Return
from ledger.event import ACCOUNT_STREAM, Entry, Source
from ledger.events.imports import ReportImported
from ledger.rulebook import shipped
from ledger.values import Money


def day(number: int) -> date:
    """A day of one long month: the 1st is the first."""
    return date.fromordinal(date(2026, 1, 1).toordinal() + number - 1)


def ref(position: int = 1, on: date | None = None, slot: str = "s#1") -> Ref:
    return Ref(
        position=position,
        slot=slot,
        occurred_at=(on or day(1)).isoformat(),
        day=on or day(1),
        marketplace="US",
        told_at="2026-07-01",
    )


def imported(
    first: int | None,
    last: int | None,
    *,
    stated: bool = True,
    file: str = "",
    told: int | None = None,
    rows: int = 10,
    row_days: int = 2,
    position: int = 1,
    marketplace: str | None = None,
    refused: int = 0,
    only: str | None = None,
    report_format: str = "returns",
) -> ImportedReport:
    """A file of returns that speaks for the days from first to last."""
    return ImportedReport(
        ref=ref(position),
        digest=file or f"{first}-{last}",
        file=f"{file}.txt",
        report_format=report_format,
        period_start=day(first) if first else None,
        period_end=day(last) if last else None,
        stated=stated,
        told_on=day(told) if told else None,
        marketplace=marketplace,
        rows=rows,
        row_days=row_days,
        refused=refused,
        only=only,
    )


def spans(*imports: ImportedReport) -> list[tuple[date, date]]:
    return [(span.first, span.last) for span in coverage_of("returns", imports).spans]


# --- which days files speak for ---------------------------------------------------------------


def test_without_files_nothing_is_covered() -> None:
    coverage = coverage_of("returns", [])

    assert (coverage.spans, coverage.files, coverage.rows) == ((), 0, 0)
    assert coverage.gap(day(1), day(3)) == Span(day(1), day(3))
    assert not coverage.fresh(day(1))


def test_periods_that_touch_or_overlap_are_one() -> None:
    assert spans(imported(1, 10), imported(11, 20), imported(15, 30)) == [(day(1), day(30))]


def test_a_period_inside_another_adds_nothing() -> None:
    assert spans(imported(1, 30), imported(5, 10)) == [(day(1), day(30))]


def test_between_stated_periods_a_single_day_is_a_gap() -> None:
    assert spans(imported(1, 10), imported(12, 20)) == [(day(1), day(10)), (day(12), day(20))]


@pytest.mark.parametrize(("hole", "joined"), [(2, True), (3, False)])
def test_a_hole_of_two_days_between_inferred_periods_is_closed(hole: int, joined: bool) -> None:
    """With one row a file it cannot be told how many days usually pass without any."""
    files = [
        imported(1, 10, stated=False, row_days=1),
        imported(11 + hole, 20, stated=False, row_days=1),
    ]

    assert (len(spans(*files)) == 1) is joined


@pytest.mark.parametrize(
    ("length", "row_days", "hole", "joined"),
    [
        pytest.param(10, 4, 20, True, id="ten times the two days that usually have none"),
        pytest.param(10, 4, 21, False, id="one day more"),
        pytest.param(10, 10, 2, True, id="two days where every day has rows"),
        pytest.param(10, 10, 3, False, id="three of them"),
        pytest.param(10, 10, 7, False, id="a week of them"),
        pytest.param(31, 4, 27, True, id="less than a month where every tenth day has rows"),
        pytest.param(31, 4, 28, False, id="the shortest month there"),
        pytest.param(31, 4, 31, False, id="the longest month there"),
    ],
)
def test_a_hole_is_closed_as_the_rows_let_expect_and_never_a_month(
    length: int, row_days: int, hole: int, joined: bool
) -> None:
    later = length + hole
    files = [
        imported(1, length, stated=False, row_days=row_days),
        imported(later + 1, later + length, stated=False, row_days=row_days),
    ]

    assert (len(spans(*files)) == 1) is joined


def test_an_inferred_period_beside_a_stated_one_may_have_a_hole_before_it() -> None:
    assert len(spans(imported(1, 10), imported(13, 20, stated=False))) == 1
    assert len(spans(imported(1, 10, stated=False), imported(13, 20))) == 1


def test_a_file_without_rows_and_period_speaks_for_no_day() -> None:
    coverage = coverage_of("returns", [imported(None, None, rows=0)])

    assert (coverage.spans, coverage.files) == ((), 1)


def test_a_file_of_which_rows_were_left_out_speaks_for_no_day_and_is_no_telling() -> None:
    """What it does not tell may stand in those rows; of days of which another file was read whole, that speaks."""
    torn = imported(5, 20, told=20, refused=1)
    coverage = coverage_of("returns", [imported(1, 10, told=10), torn])

    assert coverage.spans == (Span(day(1), day(10)),)
    assert (coverage.told_on, coverage.files, coverage.incomplete) == (day(10), 2, 1)
    assert spans(torn, imported(1, 20)) == [(day(1), day(20))]


@pytest.mark.parametrize(
    ("first", "last", "closed"), [(11, 12, False), (9, 20, False), (5, 10, True)]
)
def test_a_hole_is_not_closed_in_which_such_a_file_has_rows(
    first: int, last: int, closed: bool
) -> None:
    files = [imported(1, 10, stated=False), imported(13, 20, stated=False)]
    torn = imported(first, last, stated=False, refused=1, file="torn")

    assert len(spans(*files)) == 1
    assert (len(spans(*files, torn)) == 1) is closed


def test_a_file_that_was_read_whole_at_last_speaks() -> None:
    """The same file, once this program can read the row that it could not."""
    again = imported(1, 10, position=2)

    assert spans(imported(1, 10, refused=1), again) == [(day(1), day(10))]


@pytest.mark.parametrize(
    ("only", "returned", "adjusted"),
    [(None, True, True), ("Adjustments", False, True), ("CustomerReturns", True, False)],
)
def test_a_ledger_of_one_kind_of_event_speaks_for_no_other(
    only: str | None, returned: bool, adjusted: bool
) -> None:
    file = imported(1, 10, only=only, report_format=STOCK)

    assert coverage_of(STOCK, [file]).spans == (Span(day(1), day(10)),)
    assert bool(coverage_of(STOCK_RETURNED, [file]).spans) is returned
    assert bool(coverage_of(STOCK_ADJUSTED, [file]).spans) is adjusted


def test_files_of_another_report_do_not_count() -> None:
    assert coverage_of("settlement", [imported(1, 10)]).spans == ()


# --- what was stated last stands --------------------------------------------------------------


def test_a_file_imported_again_speaks_for_the_period_stated_last() -> None:
    """A period that was stated too wide can be taken back."""
    wide = imported(1, 30, file="f", position=1)
    right = imported(1, 10, file="f", position=2)

    assert spans(wide, right) == spans(right, wide) == [(day(1), day(10))]


def test_a_file_imported_again_counts_once_and_keeps_its_latest_telling() -> None:
    files = [
        imported(1, 10, file="f", position=1, told=12),
        imported(1, 10, file="f", position=2, told=11),
    ]
    coverage = coverage_of("returns", files)

    assert (coverage.files, coverage.rows, coverage.told_on) == (1, 10, day(12))


def test_the_store_stated_last_stands() -> None:
    book = Book(shipped(), day(1))
    case = Case(ACCOUNT_STREAM)
    case.imports = [
        imported(1, 10, file="f", position=2, marketplace="CA"),
        imported(1, 10, file="f", position=1, marketplace="US"),
    ]
    book.add(case)

    assert book.stated_marketplaces() == {"f": "CA"}


def test_what_was_stated_is_read_from_the_accounts_entries() -> None:
    def entry(stream: str, marketplace: str | None, version: int) -> Entry:
        event = ReportImported(
            digest="f",
            file="f.txt",
            report_format="returns",
            root="",
            lines=1,
            rows=1,
            marketplace=marketplace,
        )
        return Entry(
            stream=stream,
            version=version,
            event=event,
            occurred_at="2026-07-01",
            actor="seller",
            source=Source(digest="f"),
        )

    entries = [
        entry(ACCOUNT_STREAM, "US", 1),
        entry(ACCOUNT_STREAM, "CA", 2),
        entry(ACCOUNT_STREAM, None, 3),
        entry("order/1", "DE", 4),
    ]

    assert stated_in(entries) == {"f": "CA"}


# --- gaps -------------------------------------------------------------------------------------

COVERED = Coverage(report_format="returns", spans=(Span(day(5), day(10)), Span(day(15), day(20))))


@pytest.mark.parametrize(
    ("first", "last", "gap"),
    [
        (5, 10, None),
        (6, 9, None),
        (7, 7, None),
        (15, 20, None),
        (1, 3, (1, 3)),
        (1, 7, (1, 4)),
        (5, 12, (11, 12)),
        (8, 18, (11, 14)),
        (1, 30, (1, 4)),
        (12, 13, (12, 13)),
        (16, 25, (21, 25)),
        (25, 30, (25, 30)),
    ],
)
def test_the_first_gap_is_named(first: int, last: int, gap: tuple[int, int] | None) -> None:
    expected = None if gap is None else Span(day(gap[0]), day(gap[1]))

    assert COVERED.gap(day(first), day(last)) == expected


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 10), st.booleans()), max_size=6),
    st.integers(1, 40),
    st.integers(0, 20),
)
def test_a_gap_is_a_day_that_no_span_has_and_none_is_missed(
    periods: list[tuple[int, int, bool]], first: int, length: int
) -> None:
    """Beside a look at every single day."""
    files = [
        imported(start, start + days, stated=stated, file=str(number))
        for number, (start, days, stated) in enumerate(periods)
    ]
    coverage = coverage_of("returns", files)
    asked = range(first, first + length + 1)
    bare = [
        number
        for number in asked
        if not any(span.first <= day(number) <= span.last for span in coverage.spans)
    ]
    gap = coverage.gap(day(asked[0]), day(asked[-1]))

    assert (gap is None) == (not bare)
    if gap is not None:
        assert gap.first == day(bare[0])
        assert {day(number) for number in range(bare[0], first + length + 1)} >= {gap.last}
    for one, other in zip(coverage.spans, coverage.spans[1:], strict=False):
        assert one.last < other.first


@given(st.permutations([(1, 5), (4, 9), (12, 13), (14, 20), (30, 31)]))
def test_coverage_does_not_depend_on_the_order_of_files(periods: list[tuple[int, int]]) -> None:
    assert spans(*(imported(*period) for period in periods)) == [
        (day(1), day(9)),
        (day(12), day(20)),
        (day(30), day(31)),
    ]


@pytest.mark.parametrize(("days", "fresh"), [(-30, True), (0, True), (7, True), (8, False)])
def test_the_last_telling_is_fresh_for_a_week(days: int, fresh: bool) -> None:
    coverage = coverage_of("returns", [imported(1, 10, told=50), imported(11, 20, told=40)])

    assert coverage.fresh(day(50 + days)) is fresh


# --- what cases need of each other ------------------------------------------------------------


def payment(number: str, *, original: str | None = None, fnsku: str | None = None) -> Reimbursement:
    return Reimbursement(
        ref=ref(),
        reimbursement_id=number,
        case_id=None,
        order_id=None,
        reason="CustomerReturn",
        sku="MUG",
        fnsku=fnsku,
        asin=None,
        amount=Money(100, "USD"),
        cash=1,
        inventory=0,
        total=1,
        reversal=original is not None,
        original_id=original,
    )


def booked(case: Case) -> Book:
    book = Book(shipped(), day(1))
    book.add(case)
    return book


def test_a_reversal_is_found_by_the_payment_that_it_takes_back() -> None:
    case = Case("account")
    case.reimbursements = [payment("1", fnsku="X"), payment("2", original="1", fnsku="X")]
    book = booked(case)

    assert [one.reimbursement_id for one in book.payments["1"]] == ["1"]
    assert [one.reimbursement_id for one in book.reversals["1"]] == ["2"]
    assert [one.reimbursement_id for one in book.stock_payments["X"]] == ["1", "2"]


def movement(kind: str, quantity: int, reason: str | None = None) -> Movement:
    return Movement(
        ref=ref(),
        kind=kind,
        fnsku="X",
        asin=None,
        sku=None,
        quantity=quantity,
        fulfillment_center=None,
        disposition=None,
        reason=reason,
        reference=None,
    )


@pytest.mark.parametrize(
    ("kind", "quantity", "reason", "into_stock"),
    [
        ("CustomerReturns", 1, None, True),
        ("Customer Returns", 1, None, True),
        ("Adjustments", 1, "F", True),
        ("Adjustments", 1, "N", True),
        ("Adjustments", 1, "M", False),
        ("Adjustments", -1, "F", False),
        ("Receipts", 1, None, False),
    ],
)
def test_stock_knows_what_came_back_or_was_found(
    kind: str, quantity: int, reason: str | None, into_stock: bool
) -> None:
    case = Case("stock/X")
    case.movements = [movement(kind, quantity, reason)]

    assert bool(booked(case).stock["X"]) is into_stock


def returned(fnsku: str | None = None) -> Return:
    return Return(
        ref=ref(),
        programme="FBA",
        sku="MUG",
        fnsku=fnsku,
        asin=None,
        quantity=1,
        disposition=None,
        reason=None,
    )


def test_a_return_under_a_replacement_is_the_original_orders() -> None:
    original, replacement = Case("order/1"), Case("order/2")
    original.replacements = [
        Replacement(ref=ref(), replacement_order_id="2", sku="MUG", quantity=1, reason=None)
    ]
    replacement.returns = [returned("X")]
    book = booked(original)
    book.add(replacement)
    book.link([original, replacement])

    assert book.original_of == {"2": "1"}
    assert book.replacement_returns == {"1": replacement.returns}
    assert book.returns_by_fnsku == {"X": replacement.returns}
