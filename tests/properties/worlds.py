"""Invented worlds of report files: downloads that overlap, agree, contradict each other and come in old forms.

Everything is drawn from little, so that rows meet: two orders, two days, two plates, three stories.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from hypothesis import strategies as st

from ledger.event import ACCOUNT_STREAM
from ledger.events import BY_TOPIC
from ledger.folding import fold
from ledger.importing import FileResult, Statement, import_file
from ledger.store import Log, open_log

Cells = Mapping[str, str]
PERIOD: Final = (date(2026, 6, 1), date(2026, 6, 30))
DAYS: Final = tuple(date(2026, 6, day) for day in (1, 3, 6, 9, 12, 15, 30))
"""Days that are asked about: before, between and after everything that is told."""


class Download(msgspec.Struct, frozen=True):
    """A report file with what is stated of it."""

    columns: tuple[str, ...]
    rows: tuple[Cells, ...]
    told_at: str

    @property
    def data(self) -> bytes:
        lines = [self.columns, *([row.get(name, "") for name in self.columns] for row in self.rows)]
        return "".join("\t".join(cells) + "\r\n" for cells in lines).encode()

    @property
    def statement(self) -> Statement:
        return Statement(
            actor="seller",
            command_id="property",
            marketplace="US",
            period=PERIOD,
            told_at=self.told_at,
        )


# --- rows of each report ----------------------------------------------------------------------

ORDERS: Final = st.sampled_from(["111-0000001-0000001"] * 3 + ["111-0000002-0000002"])
DATES: Final = st.sampled_from(["2026-06-02T10:00:00+00:00", "2026-06-05T10:00:00+00:00"])
STATES: Final = st.sampled_from(["", "Reimbursed", "Disposed"])

RETURN: Final = (
    "return-date",
    "order-id",
    "sku",
    "asin",
    "fnsku",
    "quantity",
    "fulfillment-center-id",
    "detailed-disposition",
    "reason",
)
STOCK: Final = (
    "Date",
    "FNSKU",
    "ASIN",
    "MSKU",
    "Event Type",
    "Reference ID",
    "Quantity",
    "Fulfillment Center",
    "Disposition",
    "Reason",
    "Country",
)
LINE: Final = (
    "amazon-order-id",
    "purchase-date",
    "last-updated-date",
    "order-status",
    "fulfillment-channel",
    "sales-channel",
    "sku",
    "asin",
    "item-status",
    "quantity",
    "currency",
    "item-price",
    "item-tax",
    "shipping-price",
    "shipping-tax",
    "gift-wrap-price",
    "gift-wrap-tax",
    "item-promotion-discount",
    "ship-promotion-discount",
)
PAYMENT: Final = (
    "approval-date",
    "reimbursement-id",
    "case-id",
    "amazon-order-id",
    "reason",
    "sku",
    "fnsku",
    "asin",
    "condition",
    "currency-unit",
    "amount-per-unit",
    "amount-total",
    "quantity-reimbursed-cash",
    "quantity-reimbursed-inventory",
    "quantity-reimbursed-total",
    "original-reimbursement-id",
    "original-reimbursement-type",
)


@st.composite
def returns(draw: st.DrawFn, told_at: str) -> Download:
    """Forms with and without status and plates; a blank plate beside others, a plate that moves."""
    columns = draw(
        st.sampled_from(
            [
                RETURN,
                (*RETURN, "status"),
                (*RETURN, "status", "license-plate-number"),
                (*RETURN, "status", "license-plate-number"),
            ]
        )
    )
    row = st.fixed_dictionaries(
        {
            "return-date": DATES,
            "order-id": ORDERS,
            "asin": st.sampled_from(["A", "A", "A", "B"]),
            "detailed-disposition": st.sampled_from(["SELLABLE"] * 3 + ["DEFECTIVE"]),
            "status": STATES,
            "license-plate-number": st.sampled_from(["", "LPN1", "LPN2"]),
        }
    ).map(
        lambda told: {
            "sku": "MUG",
            "fnsku": "X1",
            "quantity": "1",
            "fulfillment-center-id": "LEX1",
            "reason": "DEFECTIVE",
            **told,
        }
    )
    return Download(columns, tuple(draw(st.lists(row, min_size=1, max_size=4))), told_at)


@st.composite
def movements(draw: st.DrawFn, told_at: str) -> Download:
    """Rows alike in everything, some of which are reconciled meanwhile."""
    told = ("Reconciled Quantity", "Unreconciled Quantity")
    columns = draw(st.sampled_from([STOCK, (*STOCK, *told), (*STOCK, *told)]))
    row = st.fixed_dictionaries(
        {
            "Date": st.sampled_from(["06/02/2026", "06/05/2026"]),
            "Reconciled Quantity": st.sampled_from(["0", "1"]),
            "Unreconciled Quantity": st.sampled_from(["0", "1", ""]),
        }
    ).map(
        lambda told: {
            "FNSKU": "X1",
            "ASIN": "A",
            "MSKU": "MUG",
            "Event Type": "Adjustments",
            "Quantity": "-1",
            "Fulfillment Center": "LEX1",
            "Disposition": "SELLABLE",
            "Reason": "M",
            "Country": "US",
            **told,
        }
    )
    return Download(columns, tuple(draw(st.lists(row, min_size=1, max_size=5))), told_at)


@st.composite
def lines(draw: st.DrawFn, told_at: str) -> Download:
    """One SKU on two lines of an order, which only a newer form tells apart; dated row by row."""
    items = draw(st.sampled_from([(), ("I1",), ("I1", "I2")]))
    row = st.fixed_dictionaries(
        {
            "order-status": st.sampled_from(["Pending", "Shipped", "Cancelled"]),
            "quantity": st.sampled_from(["1", "2"]),
            "item-price": st.sampled_from(["10.00", "20.00"]),
        }
    ).map(
        lambda told: {
            "amazon-order-id": "111-0000001-0000001",
            "purchase-date": "2026-06-01T10:00:00+00:00",
            "last-updated-date": f"{told_at}T10:00:00+00:00",
            "fulfillment-channel": "Amazon",
            "sales-channel": "Amazon.com",
            "sku": "MUG",
            "asin": "A",
            "currency": "USD",
            **told,
        }
    )
    if not items:
        return Download(LINE, tuple(draw(st.lists(row, min_size=1, max_size=3))), told_at)
    rows = tuple({**draw(row), "order-item-id": item} for item in items)
    return Download((*LINE, "order-item-id"), rows, told_at)


@st.composite
def payments(draw: st.DrawFn, told_at: str) -> Download:
    """Several lines for one id, two of them perhaps alike: two payments."""
    row = st.fixed_dictionaries(
        {
            "reimbursement-id": st.sampled_from(["1", "2"]),
            "amazon-order-id": st.sampled_from(["111-0000001-0000001", ""]),
            "amount-total": st.sampled_from(["10.00", "12.00"]),
            "case-id": st.sampled_from(["", "77"]),
        }
    ).map(
        lambda told: {
            "approval-date": "2026-06-02T10:00:00+00:00",
            "reason": "CustomerReturn",
            "sku": "MUG",
            "fnsku": "X1",
            "asin": "A",
            "currency-unit": "USD",
            "amount-per-unit": "10.00",
            "quantity-reimbursed-cash": "1",
            "quantity-reimbursed-inventory": "0",
            "quantity-reimbursed-total": "1",
            **told,
        }
    )
    return Download(PAYMENT, tuple(draw(st.lists(row, min_size=1, max_size=4))), told_at)


REPORTS: Final[tuple[Callable[[str], st.SearchStrategy[Download]], ...]] = (
    returns,
    returns,
    movements,
    lines,
    payments,
)


@st.composite
def downloads(draw: st.DrawFn) -> list[Download]:
    """Files of one report or of two, downloaded day after day and imported in another order."""
    reports = draw(st.lists(st.sampled_from(REPORTS), min_size=1, max_size=2))
    files = [
        draw(draw(st.sampled_from(reports))(f"2026-06-{6 + 2 * number:02}"))
        for number in range(draw(st.integers(2, 5)))
    ]
    return list(draw(st.permutations(files)))


# --- pieces of a file -------------------------------------------------------------------------


def clusters(file: Download) -> list[list[Cells]]:
    """The rows that may speak of one thing together: alike in their natural key or in their plate."""
    groups: list[tuple[set[object], list[Cells]]] = []
    for row in file.rows:
        names = _names(row)
        touching = [group for group in groups if group[0] & names]
        merged = (set(names).union(*(group[0] for group in touching)), [row])
        for group in touching:
            merged[1].extend(group[1])
            groups.remove(group)
        groups.append(merged)
    return [rows for _, rows in groups]


def _names(row: Cells) -> set[object]:
    """Cells that a revision may change name nothing here: so rows are rather kept together."""
    plate = row.get("license-plate-number")
    changing = {
        "status",
        "license-plate-number",
        "asin",
        "Reconciled Quantity",
        "Unreconciled Quantity",
        "case-id",
    }
    if "amazon-order-id" in row and "purchase-date" in row:
        return {row["amazon-order-id"]}
    told = tuple(sorted((name, cell) for name, cell in row.items() if name not in changing))
    return {told} | ({(row["order-id"], plate)} if plate else set())


@st.composite
def pieces(draw: st.DrawFn, file: Download) -> list[Download]:
    """The file in pieces that overlap, with the same statements; together they tell what it tells."""
    groups = clusters(file)
    parts = [
        draw(st.lists(st.sampled_from(groups), unique_by=id, max_size=3)) for _ in range(2)
    ] + [groups]
    return [
        msgspec.structs.replace(file, rows=tuple(row for group in part for row in group))
        for part in (*parts[:2], _rest(groups, parts[:2]))
        if part
    ]


def _rest(groups: list[list[Cells]], parts: Iterable[list[list[Cells]]]) -> list[list[Cells]]:
    told = {id(group) for part in parts for group in part}
    return [group for group in groups if id(group) not in told]


# --- what becomes of them ---------------------------------------------------------------------


@contextmanager
def log_of(files: Sequence[Download]) -> Iterator[Log]:
    """A log into which these files were imported, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        clock = iter(datetime(2026, 7, 1, 0, n // 60, n % 60, tzinfo=UTC) for n in range(3600))
        log = open_log(
            f"sqlite:///{Path(folder) / 'ledger.db'}",
            "world",
            event_types=BY_TOPIC,
            clock=lambda: next(clock),
        )
        try:
            for number, file in enumerate(files):
                imported(log, file, f"{number}.txt")
            yield log
        finally:
            log.close()


def imported(log: Log, file: Download, name: str = "file.txt", more: bytes = b"") -> FileResult:
    """A file is imported; its rows are counted, all of them."""
    result = import_file(log, file.data + more, name, file.statement)

    assert result.rows == len(file.rows)
    assert result.rows == result.new + result.unchanged + result.revised + result.refused
    return result


def cases(log: Log, known_at: str | None = None) -> dict[str, Any]:
    """Every case on every day, without which entry says so: that depends on who came first."""
    return {
        f"{stream} on {day}": _told(
            {
                name: told
                for name, told in vars(fold(stream, entries, as_of=day)).items()
                if name != "refs"
            }
        )
        for stream, entries in log.cases(known_at=known_at)
        if stream != ACCOUNT_STREAM
        for day in DAYS
    }


def _told(value: Any) -> Any:
    """Without positions and sources, which are left out by their names."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, Mapping):
        own = {"position", "source_digest", "source_row", "told_at"}
        return {_name(name): _told(one) for name, one in value.items() if name not in own}
    if isinstance(value, Set):
        return sorted(map(_told, value))
    if isinstance(value, list | tuple):
        return [_told(one) for one in value]
    return msgspec.to_builtins(value)


def _name(name: object) -> str:
    return name if isinstance(name, str) else repr(name)
