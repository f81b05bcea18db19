"""In what state each refunded unit came back, and who bears it for that."""

from __future__ import annotations

from typing import Final

import msgspec

from ledger import desk
from ledger.allocation import Unit, order_units
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.desk import GivenBack
from ledger.events.arrivals import DamageInvestigated, UnitGraded
from ledger.rulebook import Rule
from ledger.ruling import Bearer

CAUSES: Final = {
    "carrier_outbound": "damaged by the carrier on its way out",
    "carrier_return": "damaged by the carrier on its way back",
    "production": "a fault of production",
    "customer": "damaged by the buyer",
    "fulfillment_center": "damaged in a fulfilment centre",
    "unknown": "nobody knows what damaged it",
}
LIABILITY: Final = "fba.return_liability"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one unit, and who bears its price for that."""

    bearer: Bearer
    why: str
    refs: tuple[Ref, ...] = ()
    rule: Rule | None = None
    question: str | None = None


def states_of(case: Case, book: Book, sku: str) -> list[State]:
    """The units of a SKU that came back or that Amazon speaks for, in order."""
    if desk.programme_of(case, sku) == "FBA":
        units = [unit for unit in order_units(case, book).units if unit.sku == sku]
        return [_at_amazon(case, book, unit) for unit in units]
    return _at_the_seller(case, sku)


def never_back(case: Case, book: Book, refund: GivenBack) -> State:
    """A refunded unit of which nothing tells that it came back."""
    if refund.trigger == "returnless":
        return State(bearer="seller", why="refunded without a return, by the seller's rule or word")
    return State(bearer="seller", why=_NOT_BACK, rule=_liability(case, book, refund))


_NOT_BACK: Final = "nothing came back for it so far, and nothing was granted"


# --- sent back to the seller ------------------------------------------------------------------


def _at_the_seller(case: Case, sku: str) -> list[State]:
    """Graded units as they were graded last, then those that nobody has looked at."""
    receipts = desk.receipts_of(case, sku)
    received = sum(one.quantity for one in receipts)
    graded = [
        _graded(case, sku, ref, told)
        for ref, told in desk.graded(case, sku)
        for _ in range(told.quantity)
    ]
    if received and len(graded) > received:
        graded = graded[-received:]
    refs = tuple(one.ref for one in receipts)
    unseen = State(
        bearer="undetermined",
        why="it came back, and nobody has graded it",
        refs=refs,
        question="in what state did it come back? It was received, and not graded",
    )
    return [*graded, *[unseen] * (received - len(graded))]


def _graded(case: Case, sku: str, ref: Ref, told: object) -> State:
    if not isinstance(told, UnitGraded):
        return State(
            bearer="seller",
            why="something else came back, and nothing was granted for it",
            refs=(ref,),
        )
    if told.condition == "as_new":
        return State(bearer="nobody", why=f"it came back as new on {ref.day}", refs=(ref,))
    condition = told.condition.replace("_", " ")
    why = f"it came back {condition}, and nothing was granted for it"
    found = [(where, one.cause) for where, one in case.told(DamageInvestigated) if one.sku == sku]
    if not found:
        return State(bearer="seller", why=why, refs=(ref,))
    where, cause = found[-1]
    return State(bearer="seller", why=f"{why}: {CAUSES[cause]}", refs=(ref, where))


# --- sent back to Amazon ----------------------------------------------------------------------


def _at_amazon(case: Case, book: Book, unit: Unit) -> State:
    """Amazon's own code says who bears a unit that came back, as far as the rule is certain."""
    if unit.kept and unit.payment is not None and unit.payment.in_kind:
        refs = (unit.payment.line.ref,)
        return State(bearer="amazon", why="Amazon gave a unit in kind for it", refs=refs)
    if unit.returned is None:
        given = unit.given
        rule = _liability_on(case, book, given)
        return State(bearer="seller", why=_NOT_BACK, rule=rule)
    back = unit.returned.returned
    disposition = unit.disposition or "no disposition"
    rule = None
    if case.marketplace and unit.disposition:
        family = f"fba.disposition.{unit.disposition}"
        rule = book.rulebook.in_force(family, case.marketplace, back.ref.day)
    if rule is None or not rule.sure or rule.liable_party in (None, "undetermined"):
        what = rule.why_unsure or "it names nobody" if rule else "no rule says"
        question = f"who bears a unit that came back as {disposition}? {what}"
        why = f"it came back as {disposition}"
        return State(bearer="undetermined", why=why, refs=(back.ref,), question=question)
    assert rule.liable_party is not None
    why = f"it came back as {disposition}"
    if rule.liable_party == "seller":
        why += ", and nothing was granted for it"
    return State(bearer=rule.liable_party, why=why, refs=(back.ref,), rule=rule)


def _liability(case: Case, book: Book, refund: GivenBack) -> Rule | None:
    """The rule on what Amazon does about a unit that never came back to it."""
    if desk.programme_of(case, refund.sku) != "FBA":
        return None
    return _liability_on(case, book, refund.ref)


def _liability_on(case: Case, book: Book, given: Ref | None) -> Rule | None:
    if case.marketplace is None or given is None:
        return None
    rule = book.rulebook.in_force(LIABILITY, case.marketplace, given.day)
    return rule if rule is not None and rule.sure else None
