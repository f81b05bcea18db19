"""How far the return of each order and SKU has come, with the quantities that tell the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import ClassVar, Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Table, func

from ledger.allocation import refunded_units, unit_price
from ledger.book import RETURNS, Book
from ledger.case import (
    Case,
    OrderLine,
    Refund,
    Reimbursement,
    RequestState,
    Return,
    ReturnRequest,
    Sale,
    SettledTransaction,
    Shipment,
)
from ledger.event import Entry, Event, order_stream
from ledger.events.imports import ReportImported
from ledger.events.orders import ReplacementShipped
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.store import Log
from ledger.values import Money, code
from projections.projection import Projection, digest_of

# --- the table --------------------------------------------------------------------------------


class Status(msgspec.Struct, frozen=True, gc=False):
    """One SKU of one order: what was shipped, refunded, returned, reimbursed, and how far it came."""

    stream: str
    marketplace: str | None
    programme: str | None
    order_id: str
    sku: str | None
    """None for payments that name no SKU of an order with several."""
    fnsku: str | None
    asin: str | None
    units_shipped: int | None
    """None where no report tells a quantity."""
    units_refunded: int
    units_returned: int
    units_reimbursed: int
    status: str | None
    disposition: str | None
    return_reason: str | None
    last_occurred_at: str | None


LADDER: Final = (
    "requested",
    "authorized",
    "declined",
    "in_transit",
    "returned",
    "refunded",
    "refunded_not_returned",
    "reimbursed",
    "replaced",
    "disputed",
    "closed",
)
"""The furthest that holds is the status."""

MFN_RETURNS: Final = "mfn-returns"
RETURN_REPORTS: Final[Mapping[str, str]] = {"FBA": RETURNS, "FBM": MFN_RETURNS}
"""The report that would show a return, by programme."""

AUTHORIZED: Final = frozenset(("APPROVED", "AUTHORIZED"))
DECLINED: Final = frozenset(("DECLINED", "DENIED", "REJECTED"))
CLOSED: Final = frozenset(("CLOSED", "COMPLETED", "CANCELLED"))
"""What the seller-fulfilled returns report says of a request, folded by values.code."""
SAFE_T: Final = "SAFE_T_REIMBURSEMENT"
"""The settlement's transaction for a granted claim against Amazon."""
REPLACING: Final = ("REPLACE", "EXCHANGE")
"""Words in the resolution of a request."""
WHOLE_PER_CENT: Final = 95
"""A unit is refunded when so much of its price was given back."""


class Statuses(Projection[Status]):
    """A row for each order and SKU."""

    name: ClassVar[str] = "status"
    version: ClassVar[int] = 1
    row_type: ClassVar[type[Status]] = Status
    book_topics: ClassVar[frozenset[str]] = frozenset(
        kind.TOPIC for kind in (ReportImported, ReimbursementReversed, ReplacementShipped)
    )

    def rows(self, case: Case, book: Book) -> Iterator[Status]:
        """The SKUs of an order by name, last what names none."""
        if case.kind != "order":
            return
        for item in sorted(_items(case), key=lambda one: (one.sku is None, one.sku)):
            yield _status(item, case, book)

    def basis(self, book: Book) -> str:
        """That nothing came back may only be said of days for which the files speak."""
        return digest_of(book.coverage(name).spans for name in RETURN_REPORTS.values())

    def depends(self, table: Table) -> ColumnElement[bool]:
        """Only of refunded units that did not come back is it asked what the files speak for."""
        return table.c.units_refunded > func.coalesce(table.c.units_returned, 0)

    def linked(self, changed: Iterable[Entry], log: Log) -> Iterator[str]:
        """Orders whose payment was taken back elsewhere, and those that a changed order replaces."""
        taken_back = set()
        replacements = set()
        for entry in changed:
            replacements.add(entry.stream)
            if isinstance(entry.event, ReimbursementReversed):
                taken_back.add(entry.event.original_id)
            elif isinstance(entry.event, ReplacementShipped):
                replacements.add(order_stream(entry.event.replacement_order_id))
        if taken_back:
            for entry, paid in _told(log, ReimbursementPosted):
                if paid.reimbursement_id in taken_back:
                    yield entry.stream
        for entry, shipped in _told(log, ReplacementShipped):
            if order_stream(shipped.replacement_order_id) in replacements:
                yield entry.stream


