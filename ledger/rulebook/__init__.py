"""Amazon's rules as dated, cited data, and the version that holds on a given day."""

from ledger.rulebook.rule import EVIDENCE_MEANS, Cap, Rule, UnreadableRulebook, family_of
from ledger.rulebook.rulebook import Rulebook, load, read_series, shipped
from ledger.rulebook.window import ClaimWindow, Days, Piece, State, claim_window, clock_days

__all__ = [
    "EVIDENCE_MEANS",
    "Cap",
    "ClaimWindow",
    "Days",
    "Piece",
    "Rule",
    "Rulebook",
    "State",
    "UnreadableRulebook",
    "claim_window",
    "clock_days",
    "family_of",
    "load",
    "read_series",
    "shipped",
]
