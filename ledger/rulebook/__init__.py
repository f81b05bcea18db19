"""Amazon's rules as dated, cited data, and the version that holds on a given day."""

from ledger.rulebook.rule import (
    EVERYWHERE,
    EVIDENCE_MEANS,
    PRECEDENCES,
    Cap,
    Precedence,
    Rule,
    UnreadableRulebook,
    family_of,
)
from ledger.rulebook.rulebook import Rulebook, load, read_series, shipped
from ledger.rulebook.terms import TERMS, Term
from ledger.rulebook.window import (
    ClaimWindow,
    Days,
    Piece,
    State,
    claim_window,
    clock_days,
    months_after,
)

__all__ = [
    "EVERYWHERE",
    "EVIDENCE_MEANS",
    "PRECEDENCES",
    "TERMS",
    "Cap",
    "ClaimWindow",
    "Days",
    "Piece",
    "Precedence",
    "Rule",
    "Rulebook",
    "State",
    "Term",
    "UnreadableRulebook",
    "claim_window",
    "clock_days",
    "family_of",
    "load",
    "months_after",
    "read_series",
    "shipped",
]
