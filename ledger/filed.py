"""What became of a claim that was filed already: nothing is claimed twice, and an answer is not filed anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from ledger.case import Ref
from ledger.desk import GRANTED, Claim
from ledger.policy import Examination

Stage = Literal[
    "drafted",
    "open",
    "granted",
    "paid",
    "taken_back",
    "denied",
    "appealed",
    "lost",
    "withdrawn",
]
"""How far a claim has come: `denied` may still be appealed, `lost` is denied on appeal."""

QUESTION: Final = "Was it claimed before?"
NOT_BEFORE: Final = "A claim about it that is recorded, or told by a report."
IN_HAND: Final[frozenset[Stage]] = frozenset({"open", "appealed", "granted"})
"""Filed, and nothing to do but to wait for Amazon or the carrier."""


def stage_of(claim: Claim) -> Stage:
    """How far a claim has come."""
    paid = claim.net_paid
    if claim.paid:
        return "paid" if paid is None or paid.minor > 0 else "taken_back"
    if claim.filed is None:
        return "drafted"
    if claim.open:
        return "appealed" if claim.appeals else "open"
    if claim.outcome in GRANTED:
        return "granted"
    if claim.outcome == "withdrawn":
        return "withdrawn"
    return "lost" if claim.appeal_decision else "denied"


def in_words(claim: Claim) -> str:
    """How far a claim has come, as one says it."""
    stage = stage_of(claim)
    last = claim.refs[-1].day
    told = {
        "drafted": "is drafted and not filed",
        "open": f"was filed on {_day(claim.filed)} and is not decided",
        "granted": f"was granted on {last} and is not paid yet",
        "paid": f"was paid with {claim.net_paid}",
        "taken_back": f"was paid, and what was paid was taken back on {last}",
        "denied": f"was denied on {last}",
        "appealed": "was denied, and the appeal is not decided",
        "lost": f"was denied, and so was the appeal on {last}",
        "withdrawn": f"was withdrawn on {last}",
    }
    if claim.by == "buyer":
        whose = {"granted": f"was granted to him on {last}", "denied": f"was denied him on {last}"}
        return f"the buyer's claim {claim.name} {whose.get(stage, told[stage])}"
    return f"claim {claim.name} {told[stage]}"


def is_about(claim: Claim, finding: str, sku: str | None) -> bool:
    """True where a claim is about a finding: it names it, or names none and is about its SKU, or the whole order."""
    if claim.finding_id is not None:
        return claim.finding_id == finding
    return claim.sku in (None, sku)


def ask_filed(exam: Examination, claims: Sequence[Claim]) -> Claim | None:
    """Whether a claim about the very same was filed; the one that decides, or that was denied.

    A denial is a doubt: it may be appealed, or is the end of it, as the door's own rules say.
    """
    filed = [one for one in claims if stage_of(one) not in ("drafted", "withdrawn")]
    if not filed:
        exam.passed(QUESTION, "no claim about it is recorded", flip=NOT_BEFORE)
        return None
    claim = filed[-1]
    stage, answer = stage_of(claim), in_words(claim)
    seen = [exam.saw(ref) for ref in claim.refs]
    if stage == "paid":
        exam.ends("paid", QUESTION, answer, *seen, flip="The payment being taken back.")
    elif stage in IN_HAND:
        told = f"{answer}: it is never filed a second time"
        exam.ends("not_claimable", QUESTION, told, *seen, flip="Its decision, when it comes.")
    elif stage == "lost":
        flip = "Nothing: it was appealed, and an appeal is heard once."
        exam.ends("not_claimable", QUESTION, answer, *seen, flip=flip)
    elif stage == "taken_back":
        flip = "The reason that Amazon gives for taking it back."
        exam.doubt(QUESTION, answer, *seen, flip=flip)
    else:
        flip = "What the denial says, and what answers it: the same claim is not filed anew."
        exam.doubt(QUESTION, answer, *seen, flip=flip)
    return claim


def _day(ref: Ref | None) -> str:
    return str(ref.day) if ref else "a day that is not told"
