"""The SKUs of an order, each with all that reports and the seller tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, TypeVar

import msgspec

from ledger.case import (
    Case,
    OrderLine,
    Ref,
    Refund,
    Reimbursement,
    RequestState,
    Return,
    ReturnRequest,
    Sale,
    Shipment,
)
from ledger.desk import Claim, Request, claims_of, lines_of, requests_of
from ledger.event import Deed
from ledger.events.keeping import EvidenceAttached
from ledger.events.refunds import ConcessionGranted

D = TypeVar("D", bound=Deed)
Sold = OrderLine | Shipment | Sale | Refund


class Item(msgspec.Struct):
    """What an order's case holds of one SKU."""

    sku: str | None
    """None for what names no SKU of an order with several."""
    lines: list[OrderLine] = []
    """As the orders report tells them, else the seller."""
    shipments: list[Shipment] = []
    sales: list[Sale] = []
    refunds: list[Refund] = []
    returns: list[Return] = []
    requests: list[ReturnRequest] = []
    """As the seller-fulfilled returns report tells them."""
    asked: list[Request] = []
    """The same, and those that the seller told himself, each once."""
    payments: list[Reimbursement] = []
    deeds: list[tuple[Ref, Deed]] = []
    """What the seller told or decided about it."""
    claims: list[Claim] = []
    """Claims about it that were filed."""
    on_order: list[Claim] = []
    """Claims that were filed about the whole of an order with several SKUs."""

    @property
    def sold(self) -> list[Sold]:
        """What the orders, shipments and settlement reports, else the seller, tell of it."""
        return [*self.lines, *self.shipments, *self.sales, *self.refunds]

    def told(self, *kinds: type[D]) -> list[tuple[Ref, D]]:
        """What the seller told of these kinds, in order of occurrence."""
        if not self.deeds:
            return []
        return [(ref, deed) for ref, deed in self.deeds if isinstance(deed, kinds)]

    def states(self, case: Case) -> Iterator[tuple[ReturnRequest, RequestState]]:
        """How far each request has come, where the seller-fulfilled returns report says."""
        for request in self.requests:
            state = case.request_states.get(request.ref.slot)
            if state is not None:
                yield request, state


def items_of(case: Case) -> list[Item]:
    """Everything at the SKU that it is about: its own, else that with the same ASIN or FNSKU."""
    homes = _Homes(case)
    items: dict[str | None, Item] = {sku: Item(sku) for sku in homes.skus}

    def at(sku: str | None) -> Item:
        if sku not in items:
            items[sku] = Item(sku)
        return items[sku]

    for line in homes.lines:
        items[line.sku].lines.append(line)
    for shipment in case.shipments:
        items[shipment.sku].shipments.append(shipment)
    for sale in case.sales:
        items[sale.sku].sales.append(sale)
    for refund in case.refunds:
        items[refund.sku].refunds.append(refund)
    for returned in case.returns:
        home = homes.of(returned.sku, returned.asin, returned.fnsku)
        at(home).returns.append(returned)
    reported = {}
    for request in case.requests:
        reported[request.ref.slot] = home = homes.of(request.sku, request.asin, None)
        at(home).requests.append(request)
    for asked in requests_of(case) if case.requests or case.deeds else ():
        at(reported.get(asked.ref.slot, homes.of(asked.sku, None, None))).asked.append(asked)
    for payment in case.reimbursements:
        home = homes.of(payment.sku, payment.asin, payment.fnsku)
        at(home).payments.append(payment)
    for replacement in case.replacements:
        at(replacement.sku)
    if case.deeds:
        _take_told(case, homes, items, at)
    return list(items.values())


def _take_told(
    case: Case,
    homes: _Homes,
    items: Mapping[str | None, Item],
    at: Callable[[str | None], Item],
) -> None:
    """What the seller told of units, of the price of the order, and of claims."""
    for ref, deed in case.deeds:
        if names_units(deed) or isinstance(deed, ConcessionGranted):
            at(homes.of(sku_of(deed), None, None)).deeds.append((ref, deed))
    on_order = []
    for claim in claims_of(case).values():
        home = homes.of(claim.sku, None, None)
        if claim.filed is not None and (home is not None or claim.paid):
            at(home).claims.append(claim)
        elif claim.filed is not None:
            on_order.append(claim)
    for item in items.values():
        item.on_order = on_order


def asin_of(item: Item) -> str | None:
    """The ASIN of an item's SKU, by whatever tells it first."""
    for told in (item.lines, item.returns, item.requests, item.payments):
        for one in told:
            if one.asin:
                return one.asin
    return None


def first_of(told: Iterable[str | None]) -> str | None:
    """The first of several that is told."""
    for one in told:
        if one:
            return one
    return None


def names_units(deed: Deed) -> bool:
    """True for what is about units of one SKU; a file about them is not a fact of theirs."""
    return sku_of(deed) is not None and not isinstance(deed, EvidenceAttached)


def sku_of(deed: Deed) -> str | None:
    """The SKU that the seller named."""
    sku: str | None = getattr(deed, "sku", None)
    return sku


class _Homes:
    """Where in an order a row belongs."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.lines: Final = lines_of(case)
        told = (self.lines, case.shipments, case.sales, case.refunds)
        skus = dict.fromkeys([one.sku for kind in told for one in kind])
        self.skus: Final = skus or dict.fromkeys(_sent_back(case))

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """The SKUs by their ASIN and FNSKU, whoever tells them first."""
        case = self._case
        found: dict[str, str] = {}
        for sku, *names in (
            *((line.sku, line.asin) for line in self.lines),
            *((returned.sku, returned.asin, returned.fnsku) for returned in case.returns),
            *((request.sku, request.asin) for request in case.requests),
            *((payment.sku, payment.asin, payment.fnsku) for payment in case.reimbursements),
        ):
            for name in names:
                if name and sku is not None and sku in self.skus:
                    found.setdefault(name, sku)
        return found

    def of(self, sku: str | None, asin: str | None, fnsku: str | None) -> str | None:
        """The order's SKU that a row is about, else the row's own; None where it names none of several."""
        if sku in self.skus:
            return sku
        for name in (asin, fnsku):
            if name and name in self._by_name:
                return self._by_name[name]
        if sku is None and len(self.skus) == 1:
            return next(iter(self.skus))
        return sku


def _sent_back(case: Case) -> Iterator[str]:
    """The SKUs of an order of whose sale nothing is told."""
    yield from (returned.sku for returned in case.returns)
    yield from (request.sku for request in case.requests)
    yield from (sku for _, deed in case.deeds if names_units(deed) and (sku := sku_of(deed)))
