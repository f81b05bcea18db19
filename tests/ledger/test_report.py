"""Report formats: found by the header's content, and told apart from what is only alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError, UnreadableFile, UnreadableRow
from ledger.event import order_stream
from ledger.events.orders import OrderStatusReported
from ledger.report import Column, Part, Reading, ReportFormat, Row, RowTold, identify, key
from ledger.reports import REPORT_FORMATS
from ledger.table import Table, read_table


class Statuses(ReportFormat):
    """Order statuses: a report that Amazon does not have."""

    name = "statuses"
    title = "Order statuses"
    amazon_type = "GET_INVENTED_DATA"
    download = "Seller Central > Reports > Statuses"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("Order ID", other_names=("amazon-order-id",)),
        Column("status"),
        Column("note", required=False),
        Column("buyer", required=False, ignored="personal"),
    )

    def told(self, row: Row) -> RowTold:
        order_id = row.need("Order ID")
        event = OrderStatusReported(
            order_id=order_id, order_status=row.need("status"), item_status=row.text("note")
        )
        return RowTold(
            rows=(row.line,),
            stream=order_stream(order_id),
            keys=(key("status", order_id),),
            parts=(Part(event=event),),
        )


class Dated(Statuses):
    """The same with a date: whoever has its columns has the other's too."""

    name = "dated-statuses"
    columns = (*Statuses.columns, Column("date"))


class Joined(Statuses):
    """All rows of a file in one: a format may read them together."""

    name = "joined-statuses"

    def facts(
        self, rows: Iterable[Row | UnreadableRow], reading: Reading
    ) -> Iterator[RowTold | UnreadableRow]:
        told = [self.told(row) for row in rows if isinstance(row, Row)]
        yield RowTold(
            rows=tuple(line for row in told for line in row.rows),
            stream="account",
            keys=("all",),
            parts=told[0].parts,
        )


def table(text: str) -> Table:
    return read_table(text.encode(), "june.txt")


def facts(text: str, form: ReportFormat | None = None) -> list[RowTold | UnreadableRow]:
    return list((form or Statuses()).read(table(text), Reading(file="june.txt")))


def told(text: str) -> list[OrderStatusReported]:
    events = [fact.parts[0].event for fact in facts(text) if isinstance(fact, RowTold)]
    return [event for event in events if isinstance(event, OrderStatusReported)]


def test_columns_are_found_by_name_in_any_order() -> None:
    """Among columns that nobody knows, too."""
    expected = [OrderStatusReported(order_id="1", order_status="Shipped", item_status="x")]

    assert told("Order ID\tstatus\tnote\n1\tShipped\tx\n") == expected
    assert told("note\tmoon\tSTATUS\torder_id\nx\tfull\tShipped\t1\n") == expected
    assert told("amazon-order-id\tstatus\tnote\n1\tShipped\tx\n") == expected


def test_a_columns_own_name_counts_before_its_other_names() -> None:
    text = "amazon-order-id\torder-id\tstatus\n2\t1\tShipped\n"

    assert told(text)[0].order_id == "1"
    assert told("order-id\tamazon-order-id\tstatus\n1\t2\tShipped\n")[0].order_id == "1"


def test_an_ignored_column_cannot_be_read_at_all() -> None:
    seen: list[Row] = []

    class Looking(Statuses):
        def told(self, row: Row) -> RowTold:
            seen.append(row)
            return super().told(row)

    facts("order-id\tstatus\tbuyer\n1\tShipped\tAnn Example\n", Looking())

    assert (seen[0].text("buyer"), seen[0].has("buyer")) == (None, False)


def test_an_optional_column_may_be_missing() -> None:
    assert told("order-id\tstatus\n1\tShipped\n")[0].item_status is None


def test_a_row_that_cannot_be_read_comes_as_its_error_and_the_others_are_told() -> None:
    found = facts("order-id\tstatus\n1\tShipped\n2\t\n3\tPending\n")
    error = found[1]

    assert isinstance(error, UnreadableRow)
    assert (len(found), error.file, error.row, error.column) == (3, "june.txt", 3, "status")


def test_no_code_is_reported_of_a_row_that_cannot_be_read() -> None:
    """A row that was split in the wrong place holds a buyer's words where a code should stand."""

    class Coded(Statuses):
        def told(self, row: Row) -> RowTold:
            row.code("note", ["gift"])
            return super().told(row)

    reading = Reading(file="june.txt")
    text = "order-id\tstatus\tnote\n1\tShipped\todd\n2\t\tErika Bergqvist\n3\t\todd\n"
    list(Coded().read(table(text), reading))

    assert {"note: odd"} == reading.unknown_codes


def test_a_format_may_read_rows_together() -> None:
    (fact,) = facts("order-id\tstatus\n1\tShipped\n2\tPending\n", Joined())

    assert isinstance(fact, RowTold)
    assert fact.rows == (2, 3)


def test_a_header_without_rows_is_refused() -> None:
    """It tells nothing, and would be taken for a period in which nothing happened."""
    with pytest.raises(UnreadableFile, match=r"the header of 'statuses' \(Order statuses\)"):
        facts("order-id\tstatus\n")


