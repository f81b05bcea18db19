"""What the seller tells and decides: checked against what is known of the case, then recorded once."""

from ledger.deciding.account import Account
from ledger.deciding.proposal import Allowed, Refused
from ledger.deciding.recording import Decided, Decision, decide

__all__ = [
    "Account",
    "Allowed",
    "Decided",
    "Decision",
    "Refused",
    "decide",
]