E = TypeVar("E", bound=Event)


def _told(log: Log, kind: type[E]) -> Iterator[tuple[Entry, E]]:
    """Every telling of one kind of event."""
    for entry in log.entries(topics=[kind.TOPIC]):
        if isinstance(entry.event, kind):
            yield entry, entry.event


# --- from a case to its items -----------------------------------------------------------------


class _Item(msgspec.Struct):
    """What an order's case holds of one SKU."""

    sku: str | None
    returns: list[Return]
    requests: list[ReturnRequest]
    payments: list[Reimbursement]


def _items(case: Case) -> list[_Item]:
    """Everything at the SKU that it is about: its own, else that with the same ASIN or FNSKU."""
    homes = _Homes(case)
    items: dict[str | None, _Item] = {sku: _Item(sku, [], [], []) for sku in homes.skus}

    def at(sku: str | None) -> _Item:
        if sku not in items:
            items[sku] = _Item(sku, [], [], [])
        return items[sku]

    for returned in case.returns:
        home = homes.of(returned.sku, returned.asin, returned.fnsku)
        at(home).returns.append(returned)
    for request in case.requests:
        at(homes.of(request.sku, request.asin, None)).requests.append(request)
    for payment in case.reimbursements:
        home = homes.of(payment.sku, payment.asin, payment.fnsku)
        at(home).payments.append(payment)
    for replacement in case.replacements:
        at(replacement.sku)
    return list(items.values())


class _Homes:
    """Where in an order a row belongs."""

    def __init__(self, case: Case) -> None:
        sold = [line.sku for line in case.lines]
        sold += [shipment.sku for shipment in case.shipments]
        sold += [sale.sku for sale in case.sales]
        sold += [refund.sku for refund in case.refunds]
        back = [returned.sku for returned in case.returns]
        back += [request.sku for request in case.requests]
        self.skus = list(dict.fromkeys(sold or back))
        self._by_name: dict[str, str] = {}
        for sku, *names in (
            *((line.sku, line.asin) for line in case.lines),
            *((returned.sku, returned.asin, returned.fnsku) for returned in case.returns),
            *((request.sku, request.asin) for request in case.requests),
            *((payment.sku, payment.asin, payment.fnsku) for payment in case.reimbursements),
        ):
            for name in names:
                if name and sku in self.skus:
                    self._by_name.setdefault(name, sku)

    def of(self, sku: str | None, asin: str | None, fnsku: str | None) -> str | None:
        """The order's SKU that a row is about, else the row's own; None where it names none of several."""
        if sku in self.skus:
            return sku
        for name in (asin, fnsku):
            if name and name in self._by_name:
                return self._by_name[name]
        if sku is None and len(self.skus) == 1:
            return self.skus[0]
        return sku


# --- from an item to its row ------------------------------------------------------------------


def _status(item: _Item, case: Case, book: Book) -> Status:
    back = max(item.returns, key=_when, default=None)
    asked = max(item.requests, key=_when, default=None)
    quantities = _quantities(item, case, book)
    programme = _programme(item, case)
    return Status(
        stream=case.stream,
        marketplace=case.marketplace,
        programme=programme,
        order_id=case.name,
        sku=item.sku,
        fnsku=_first([*(one.fnsku for one in item.returns), *(one.fnsku for one in item.payments)]),
        asin=_asin(item, case),
        units_shipped=quantities.shipped,
        units_refunded=quantities.refunded,
        units_returned=quantities.returned,
        units_reimbursed=quantities.reimbursed,
        status=_furthest(item, case, book, quantities, programme),
        disposition=back.disposition if back else None,
        return_reason=(back.reason if back else None) or (asked.reason if asked else None),
        last_occurred_at=_last(item, case),
    )


def _when(told: Return | ReturnRequest) -> tuple[date, str, str]:
    return (told.ref.day, told.ref.occurred_at, told.ref.slot)


def _first(told: Iterable[str | None]) -> str | None:
    return next((one for one in told if one), None)


def _asin(item: _Item, case: Case) -> str | None:
    told = [line.asin for line in case.lines if line.sku == item.sku]
    told += [one.asin for one in item.returns]
    told += [one.asin for one in item.requests]
    told += [one.asin for one in item.payments]
    return _first(told)