def test_downloads_that_were_joined_are_refused_where_their_rows_would_count_twice() -> None:
    text = "order-id\tstatus\n1\tShipped\n"

    class Footing(Statuses):
        may_be_joined = True

    with pytest.raises(UnreadableFile, match=r"june.txt: the header comes again"):
        facts(text + text)
    assert len(facts(text + text, Footing())) == 2


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="column 'status': 2 columns have this name"):
        facts("order-id\tstatus\tStatus\n1\tShipped\tPending\n")


def test_an_ignored_or_unknown_column_may_be_there_twice() -> None:
    assert len(told("order-id\tstatus\tbuyer\tbuyer\tmoon\tmoon\n1\tShipped\ta\tb\tc\td\n")) == 1


def test_the_format_with_most_of_the_columns_is_the_one() -> None:
    formats = (Statuses(), Dated())

    assert identify(table("order-id\tstatus\n"), formats).name == "statuses"
    assert identify(table("order-id\tstatus\tdate\n"), formats).name == "dated-statuses"
    assert identify(table("date\torder-id\tstatus\n"), formats[::-1]).name == "dated-statuses"


def test_an_unknown_file_says_which_report_is_nearest_and_what_differs() -> None:
    with pytest.raises(UnreadableFile) as caught:
        identify(table("order-id\tState of it\tnote\n"), (Statuses(),))
    assert str(caught.value) == (
        "june.txt, row 1: nearest to 'statuses' (Order statuses), which differs: "
        "missing 'status'; not known to it: 'State of it'"
    )
    assert "Seller Central > Reports > Statuses" in caught.value.advice()


def test_a_file_that_is_near_to_none_shows_its_first_line_and_what_is_read() -> None:
    with pytest.raises(UnreadableFile) as caught:
        identify(table("name\tcolour\n"), REPORT_FORMATS)
    assert "not a report that this ledger reads (found 'name | colour')" in str(caught.value)
    assert all(form.title in caught.value.advice() for form in REPORT_FORMATS)


@pytest.mark.parametrize(
    "line",
    [
        "Erika Bergqvist\terika@buyer.example",
        "302-1234567-1234567\tErika Bergqvist",
        "Erika Bergqvist\t2026-07-06",
        "Mr Bergqvist\tElm Street",
        "Erika Bergqvist\t-12.50",
    ],
)
def test_a_first_line_of_values_is_not_shown(line: str) -> None:
    with pytest.raises(UnreadableFile, match="the first line holds values") as caught:
        identify(table(f"{line}\n"), REPORT_FORMATS)
    assert "Bergqvist" not in str(caught.value) + caught.value.advice()


def test_a_first_line_that_is_no_table_is_not_shown() -> None:
    with pytest.raises(UnreadableFile, match="not a report that this ledger reads") as caught:
        identify(table("KZ-rhlfRAQUxnTxhbTOBtmTXaloUrjbtjMCJo=\n"), REPORT_FORMATS)
    assert "rhlf" not in str(caught.value) + caught.value.advice()


def test_long_lists_of_columns_are_cut_short_in_a_message() -> None:
    many = "\t".join(f"column number {number} {'x' * 100}" for number in range(300))

    with pytest.raises(LedgerError) as caught:
        identify(table(f"order-id\t{many}\n"), (Statuses(),))
    assert len(str(caught.value)) < 600


def test_a_key_tells_every_value_apart_and_blank_from_none() -> None:
    keys = [
        key("row", "a", "b"),
        key("row", "ab"),
        key("row", "a", "b", None),
        key("row", "a", "b", ""),
        key("row", "a", "b", "None"),
        key("line", "a", "b"),
        key("row", "b", "a"),
    ]

    assert len(set(keys)) == len(keys)


@given(st.lists(st.text()), st.lists(st.text()))
def test_two_keys_are_one_only_where_their_values_are(one: list[str], other: list[str]) -> None:
    assert (key("row", *one) == key("row", *other)) == (one == other)


@pytest.mark.parametrize("form", REPORT_FORMATS, ids=lambda form: form.name)
def test_every_format_is_found_by_its_own_columns(form: ReportFormat) -> None:
    """By the required ones alone, and by all of them; in any order."""
    required = [column.name for column in form.columns if column.required]
    everything = [column.name for column in form.columns]

    for names in (required, everything, everything[::-1]):
        assert identify(table("\t".join(names) + "\n"), REPORT_FORMATS) is form


@pytest.mark.parametrize("form", REPORT_FORMATS, ids=lambda form: form.name)
def test_every_format_says_what_it_is_and_where_it_comes_from(form: ReportFormat) -> None:
    assert form.name == form.name.lower()
    assert " " not in form.name
    assert form.title
    assert form.amazon_type.startswith("GET_")
    assert form.download.startswith("Seller Central > ")


@pytest.mark.parametrize("form", REPORT_FORMATS, ids=lambda form: form.name)
def test_no_required_column_is_ignored(form: ReportFormat) -> None:
    """A file must not be refused for want of something that is never read."""
    assert [column.name for column in form.columns if column.required and column.ignored] == []


def test_a_file_without_rows_is_an_answer_where_its_period_is_stated() -> None:
    """No rows for the days asked for is a fact; no rows for nobody knows when tells nothing."""
    stated = Reading(file="june.txt", period_stated=True)

    assert list(Statuses().read(table("order-id\tstatus\n"), stated)) == []
