"""Who may bear a cost, and to which line of it an amount belongs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from ledger.values import Money

Party = Literal["seller", "buyer", "amazon", "carrier"]


class Posted(msgspec.Struct, frozen=True):
    """To which line an amount belongs, whose it is, and who stands against him in it."""

    line: str
    against: Party
    by: Party = "seller"


Lines = Iterable[tuple[Posted, Money]]
"""Amounts as Amazon signs them: minus is taken from the seller."""