def _sold(item: _Item, case: Case) -> Iterator[OrderLine | Shipment | Sale | Refund]:
    """What the orders, shipments and settlement reports tell of an item's SKU."""
    told: list[OrderLine | Shipment | Sale | Refund] = [*case.lines, *case.shipments]
    told += [*case.sales, *case.refunds]
    return (one for one in told if one.sku == item.sku)


def _programme(item: _Item, case: Case) -> str | None:
    """FBA for all that Amazon ships, multi-channel orders too; FBM where only the seller does."""
    told = [one.programme for one in _sold(item, case)]
    told += [one.programme for one in item.returns]
    if item.payments:
        told.append("FBA")
    if item.requests:
        told.append("FBM")
    known = _first(told)
    return "FBA" if known == "MCF" else known


def _last(item: _Item, case: Case) -> str | None:
    """When the latest fact with a date of its own happened; states are told without one."""
    refs = [one.ref for one in _sold(item, case)]
    refs += [one.ref for one in item.returns]
    refs += [one.ref for one in item.requests]
    refs += [one.ref for one in item.payments]
    refs += [one.ref for one in case.replacements if one.sku == item.sku]
    return max(((ref.day, ref.occurred_at) for ref in refs), default=(None, None))[1]


# --- quantities -------------------------------------------------------------------------------


