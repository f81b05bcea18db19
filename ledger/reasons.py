"""Amazon's reason codes: why a buyer sends something back, whose fault that is, and what a payment is for."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from ledger.rulebook import Rule
from ledger.values import code

Fault = Literal["seller", "buyer", "unclear"]

BUYER_REASONS: Final = "buyer_reasons"
"""The term under which a rule lists the reasons that it puts down to the buyer."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A reason as Amazon tells it, and what follows from it."""

    told: str | None
    """Amazon's code, verbatim; None where the buyer gave no reason."""
    name: str
    """The code without the prefix that differs from report to report."""
    means: str
    """What the buyer says by it, in words."""
    fault: Fault
    known: bool
    """False for a code that nobody has read in a list of Amazon's yet."""
    alleges_defect: bool = False
    """True where the buyer says that the goods are not what was sold."""

    def __str__(self) -> str:
        return self.means if self.told is None else f"{self.told} ({self.means})"


class _Meaning(msgspec.Struct, frozen=True):
    """What a code means, and whose fault that is as far as it can be told."""

    words: str
    fault: Fault
    alleges_defect: bool = False


_NO_REASON: Final = _Meaning("no reason given", "buyer")
_UNHEARD_OF: Final = _Meaning("a code that no list of Amazon's explains", "unclear")
_UNDELIVERABLE: Final = _Meaning("undeliverable", "unclear")

_MEANINGS: Final[dict[str, _Meaning]] = {
    # The words of these seven are those of the rule that puts them down to the buyer.
    "ORDERED_WRONG_ITEM": _Meaning("accidental order", "buyer"),
    "MISORDERED": _Meaning("accidental order", "buyer"),
    "FOUND_BETTER_PRICE": _Meaning("better price", "buyer"),
    "UNWANTED_ITEM": _Meaning("no longer needed", "buyer"),
    "QUALITY_UNACCEPTABLE": _Meaning("performance/quality not adequate", "buyer", True),
    "NOT_COMPATIBLE": _Meaning("not useful/incompatible", "buyer"),
    "PART_NOT_COMPATIBLE": _Meaning("part not compatible", "buyer"),
    "EXCESSIVE_INSTALLATION": _Meaning("installation too complex", "buyer"),
    "NO_REASON_GIVEN": _NO_REASON,
    "DEFECTIVE": _Meaning("defective", "seller", True),
    "NOT_AS_DESCRIBED": _Meaning("different from the description", "seller", True),
    "BAD_DESC": _Meaning("different from the description", "seller", True),
    "SWITCHEROO": _Meaning("different from what was ordered", "seller", True),
    "MISSING_PARTS": _Meaning("parts missing", "seller", True),
    "DAMAGED_BY_FC": _Meaning("damaged by inappropriate packaging", "seller", True),
    "DAMAGED_BY_CARRIER": _Meaning("damaged on its way to the buyer", "seller", True),
    "MISSED_ESTIMATED_DELIVERY": _Meaning("arrived too late", "seller"),
    "NEVER_ARRIVED": _Meaning("never arrived", "seller"),
    "EXTRA_ITEM": _Meaning("an extra item arrived", "seller"),
    "UNAUTHORIZED_PURCHASE": _Meaning("unauthorized purchase", "seller"),
    "STYLE": _Meaning("style not as wished", "unclear"),
    "TOO_LARGE": _Meaning("too large", "unclear"),
    "TOO_SMALL": _Meaning("too small", "unclear"),
    "DID_NOT_LIKE_COLOR": _Meaning("colour not as wished", "unclear"),
    "DID_NOT_LIKE_FABRIC": _Meaning("fabric not as wished", "unclear"),
    "UNKNOWN_OTHER_REASON": _Meaning("another reason", "unclear"),
}
"""By the code without its prefix: reports for FBA and for seller-fulfilled returns use the same words."""

_PREFIXES: Final = ("CR_", "AMZ_PG_", "APP_", "WJ_", "APPAREL_", "JEWELRY_")


def reason_of(told: str | None, rule: Rule | None = None) -> Reason:
    """What a reason code means; a rule that lists the buyer's reasons decides which of them are his.

    A code that is not known keeps its words and is nobody's fault for certain: it is never guessed at.
    """
    if told is None or not told.strip():
        return Reason(
            told=None, name="", means=_NO_REASON.words, fault=_NO_REASON.fault, known=True
        )
    name = _name(told)
    known = name in _MEANINGS or name.startswith("UNDELIVERABLE")
    unnamed = _UNDELIVERABLE if known else _UNHEARD_OF
    meaning = _MEANINGS.get(name, unnamed)
    return Reason(
        told=told,
        name=name,
        means=meaning.words,
        fault=_fault(meaning, rule),
        known=known,
        alleges_defect=meaning.alleges_defect,
    )


def _fault(meaning: _Meaning, rule: Rule | None) -> Fault:
    if rule is None or not rule.states(BUYER_REASONS) or meaning is _NO_REASON:
        return meaning.fault
    if meaning.words in rule.words(BUYER_REASONS):
        return "buyer"
    return "unclear" if meaning.fault == "buyer" else meaning.fault


def _name(told: str) -> str:
    name = code(told)
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


# --- what Amazon pays for ---------------------------------------------------------------------

WAREHOUSE: Final = {"LOST_WAREHOUSE": "lost", "DAMAGED_WAREHOUSE": "damaged"}
"""Reasons for which stock in a fulfilment centre is paid, and what had become of it."""
AFTER_ORDER: Final = frozenset({"CUSTOMERRETURN", "LOST_OUTBOUND"})
"""Reasons for which a unit is paid that was lost after its order."""
SERVICE: Final = frozenset({"CUSTOMERSERVICEISSUE"})
"""Reasons that may pay for a unit of an order or for something else about it."""
