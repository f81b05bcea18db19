"""Each refund split into its parts, each part given to who bears it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from weakref import WeakKeyDictionary

from ledger import desk
from ledger.allocation import whole_prices_in
from ledger.bearing.granted import AGAINST_THE_SELLER, compensations_of
from ledger.bearing.parts import money, parts_of
from ledger.bearing.share import Part, Share, made_good
from ledger.bearing.units import State, never_back, states_of
from ledger.book import Book
from ledger.case import Case
from ledger.desk import GRANTED, GivenBack
from ledger.ruling import Bearer

_KNOWN: WeakKeyDictionary[Case, tuple[Book, list[Share]]] = WeakKeyDictionary()


def concerns(case: Case) -> bool:
    """True for an order of which a return, a refund or anything that the seller told is known."""
    told = case.refunds or case.returns or case.requests or case.deeds or case.reimbursements
    return case.kind == "order" and bool(told)


def shares_of(case: Case, book: Book) -> list[Share]:
    """Every refund's cents, each with one bearer; together they are what the buyer got."""
    known = _KNOWN.get(case)
    if known is None or known[0] is not book:
        known = _KNOWN[case] = (book, _shares_of(case, book))
    return known[1]


def given_back(case: Case) -> list[GivenBack]:
    """Every refund of the order, and what a buyer's claim gave him where no refund tells it."""
    refunds = desk.refunds_of(case)
    return [*refunds, *_by_claims_alone(case, refunds)]


def _shares_of(case: Case, book: Book) -> list[Share]:
    refunds = [one for one in given_back(case) if one.amount is not None and one.amount.minor > 0]
    shares: list[Share] = []
    for sku in dict.fromkeys(refund.sku for refund in refunds):
        shares += _of_sku(case, book, sku, [one for one in refunds if one.sku == sku])
    return made_good(shares, compensations_of(case, book))


def _of_sku(case: Case, book: Book, sku: str, refunds: Sequence[GivenBack]) -> Iterator[Share]:
    """Refunds take the units in turn; several refunds of the last unit are all about that unit."""
    states = states_of(case, book, sku)
    conceded = {one.refund.name: one for one in desk.concessions_of(case) if one.refund}
    last = max((desk.quantity_of(case, sku) or 1) - 1, 0)
    turn = 0
    for refund in refunds:
        if refund.name in conceded:
            told = conceded[refund.name]
            by = f", approved by {told.granted.approver}" if told.granted.approver else ""
            why = f"a concession{by}: the buyer keeps it"
            kept = State(bearer="seller", why=why, refs=(told.ref,))
            yield from _of_refund(case, refund, [kept])
            continue
        count = refund.quantity or _units_in(case, refund)
        if refund.trigger == "returnless":
            taken = [never_back(case, book, refund)] * count
        else:
            places = [min(turn + number, last) for number in range(count)]
            taken = [
                states[place] if place < len(states) else never_back(case, book, refund)
                for place in places
            ]
            turn += count
        yield from _of_refund(case, refund, taken)


def _units_in(case: Case, refund: GivenBack) -> int:
    """How many units a refund without a quantity is for: whole prices in it, one at least."""
    price = desk.unit_price(case, refund.sku)
    most = desk.quantity_of(case, refund.sku) or 1
    if price is None or refund.amount is None or price.minor <= 0:
        return 1
    parts = parts_of(case, refund)
    whole = whole_prices_in(parts.goods + parts.fees_back, price)
    return max(min(whole, most), 1)


def _of_refund(case: Case, refund: GivenBack, states: Sequence[State]) -> Iterator[Share]:
    assert refund.amount is not None
    parts = parts_of(case, refund)
    each, rest = divmod(parts.goods, len(states))
    for number, state in enumerate(states):
        minor = each + (rest if number == 0 else 0)
        if minor:
            yield Share(
                refund=refund,
                part="goods",
                bearer=state.bearer,
                amount=money(minor, refund.amount),
                why=state.why,
                refs=state.refs,
                rule=state.rule,
                question=state.question,
            )
    yield from _whole(refund, "way_out", parts.way_out, "seller", _POSTAGE_OUT)
    yield from _whole(refund, "way_back", parts.way_back, "seller", _POSTAGE_BACK)
    yield from _whole(refund, "fees_back", parts.fees_back, "amazon", _FEES_BACK)


_POSTAGE_OUT: Final = "the refund gave the postage back to the buyer"
_POSTAGE_BACK: Final = "the refund paid the buyer's postage back"
_FEES_BACK: Final = "Amazon gave back its fee, or the tax that it had withheld"


def _whole(refund: GivenBack, part: Part, minor: int, bearer: Bearer, why: str) -> Iterator[Share]:
    """A part that one party bears, whatever came back; none where the refund has none of it."""
    assert refund.amount is not None
    if minor:
        amount = money(minor, refund.amount)
        yield Share(refund=refund, part=part, bearer=bearer, amount=amount, why=why)


def _by_claims_alone(case: Case, refunds: Sequence[GivenBack]) -> Iterator[GivenBack]:
    """A buyer's claim that was granted with an amount, while no refund came through its door."""
    skus = desk.skus_of(case)
    for claim in desk.claims_of(case).values():
        decision = claim.decision
        if claim.door not in AGAINST_THE_SELLER or decision is None:
            continue
        ref, decided = decision
        sku = claim.sku or next(iter(skus), "")
        told = any(one.trigger == claim.door and one.sku == sku for one in refunds)
        if decided.outcome in GRANTED and decided.amount is not None and not told:
            yield GivenBack(
                name=claim.name,
                ref=ref,
                refs=(ref,),
                sku=sku,
                quantity=claim.quantity,
                by="amazon",
                trigger=claim.door,
                amount=decided.amount,
                settled=False,
            )