class _Quantities(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one SKU."""

    shipped: int | None
    refunded: int
    returned: int
    returned_elsewhere: int
    """Units that came back under the order id of a replacement."""
    reimbursed: int


def _quantities(item: _Item, case: Case, book: Book) -> _Quantities:
    sku = item.sku
    settled = len(refunded_units(case, sku)) if sku is not None else 0
    return _Quantities(
        shipped=_shipped(sku, case),
        refunded=max(settled, _told_refunded(item, case)),
        returned=sum(returned.quantity for returned in item.returns),
        returned_elsewhere=sum(
            one.quantity for one in book.replacement_returns.get(case.name, ()) if one.sku == sku
        ),
        reimbursed=_reimbursed(item.payments, book),
    )


def _shipped(sku: str | None, case: Case) -> int | None:
    """What shipments, settled sales and order lines tell: they confirm each other and never add."""
    lines = [line for line in case.lines if line.sku == sku]
    told = [
        [
            0 if code(case.order_status.get(line.ref.slot, "")) == "CANCELLED" else line.quantity
            for line in lines
        ],
        [shipment.quantity for shipment in case.shipments if shipment.sku == sku],
        [sale.quantity for sale in case.sales if sale.sku == sku],
    ]
    return max((sum(quantities) for quantities in told if quantities), default=None)


def _told_refunded(item: _Item, case: Case) -> int:
    """Units refunded as the seller-fulfilled returns report tells it: it confirms and never adds."""
    price = unit_price(case, item.sku) if item.sku is not None else None
    return sum(
        min(_units_of(state.refunded, price), request.quantity)
        for request, state in _states(item, case)
        if state.refunded is not None and state.refunded.minor > 0
    )


def _units_of(refunded: Money, price: Money | None) -> int:
    if price is None or price.currency != refunded.currency:
        return 1
    return (refunded.minor * 100 + (100 - WHOLE_PER_CENT) * price.minor) // (100 * price.minor)


def _reimbursed(payments: Sequence[Reimbursement], book: Book) -> int:
    """Units paid for in cash or in kind, less those taken back, wherever that is recorded."""
    taken: defaultdict[str, list[Reimbursement]] = defaultdict(list)
    for line in payments:
        if not line.reversal and line.reimbursement_id not in taken:
            for reversal in book.reversals.get(line.reimbursement_id, ()):
                taken[line.reimbursement_id] += [reversal] * _taken_back(reversal)
    net = 0
    for line in payments:
        if not line.reversal:
            net += _still_paid(line, taken[line.reimbursement_id])
    nameless = sum(_taken_back(line) for line in payments if line.reversal and not line.original_id)
    return max(net - nameless, 0)


def _still_paid(line: Reimbursement, taken: list[Reimbursement]) -> int:
    """Units of one line that no reversal of its id took back; each reversal is used up once."""
    units = _paid(line)
    for reversal in list(taken):
        if units and (reversal.fnsku or line.fnsku) == (line.fnsku or reversal.fnsku):
            taken.remove(reversal)
            units -= 1
    return units


def _paid(line: Reimbursement) -> int:
    told = line.units if line.cash is not None or line.inventory is not None else line.total or 0
    return max(told, 0)


def _taken_back(reversal: Reimbursement) -> int:
    """Units that a reversal takes back; one that it puts into stock instead is no payment."""
    return max(-(reversal.cash or 0), -(reversal.inventory or 0), 1)


# --- the ladder -------------------------------------------------------------------------------


def _furthest(
    item: _Item, case: Case, book: Book, quantities: _Quantities, programme: str | None
) -> str | None:
    holds = {
        *_request_steps(item, case),
        *_refund_steps(item, case, book, quantities, programme),
    }
    if quantities.returned:
        holds.add("returned")
    if quantities.reimbursed or _paid_without_units(item.payments):
        holds.add("reimbursed")
    if any(one.sku == item.sku for one in case.replacements):
        holds.add("replaced")
    return next((step for step in reversed(LADDER) if step in holds), None)


def _request_steps(item: _Item, case: Case) -> Iterator[str]:
    """How far the buyer's requests came, as the seller-fulfilled returns report tells it."""
    if item.requests:
        yield "requested"
    for _request, state in _states(item, case):
        said = code(state.status or "")
        if said in AUTHORIZED:
            yield "authorized"
        if said in DECLINED:
            yield "declined"
        if state.tracking:
            yield "in_transit"
        if state.refunded is not None and state.refunded.minor > 0:
            yield "refunded"
        if any(word in code(state.resolution or "") for word in REPLACING):
            yield "replaced"
        if state.a_to_z or state.safe_t_claim_id:
            yield "disputed"
        if said in CLOSED:
            yield "closed"


def _refund_steps(
    item: _Item, case: Case, book: Book, quantities: _Quantities, programme: str | None
) -> Iterator[str]:
    refunds = [one for one in case.refunds if one.sku == item.sku and _gave_back(one)]
    if refunds:
        yield "refunded"
    if any(one.trigger != "refund" for one in refunds):
        yield "disputed"
    if any(_is_claim(one) and one.sku in (None, item.sku) for one in case.transactions):
        yield "disputed"
    back = quantities.returned + quantities.returned_elsewhere
    if quantities.refunded > back and _would_show(book, programme, item, case):
        yield "refunded_not_returned"


def _is_claim(transaction: SettledTransaction) -> bool:
    return code(transaction.transaction) == SAFE_T


def _would_show(book: Book, programme: str | None, item: _Item, case: Case) -> bool:
    """True where the report that would show a return speaks for the day of the last refund."""
    days = [one.ref.day for one in case.refunds if one.sku == item.sku and _gave_back(one)]
    days += [
        request.ref.day
        for request, state in _states(item, case)
        if state.refunded is not None and state.refunded.minor > 0
    ]
    report = RETURN_REPORTS.get(programme or "")
    if report is None or not days:
        return False
    return book.coverage(report).gap(max(days), max(days)) is None


def _gave_back(refund: Refund) -> bool:
    """True where the buyer got money, for the item or out of goodwill."""
    return sum(one.amount.minor for one in refund.lines if code(one.kind) == "ITEMPRICE") < 0


def _states(item: _Item, case: Case) -> Iterator[tuple[ReturnRequest, RequestState]]:
    for request in item.requests:
        state = case.request_states.get(request.ref.slot)
        if state is not None:
            yield request, state


def _paid_without_units(payments: Sequence[Reimbursement]) -> bool:
    """True where money stays with the seller for which Amazon stated no units."""
    money = sum(line.amount.minor for line in payments)
    return money > 0 and any(_paid(line) == 0 for line in payments if not line.reversal)


# --- the questions ----------------------------------------------------------------------------


class StatusRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row as the command `status` gives it."""

    account: str
    marketplace: str | None
    programme: str | None
    order_id: str
    sku: str | None
    fnsku: str | None
    asin: str | None
    units_shipped: int | None
    units_refunded: int
    units_returned: int
    units_reimbursed: int
    status: str | None
    disposition: str | None
    return_reason: str | None
    last_occurred_at: str | None


def statuses(account: str, rows: Iterable[Status]) -> Iterator[StatusRow]:
    """The rows of one account, named."""
    for row in rows:
        told = msgspec.structs.asdict(row)
        del told["stream"]
        yield StatusRow(account=account, **told)
