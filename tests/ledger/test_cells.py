"""Cells: numbers, money and dates are what they must be, or refused with where and what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cells import Places, Reading, Row, _moment, decimal_mark, moment, shown
from ledger.errors import UnreadableRow
from ledger.values import EXPONENTS, Money, instant


def row(**cells: str) -> Row:
    """One row in which each cell stands under a column of that name."""
    places = {name: place for place, name in enumerate(cells)}
    return Row(Reading(file="june.txt"), 7, [*cells.values(), ""], Places(places))


def test_a_blank_cell_and_a_missing_column_have_no_text() -> None:
    assert row(sku="MUG").text("sku") == "MUG"
    assert row(sku="").text("sku") is None
    assert row(sku="MUG").text("asin") is None


def test_only_a_missing_column_is_not_there() -> None:
    assert row(sku="").has("sku")
    assert not row(sku="").has("asin")


def test_a_needed_cell_that_is_blank_is_refused_with_its_place() -> None:
    with pytest.raises(UnreadableRow) as caught:
        row(sku="").need("sku")
    assert (caught.value.file, caught.value.row, caught.value.column) == ("june.txt", 7, "sku")


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("0", 0), ("-3", -3), ("+3", 3), ("007", 7), ("999999999", 999999999)],
)
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert row(quantity=text).number("quantity") == number
    assert row(quantity=text).number_or_none("quantity") == number


@pytest.mark.parametrize(
    "text", ["one", "1.0", "1,0", "-", "+-5", "-+5", "1_000", "٣", "²", "1 2", "1e3", "9999999999"]
)
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRow, match="not a whole number"):
        row(quantity=text).number("quantity")


def test_a_row_in_which_no_unit_moved_is_refused() -> None:
    assert row(quantity="2").units("quantity") == 2
    for text in ("0", "-1"):
        with pytest.raises(UnreadableRow, match="not a number of units"):
            row(quantity=text).units("quantity")


def test_a_number_that_may_be_blank_is_none() -> None:
    assert row(quantity="").number_or_none("quantity") is None
    assert row(amount="").money_or_none("amount", "USD") is None


@pytest.mark.parametrize(
    ("text", "comma", "amount"),
    [
        ("12.34", False, "12.34"),
        ("-0.5", False, "-0.50"),
        ("2.0", False, "2.00"),
        ("7.500", False, "7.50"),
        ("1,234.50", False, "1234.50"),
        ("1,234,567", False, "1234567.00"),
        ("12,34", True, "12.34"),
        ("-1.234,50", True, "-1234.50"),
        ("1.234", True, "1234.00"),
    ],
)
def test_an_amount_is_exact(text: str, comma: bool, amount: str) -> None:
    assert row(amount=text).money("amount", "USD", comma=comma) == Money.of(amount, "USD")


@pytest.mark.parametrize(
    ("text", "comma"),
    [
        ("12,34", False),
        ("1,234.5,6", False),
        ("1,,234", False),
        (",234", False),
        ("12.34", True),
        ("1.23,4", True),
        ("0.001", False),
        ("$1.00", False),
        ("1.00 USD", False),
        ("(1.00)", False),
        ("1e2", False),
        ("--1", False),
        ("NaN", False),
        ("", False),
    ],
)
def test_what_is_no_amount_is_refused(text: str, comma: bool) -> None:
    with pytest.raises(UnreadableRow) as caught:
        row(amount=text).money("amount", "USD", comma=comma)
    assert (caught.value.row, caught.value.column, caught.value.found) == (7, "amount", text)


def test_an_amount_without_a_currency_is_refused() -> None:
    with pytest.raises(UnreadableRow, match="without a currency"):
        row(amount="1.00").money("amount", None)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("12.34", "."),
        ("12,34", ","),
        ("1,234.50", "."),
        ("1.234,50", ","),
        ("1.234.567,8", ","),
        ("0.5", "."),
        ("1234", None),
        ("1.234", None),
        ("1,234", None),
        ("1.234.567", None),
        ("-", None),
        ("", None),
    ],
)
def test_an_amount_shows_its_decimal_mark_or_does_not(text: str, mark: str | None) -> None:
    assert decimal_mark(text) == mark


MINORS = st.integers(-(10**11), 10**11)


@given(MINORS)
def test_point_and_comma_tell_the_same_amount(minor: int) -> None:
    text = f"{minor // 100 if minor >= 0 else -(-minor // 100):,}.{abs(minor) % 100:02d}"
    text = f"-{text}" if minor < 0 and not text.startswith("-") else text
    turned = text.translate(str.maketrans(",.", ".,"))

    assert row(a=text).money("a", "EUR") == Money(minor, "EUR")
    assert row(a=turned).money("a", "EUR", comma=True) == Money(minor, "EUR")
    assert row(a=text).money_as_written("a", "EUR") == Money(minor, "EUR")
    assert row(a=turned).money_as_written("a", "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize(("text", "code"), [("USD", "USD"), ("eur", "EUR"), ("JPY", "JPY")])
def test_a_currency_is_one_that_can_be_counted_in(text: str, code: str) -> None:
    assert row(currency=text).currency("currency") == code


@pytest.mark.parametrize("text", ["", "US Dollars", "DOGE", "$"])
def test_another_currency_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRow):
        row(currency=text).currency("currency")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-07-06T10:00:00+00:00", "2026-07-06T10:00:00Z"),
        ("2026-07-06T10:00:00Z", "2026-07-06T10:00:00Z"),
        ("2026-07-06T03:00:00-07:00", "2026-07-06T10:00:00Z"),
        ("2026-07-06T10:00:00.250+00:00", "2026-07-06T10:00:00.250000Z"),
        ("2026-07-06 10:00:00 UTC", "2026-07-06T10:00:00Z"),
        ("06.07.2026 10:00:00 UTC", "2026-07-06T10:00:00Z"),
        ("06.07.2026", "2026-07-06"),
        ("2026-07-06", "2026-07-06"),
        ("2026-07-06T00:00:00+00:00", "2026-07-06"),
        ("2026-07-06T00:00:00-07:00", "2026-07-06T07:00:00Z"),
        ("2026-07-06T00:00:01+00:00", "2026-07-06T00:00:01Z"),
    ],
)
def test_a_date_is_an_instant_with_its_offset_or_a_day(text: str, told: str) -> None:
    assert moment(text) == told
    assert row(date=text).moment("date") == told


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-06T10:00:00",
        "2026-07-06 10:00",
        "07/06/2026",
        "7/6/26",
        "2026-W01-1",
        "2026-02-30",
        "31.02.2026",
        "6.7.2026",
        "06.07.26",
        "0001-01-01T00:00:00+14:00",
        "yesterday",
        "46209",
    ],
)
def test_what_names_no_moment_is_refused(text: str) -> None:
    """Without an offset nobody knows when it was; with slashes nobody knows the month."""
    assert moment(text) is None
    with pytest.raises(UnreadableRow, match="not a date"):
        row(date=text).moment("date")


def test_a_date_that_may_be_blank_is_none() -> None:
    assert row(date="").moment_or_none("date") is None


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  zones are added below
    st.integers(-14 * 4, 14 * 4),
)
def test_every_moment_written_with_its_offset_is_read_back(when: datetime, quarters: int) -> None:
    told = when.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    read = moment(told.isoformat())

    midnight = told.utcoffset() == timedelta(0) and told.isoformat().endswith("T00:00:00+00:00")
    assert read == (told.date().isoformat() if midnight else instant(told.astimezone(UTC)))


def test_a_known_code_is_silent_and_an_unknown_one_is_reported_and_kept() -> None:
    one = row(reason="DEFECTIVE", status="On its way")

    assert one.code("reason", {"DEFECTIVE"}) == "DEFECTIVE"
    assert one.code("status", {"ARRIVED"}) == "On its way"
    assert one.code("missing", {"ARRIVED"}) is None
    assert one.reading.unknown_codes == {"status: On its way"}


def test_a_code_is_known_in_any_spelling_where_it_is_listed_folded() -> None:
    one = row(reason="Lost-Warehouse")

    assert one.code("reason", {"LOST_WAREHOUSE"}) == "Lost-Warehouse"
    assert one.reading.unknown_codes == set()


def test_a_long_unknown_code_is_reported_by_its_beginning() -> None:
    one = row(reason="x" * 500)
    one.code("reason", set())

    (reported,) = one.reading.unknown_codes
    assert len(reported) < 80


@pytest.mark.parametrize(
    ("store", "channel", "expected"),
    [
        ("Amazon.com", "AFN", ("US", "FBA")),
        ("amazon.de", "MFN", ("DE", "FBM")),
        ("www.amazon.co.uk", "Amazon", ("UK", "FBA")),
        ("Amazon.co.jp", "Merchant", ("JP", "FBM")),
        ("Non-Amazon", "AFN", (None, "MCF")),
        ("Non-Amazon US", "", (None, "MCF")),
        ("", "AFN", (None, "FBA")),
        ("", "", (None, None)),
    ],
)
def test_store_and_channel_tell_marketplace_and_programme(
    store: str, channel: str, expected: tuple[str | None, str | None]
) -> None:
    one = row(store=store, channel=channel)

    assert one.sold("store", "channel") == expected
    assert one.reading.unknown_codes == set()


def test_an_unknown_store_or_channel_is_reported() -> None:
    one = row(store="Amazon.aq", channel="DRONE")

    assert one.sold("store", "channel") == (None, None)
    assert one.reading.unknown_codes == {"store: Amazon.aq", "channel: DRONE"}


def test_a_found_value_is_shown_short() -> None:
    with pytest.raises(UnreadableRow) as caught:
        row(date="x" * 5000).moment("date")
    assert len(caught.value.found or "") < 100


# --- what a message shows ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one",
        "1,23.4",
        "12/31/26",
        "09-03-2026",
        "2026-13-45",
        "06.07.2026 10:00:00 UTC",
        "1e3",
        "XXX",
    ],
)
def test_a_message_shows_what_could_be_a_number_or_a_date(text: str) -> None:
    assert text == shown(text)


@pytest.mark.parametrize(
    "text",
    [
        "Erika",
        "Erika 12",
        "erika@b.se",
        "call 1",
        "+46 70 123 45 67",
        "12 Elm Street",
        "1 " * 30,
        "Müller",
        "山田太郎様",
    ],
)
def test_a_message_shows_nobodys_words(text: str) -> None:
    assert shown(text) == f"... ({len(text)} characters)"


MOMENTS = st.one_of(
    st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    st.dates().map(lambda day: f"{day}T00:00:00+00:00"),
    st.builds(
        "{}{}{}{}".format,
        st.dates(),
        st.sampled_from(["T", " ", "-", ""]),
        st.times(),
        st.sampled_from(["+00:00", "-00:00", "+0000", "Z", "", "+01:00", " +00:00"]),
    ),
    st.from_regex(r"[0-9-]{8,10}[T ]?[0-9:.,]{0,12}\+00:00", fullmatch=True),
)


@given(MOMENTS)
def test_the_usual_way_of_writing_a_moment_is_read_as_every_other(text: str) -> None:
    """The short cut for what Amazon writes nearly always, and the thorough way."""
    assert moment(text) == _moment(text)


@given(st.integers(1 - 10**15, 10**15 - 1), st.sampled_from(sorted(EXPONENTS)))
def test_an_amount_is_written_exactly(minor: int, currency: str) -> None:
    places = EXPONENTS[currency]

    assert f"{Decimal(minor).scaleb(-places):.{places}f}" == Money(minor, currency).text
    assert Money(minor, currency) == Money.of(Money(minor, currency).text, currency)
