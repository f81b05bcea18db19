"""A part of one refund and who bears it: every cent of a refund has exactly one bearer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

import msgspec

from ledger.case import Ref
from ledger.desk import GivenBack
from ledger.rulebook import Rule
from ledger.ruling import Bearer
from ledger.values import Money

Part = Literal["goods", "way_out", "way_back", "fees_back"]
"""The price of the goods, the postage to the buyer and back, and what Amazon gives back of its fees."""

PARTS: Final[tuple[Part, ...]] = ("goods", "way_out", "way_back", "fees_back")
"""In the order in which a compensation makes them good."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A part of one refund, and who bears it."""

    refund: GivenBack
    part: Part
    bearer: Bearer
    amount: Money
    why: str
    refs: tuple[Ref, ...] = ()
    """The entries that decide it, beside those of the refund."""
    rule: Rule | None = None
    question: str | None = None
    """What would have to be settled before the bearer is certain."""


class Compensation(msgspec.Struct, frozen=True, kw_only=True):
    """Money that makes a refund good to the seller, and whose it is."""

    bearer: Bearer
    door: str
    """Through which it came: no two sources of one door are added."""
    minor: int | None
    """None for all that it may make good."""
    currency: str | None
    why: str
    refs: tuple[Ref, ...] = ()
    sku: str | None = None
    """None for any SKU of the order."""
    trigger: str | None = None
    """The only trigger of refunds that it makes good, None for any."""
    question: str | None = None

    def reaches(self, share: Share) -> bool:
        """True where it may make that share good."""
        same = self.currency in (None, share.amount.currency)
        meant = self.sku in (None, share.refund.sku)
        through = self.trigger in (None, share.refund.trigger)
        takes = self.bearer == "buyer" and share.bearer == "amazon"
        return same and meant and through and (share.bearer in ("seller", "undetermined") or takes)


def made_good(shares: Iterable[Share], compensations: Iterable[Compensation]) -> list[Share]:
    """The shares after each compensation took over what it reaches: their sum stays the same."""
    left = list(shares)
    for compensation in compensations:
        left = list(_taken_over(left, compensation))
    return left


def _taken_over(shares: Sequence[Share], compensation: Compensation) -> Iterator[Share]:
    """Goods before postage, and of the goods first those of which nobody knows who bears them."""
    reached = sorted(
        (number for number, share in enumerate(shares) if compensation.reaches(share)),
        key=lambda number: (
            PARTS.index(shares[number].part),
            shares[number].bearer != "undetermined",
            number,
        ),
    )
    left = compensation.minor
    covered: dict[int, int] = {}
    for number in reached:
        minor = shares[number].amount.minor
        covered[number] = minor if left is None else min(minor, left)
        left = None if left is None else left - covered[number]
    for number, share in enumerate(shares):
        yield from _split(share, covered.get(number, 0), compensation)


def _split(share: Share, minor: int, by: Compensation) -> Iterator[Share]:
    currency = share.amount.currency
    if minor:
        yield msgspec.structs.replace(
            share,
            bearer="undetermined" if by.question else by.bearer,
            amount=Money(minor, currency),
            why=by.why,
            refs=(*share.refs, *by.refs),
            rule=None,
            question=by.question,
        )
    if minor < share.amount.minor or share.amount.minor == 0:
        rest = Money(share.amount.minor - minor, currency)
        yield msgspec.structs.replace(share, amount=rest)
