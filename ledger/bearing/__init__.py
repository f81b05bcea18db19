"""Who bears each cent of an order's refunds."""

from ledger.bearing.granted import compensations_of
from ledger.bearing.parts import Parts, kept_back, parts_of, settled_of
from ledger.bearing.share import Compensation, Part, Share
from ledger.bearing.sharing import concerns, given_back, shares_of

__all__ = [
    "Compensation",
    "Part",
    "Parts",
    "Share",
    "compensations_of",
    "concerns",
    "given_back",
    "kept_back",
    "parts_of",
    "settled_of",
    "shares_of",
]
