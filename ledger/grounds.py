"""What makes a refund by Amazon claimable from it: the state in which units came back, or that none was owed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from ledger import exhibits
from ledger.case import Case, Ref
from ledger.desk import GivenBack, condition_of, graded, receipts_of, refunds_of, requests_of
from ledger.events.arrivals import DamageInvestigated, UnitGraded, WrongItemReceived
from ledger.events.deliveries import OrderDelivered
from ledger.events.messages import MessageReceived
from ledger.events.requests import ReturnAuthorized, ReturnLost
from ledger.policy import Examination

Ground = Literal["different", "unsellable", "not_received", "outside_window"]
"""What the rule pays for, as far as the facts can show it for certain."""

QUESTION: Final = "What makes the refund claimable?"
WRONG: Final = frozenset({"materially_different", "empty_box"})
SPOILT: Final = frozenset({"used", "incomplete"})
"""States in which nobody but the buyer can have put it."""
_CONTRADICTED: Final = (
    "whether loss or damage on the way back is paid for is contradicted: the older policy excludes it, "
    "the notice of 2026-01-21 speaks of it"
)


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """The ground of a claim, and for how many units it holds."""

    ground: Ground
    units: int
    by_buyer: bool = False
    """True where the buyer spoilt what came back: then a part of the price is paid at most."""
    refs: tuple[Ref, ...] = ()


def ask_grounds(exam: Examination, case: Case, given: GivenBack) -> Grounds | None:
    """The ground that the recorded facts make, None where they make none for certain."""
    found = graded(case, given.sku)
    if found:
        return _by_grades(exam, case, given, found)
    lost = [ref for ref, one in case.told(ReturnLost) if one.sku == given.sku]
    if lost:
        seen = [exam.saw(ref) for ref in lost]
        flip = "Amazon's own page of today on returns lost by the carrier."
        exam.doubt(QUESTION, f"the return was lost: {_CONTRADICTED}", *seen, flip=flip)
        return None
    received = receipts_of(case, given.sku)
    if received:
        seen = [exam.saw(one.ref) for one in received]
        flip = "Its grade, with photos, serial number or weight."
        exam.doubt(QUESTION, "it came back, and nobody graded it", *seen, flip=flip)
        return None
    return _without_return(exam, case, given)


# --- by what came back ------------------------------------------------------------------------


def _by_grades(
    exam: Examination,
    case: Case,
    given: GivenBack,
    found: Sequence[tuple[Ref, UnitGraded | WrongItemReceived]],
) -> Grounds | None:
    units = sum(one.quantity for _, one in found)
    seen = [exam.saw(ref) for ref, _ in found]
    states = {condition_of(one) for _, one in found}
    others = [one for one in refunds_of(case, given.sku) if one.name != given.name]
    if len(states) > 1 or (others and units < sum(one.quantity or 1 for one in (given, *others))):
        answer = (
            f"units came back as {_and(states)}, and which of them were refunded here is not told"
        )
        flip = "One grade for each refunded unit, and a correction of those that are wrong."
        exam.doubt(QUESTION, answer, *seen, flip=flip)
        return None
    (state,) = states
    refs = tuple(ref for ref, _ in found)
    mine = min(units, given.quantity or 1)
    if state in WRONG:
        answer = f"something else came back: {_words(state)}"
        exam.passed(QUESTION, answer, *seen, flip="A grade that says otherwise.")
        return Grounds(ground="different", units=mine, refs=refs)
    if state == "as_new":
        flip = "A grade that says otherwise."
        answer = "nothing: it came back as it was sent"
        exam.ends("not_claimable", QUESTION, answer, *seen, flip=flip)
        return None
    if not _spoilt_by_buyer(exam, case, given, state, refs):
        return None
    return Grounds(ground="unsellable", units=mine, by_buyer=True, refs=refs)


def _spoilt_by_buyer(
    exam: Examination, case: Case, given: GivenBack, state: str, refs: Sequence[Ref]
) -> bool:
    """Whether it came back unsellable, and by no fault of the seller's."""
    causes = [(ref, one) for ref, one in case.told(DamageInvestigated) if one.sku == given.sku]
    seen = [exam.saw(ref) for ref in (*refs, *(ref for ref, _ in causes))]
    cause = causes[-1][1].cause if causes else None
    flip = "What an investigation of the damage finds."
    if cause == "customer" or (cause is None and state in SPOILT):
        answer = f"it came back {_words(state)}, by no fault of the seller's"
        exam.passed(QUESTION, answer, *seen, flip=flip)
        return True
    if cause in ("production", "carrier_outbound"):
        whose = "the making" if cause == "production" else "the way to the buyer"
        answer = f"nothing: it was spoilt by {whose}, which is the seller's own to bear"
        exam.ends("not_claimable", QUESTION, answer, *seen, flip=flip)
    elif cause == "carrier_return":
        exam.doubt(QUESTION, f"it was damaged on the way back: {_CONTRADICTED}", *seen, flip=flip)
    elif state == "opened":
        answer = "it came back opened: whether it can be sold all the same is not told"
        exam.doubt(QUESTION, answer, *seen, flip="A grade that says what cannot be sold.")
    else:
        answer = f"it came back {_words(state)}, and who or what did that is not told"
        exam.doubt(QUESTION, answer, *seen, flip=flip)
    return False


# --- where nothing came back ------------------------------------------------------------------


def _without_return(exam: Examination, case: Case, given: GivenBack) -> Grounds | None:
    requests = requests_of(case, given.sku)
    late = [one for one in requests if one.in_policy is False and one.ref.day <= given.ref.day]
    units = given.quantity or 1
    allowed = any(
        one.by == "seller" and one.sku == given.sku for _, one in case.told(ReturnAuthorized)
    )
    if late and not allowed and not any(one.withdrawal for one in requests):
        refs = tuple(ref for one in late for ref in one.refs)
        answer = "Amazon refunded a return that it calls out of policy itself"
        seen = [exam.saw(ref) for ref in refs]
        exam.passed(QUESTION, answer, *seen, flip="A report that calls the request in policy.")
        return Grounds(ground="outside_window", units=units, refs=refs)
    arrived = _arrived(case, given.sku)
    missed = [ref for ref, one in case.told(MessageReceived) if one.topic == "not_received"]
    if arrived and missed and not requests:
        seen = [exam.saw(ref) for ref in (*missed, *arrived)]
        answer = "the buyer says that it did not arrive, and its delivery is proved"
        exam.passed(
            QUESTION, answer, *seen, flip="A return of it, which shows that it is about more."
        )
        return Grounds(ground="not_received", units=units, refs=(*missed, *arrived))
    answer = (
        "nothing came back, as far as is told: how long Amazon wants it waited for, no rule says"
    )
    flip = "What came back and its grade, or Amazon's own word on how long to wait."
    exam.doubt(QUESTION, answer, *(exam.saw(one.ref) for one in requests), flip=flip)
    return None


def _arrived(case: Case, sku: str) -> list[Ref]:
    told = [
        ref
        for ref, one in case.told(OrderDelivered)
        if one.proof in ("signature", "gps") and one.sku in (None, sku)
    ]
    return [*told, *exhibits.attached(case, "delivery_proof", sku)]


def _words(state: str) -> str:
    return state.replace("_", " ")


def _and(states: set[str]) -> str:
    return " and ".join(sorted(map(_words, states)))
