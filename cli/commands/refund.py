"""Records what the buyer gets back: refunds, fees kept back, concessions, replacements."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, get_args

import click

from cli.desk import Amount, Field, Form, PartOfRefund, Values, group_of
from ledger.events.refunds import (
    Component,
    ConcessionGranted,
    RefundGiven,
    RefundPart,
    ReplacementSent,
    RestockingFeeApplied,
)

if TYPE_CHECKING:
    from cli.desk.recording import Desk


def _parts(desk: Desk, filled: Values) -> Values:
    """A refund's components: as they were given, else all of it for the item."""
    parts = filled.pop("part", ())
    amount: Any = filled.pop("amount", None)
    if bool(parts) == (amount is not None):
        raise click.UsageError(
            "A refund is told either whole, with --amount '49.90 EUR', or in its parts, with "
            "--part item=40.00 --part shipping=4.99."
        )
    twice = [name for name, times in Counter(name for name, _ in parts).items() if times > 1]
    if twice:
        raise click.UsageError(f"--part names '{twice[0]}' twice; give it once, with the sum.")
    told = [RefundPart("item", amount)] if amount is not None else []
    told += [RefundPart(component, desk.money(given)) for component, given in parts]
    if len({part.amount.currency for part in told}) > 1:
        raise click.UsageError("The parts of one refund are in one currency.")
    return {**filled, "parts": tuple(told)}


FORMS: Final = (
    Form(
        name="give",
        records=RefundGiven,
        without=("parts",),
        finish=_parts,
        allows=("again",),
        help="""Record a refund: who gave it, and what set it off.

        What set it off decides which remedy there is. The settlement confirms the money later, and
        adds none. More than was paid is refused; so is a second refund of the same kind, unless
        --again says that it is meant.
        """,
        fields={
            "by": "Who refunded the buyer.",
            "trigger": "What set it off: `returns-ledger remedy` shows what follows from it.",
        },
        beside={
            "amount": Field(
                "What the buyer got for the item, less what was kept back; postage is a --part.",
                type=Amount(),
                metavar="AMOUNT",
            ),
            "part": Field(
                "One component of it: item=40.00, shipping=4.99; may be given several times.",
                type=PartOfRefund(get_args(Component)),
                metavar="COMPONENT=AMOUNT",
                multiple=True,
            ),
        },
    ),
    Form(
        name="fee",
        records=RestockingFeeApplied,
        help="Record a part of the price that you kept back, and for what.",
        fields={
            "amount": Field("How much was kept back.", metavar="AMOUNT"),
            "reason": "For what it was kept back.",
        },
    ),
    Form(
        name="concession",
        records=ConcessionGranted,
        help="""Record what you gave the buyer of your own will, who keeps the goods.

        Never for a review or its removal: Amazon forbids it.
        """,
        fields={
            "kind": "What was given.",
            "amount": Field("What it is worth.", metavar="AMOUNT"),
            "sku": "For which SKU; for the whole order where it is left out.",
        },
    ),
    Form(
        name="replacement",
        records=ReplacementSent,
        help="Record that you sent the units again, free of charge.",
        fields={
            "replacement_order_id": Field(
                "The order under which they were sent.", "as-order", metavar="ORDER"
            ),
            "cost": Field("What sending it again cost, goods not counted.", metavar="AMOUNT"),
        },
    ),
)

command = group_of(
    "refund",
    "Record what the buyer gets back: refund, fee, concession, replacement.",
    "More than was paid is refused, and so is the same refund twice.",
    FORMS,
)
