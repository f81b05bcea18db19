"""What a buyer may do with what was bought: Amazon's promise, the seller's own, and the law, each with its last day."""

from ledger.rights.asking import (
    RightsPolicy,
    any_reason,
    bases,
    concerns,
    guarantee_of,
    holiday_of,
    law_of,
    own_window_of,
    windows_of,
)
from ledger.rights.right import (
    FOR_ANY_REASON,
    Basis,
    Right,
    RightKind,
    ask_delivered,
    ask_order,
    basis_of,
    judged,
)
from ledger.rights.seller import terms_of

__all__ = [
    "FOR_ANY_REASON",
    "Basis",
    "Right",
    "RightKind",
    "RightsPolicy",
    "any_reason",
    "ask_delivered",
    "ask_order",
    "bases",
    "basis_of",
    "concerns",
    "guarantee_of",
    "holiday_of",
    "judged",
    "law_of",
    "own_window_of",
    "terms_of",
    "windows_of",
]
