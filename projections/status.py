"""How far the return of each order and SKU has come, with the quantities that tell the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import ClassVar, Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Table, func

from ledger.book import RETURNS, Book
from ledger.case import Case, Refund, Reimbursement, Return, SettledTransaction
from ledger.desk import Request, no_other_rma, programme_of, refunds_of
from ledger.event import Deed, Entry, Event, order_stream
from ledger.events.deliveries import OrderDelivered, OrderDispatched
from ledger.events.imports import ReportImported
from ledger.events.orders import ReplacementShipped
from ledger.events.refunds import ConcessionGranted, RefundGiven, ReplacementSent
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.events.requests import (
    DeclineOverridden,
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
)
from ledger.store import Log
from ledger.values import code
from projections.items import Item, Sold, asin_of, first_of, items_of
from projections.projection import Projection, digest_of
from projections.quantities import Quantities, quantities_of, units_paid, unsettled_of

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
DISPUTED: Final = frozenset(("safe_t", "a_to_z", "chargeback"))
"""Doors of claims that dispute a refund; a lost or damaged unit is none, and no threat of a review is."""
KEPT: Final = "returnless"
"""What sets off refunds of units that nobody wants back."""


class Statuses(Projection[Status]):
    """A row for each order and SKU."""

    name: ClassVar[str] = "status"
    version: ClassVar[int] = 4
    row_type: ClassVar[type[Status]] = Status
    book_topics: ClassVar[frozenset[str]] = frozenset(
        kind.TOPIC for kind in (ReportImported, ReimbursementReversed, ReplacementShipped)
    )

    linking: ClassVar[frozenset[str]] = frozenset(
        kind.TOPIC for kind in (ReimbursementReversed, ReplacementShipped)
    )

    def rows(self, case: Case, book: Book) -> Iterator[Status]:
        """The SKUs of an order by name, last what names none."""
        if case.kind != "order":
            return
        items = items_of(case)
        if len(items) > 1:
            items.sort(key=lambda one: (one.sku is None, one.sku))
        for item in items:
            yield _status(item, case, book)

    def basis(self, book: Book) -> str:
        """That nothing came back may only be said of days for which the files speak."""
        return digest_of(book.coverage(name).spans for name in RETURN_REPORTS.values())

    def depends(self, table: Table) -> ColumnElement[bool]:
        """Only of refunded units that did not come back is it asked what the files speak for."""
        return table.c.units_refunded > func.coalesce(table.c.units_returned, 0)

    def linked(self, changed: Collection[str], told: Iterable[Entry], log: Log) -> Iterator[str]:
        """Orders whose payment was taken back elsewhere, and those that a changed order replaces."""
        taken_back = set()
        replacements = set(changed)
        for entry in told:
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


# --- from an item to its row ------------------------------------------------------------------


def _status(item: Item, case: Case, book: Book) -> Status:
    back = max(item.returns, key=_when, default=None) if item.returns else None
    asked = max(item.asked, key=_when, default=None) if item.asked else None
    quantities = quantities_of(item, case, book)
    sold = item.sold
    programme = _programme(item, case, sold)
    return Status(
        stream=case.stream,
        marketplace=case.marketplace,
        programme=programme,
        order_id=case.name,
        sku=item.sku,
        fnsku=_fnsku(item) if item.returns or item.payments else None,
        asin=asin_of(item),
        units_shipped=quantities.shipped,
        units_refunded=quantities.refunded,
        units_returned=quantities.returned,
        units_reimbursed=quantities.reimbursed,
        status=_furthest(item, case, book, quantities, programme),
        disposition=back.disposition if back else None,
        return_reason=(back.reason if back else None) or (asked.reason if asked else None),
        last_occurred_at=_last(item, case, sold),
    )


def _when(told: Return | Request) -> tuple[date, str, str]:
    return (told.ref.day, told.ref.occurred_at, told.ref.slot)


def _fnsku(item: Item) -> str | None:
    told = [one.fnsku for one in item.returns]
    told += [one.fnsku for one in item.payments]
    return first_of(told)


def _programme(item: Item, case: Case, sold: Iterable[Sold]) -> str | None:
    """FBA for all that Amazon ships, multi-channel orders too; FBM where only the seller does.

    The seller's word counts where no report says; requests are his to hear of where he ships himself.
    """
    known = first_of([one.programme for one in sold if one.ref.slot[0] != "@"])
    if known is None and item.returns:
        known = first_of([one.programme for one in item.returns])
    if known is None and item.payments:
        known = "FBA"
    if known is None and item.requests:
        known = "FBM"
    if known is None and case.deeds:
        known = programme_of(case, item.sku) or ("FBM" if item.told(RequestReceived) else None)
    return "FBA" if known == "MCF" else known


def _last(item: Item, case: Case, sold: Iterable[Sold]) -> str | None:
    """When the latest fact with a date of its own happened; states are told without one."""
    refs = [one.ref for one in sold]
    for told in (item.returns, item.requests, item.payments):
        refs += [one.ref for one in told]
    refs += [one.ref for one in case.replacements if one.sku == item.sku]
    if case.deeds:
        refs += [ref for ref, _ in item.deeds]
        refs += [ref for claim in item.claims for ref in claim.refs]
        refs += [ref for ref, way in case.deeds if _is_way(way, item)]
    return max([(ref.day, ref.occurred_at) for ref in refs], default=(None, None))[1]


def _is_way(deed: Deed, item: Item) -> bool:
    """True where it tells how an item went to the buyer."""
    return isinstance(deed, OrderDispatched | OrderDelivered) and deed.sku in (None, item.sku)


# --- the ladder -------------------------------------------------------------------------------


def _furthest(
    item: Item, case: Case, book: Book, quantities: Quantities, programme: str | None
) -> str | None:
    if not more_is_told(item, case):
        return "returned" if quantities.returned else None
    holds = steps_of(item, case, book, quantities, programme)
    return next((step for step in reversed(LADDER) if step in holds), None)


def more_is_told(item: Item, case: Case) -> bool:
    """False for most: sold, perhaps sent back, and nothing else is told."""
    return bool(
        item.refunds
        or item.requests
        or item.payments
        or case.deeds
        or case.replacements
        or case.transactions
    )


def steps_of(
    item: Item, case: Case, book: Book, quantities: Quantities, programme: str | None
) -> set[str]:
    """Every step of the ladder that holds."""
    holds = {
        *_request_steps(item, case),
        *_refund_steps(item, case, book, quantities, programme),
        *_claim_steps(item, case),
    }
    if quantities.returned:
        holds.add("returned")
    if quantities.reimbursed or _paid_without_units(item.payments):
        holds.add("reimbursed")
    if any(one.sku == item.sku for one in case.replacements) or item.told(ReplacementSent):
        holds.add("replaced")
    return holds


def _request_steps(item: Item, case: Case) -> Iterator[str]:
    """How far the buyer's requests came, by the seller-fulfilled returns report and by the seller."""
    if item.asked:
        yield "requested"
    yield from _answer_steps(item, case)
    if item.told(ReturnFirstScanned):
        yield "in_transit"
    for _request, state in item.states(case):
        said = code(state.status or "")
        if state.tracking:
            yield "in_transit"
        if state.refunded is not None and state.refunded.minor > 0:
            yield "refunded"
        if any(word in code(state.resolution or "") for word in REPLACING):
            yield "replaced"
        if said in CLOSED:
            yield "closed"


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A request allowed or declined."""

    occurred_at: str
    rma_id: str | None
    declined: bool
    reported: bool
    """True where the seller-fulfilled returns report says so."""


def _answer_steps(item: Item, case: Case) -> Iterator[str]:
    """Allowed or declined: a decline holds until the seller, or Amazon over his head, allows it after all."""
    answers = sorted(_answers(item, case), key=lambda one: (one.occurred_at, not one.reported))
    for number, answer in enumerate(answers):
        if not answer.declined:
            yield "authorized"
        elif not any(_overrules(later, answer) for later in answers[number + 1 :]):
            yield "declined"


def _answers(item: Item, case: Case) -> Iterator[_Answer]:
    for request, state in item.states(case):
        said = code(state.status or "")
        if said in AUTHORIZED or said in DECLINED:
            yield _Answer(
                occurred_at=state.ref.occurred_at,
                rma_id=request.rma_id,
                declined=said in DECLINED,
                reported=True,
            )
    for ref, deed in item.deeds:
        if isinstance(deed, ReturnAuthorized | DeclineOverridden | ReturnDeclined):
            yield _Answer(
                occurred_at=ref.occurred_at,
                rma_id=deed.rma_id,
                declined=isinstance(deed, ReturnDeclined),
                reported=False,
            )


def _overrules(later: _Answer, decline: _Answer) -> bool:
    """True for leave given to the same request; two states in the report are of two requests."""
    if later.declined or (later.reported and decline.reported):
        return False
    return no_other_rma(later.rma_id, decline.rma_id)


def _refund_steps(
    item: Item, case: Case, book: Book, quantities: Quantities, programme: str | None
) -> Iterator[str]:
    given = unsettled_of(item, case)
    conceded = [one for _, one in item.told(ConcessionGranted) if one.kind == "partial_refund"]
    if given or conceded or _settled_refunds(item):
        yield "refunded"
    back = quantities.returned + quantities.returned_elsewhere
    wanted_back = quantities.refunded - _kept(item, case)
    if wanted_back > back and _would_show(book, programme, item, case):
        yield "refunded_not_returned"


def _settled_refunds(item: Item) -> list[Refund]:
    return [one for one in item.refunds if _gave_back(one)]


def _kept(item: Item, case: Case) -> int:
    """Units that the buyer was refunded for and may keep."""
    refunds = refunds_of(case, item.sku) if item.told(RefundGiven) else []
    return sum(one.quantity or 1 for one in refunds if one.trigger == KEPT)


def _claim_steps(item: Item, case: Case) -> Iterator[str]:
    """Disputed while a claim is open; what a report shows of claims whose end the seller tells is no more."""
    claims = [*item.claims, *item.on_order]
    known = {claim.door for claim in claims}
    shown = set(_shown_doors(item, case))
    if any(claim.open and claim.door in DISPUTED for claim in claims) or shown - known:
        yield "disputed"
    if "safe_t" in shown & known and _safe_t_paid(item, case):
        yield "reimbursed"


def _shown_doors(item: Item, case: Case) -> Iterator[str]:
    """The doors through which a refund was disputed, as reports show it, or the seller who tells of it."""
    for refund in _settled_refunds(item):
        if refund.trigger != "refund":
            yield refund.trigger
    for given in unsettled_of(item, case):
        if given.trigger in DISPUTED:
            yield given.trigger
    for _request, state in item.states(case):
        if state.a_to_z:
            yield "a_to_z"
        if state.safe_t_claim_id:
            yield "safe_t"
    if any(_is_claim(one) and one.sku in (None, item.sku) for one in case.transactions):
        yield "safe_t"


def _safe_t_paid(item: Item, case: Case) -> bool:
    told = [one for one in case.transactions if _is_claim(one) and one.sku in (None, item.sku)]
    return sum(line.amount.minor for one in told for line in one.lines) > 0


def _is_claim(transaction: SettledTransaction) -> bool:
    return code(transaction.transaction) == SAFE_T


def _would_show(book: Book, programme: str | None, item: Item, case: Case) -> bool:
    """True where the report that would show a return speaks for the day of the last refund."""
    days = [one.ref.day for one in _settled_refunds(item)]
    days += [ref.day for ref, _ in item.told(RefundGiven)]
    days += [
        request.ref.day
        for request, state in item.states(case)
        if state.refunded is not None and state.refunded.minor > 0
    ]
    report = RETURN_REPORTS.get(programme or "")
    if report is None or not days:
        return False
    return book.coverage(report).gap(max(days), max(days)) is None


def _gave_back(refund: Refund) -> bool:
    """True where the buyer got money, for the item or out of goodwill."""
    return sum(one.amount.minor for one in refund.lines if code(one.kind) == "ITEMPRICE") < 0


def _paid_without_units(payments: Sequence[Reimbursement]) -> bool:
    """True where money stays with the seller for which Amazon stated no units."""
    money = sum(line.amount.minor for line in payments)
    return money > 0 and any(units_paid(line) == 0 for line in payments if not line.reversal)


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
