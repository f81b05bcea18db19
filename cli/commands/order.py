"""Tells of an order and its way to the buyer, where no report does or none has yet."""

from __future__ import annotations

from typing import Final

from cli.desk import DayText, Field, Form, group_of
from ledger.events.deliveries import OrderDelivered, OrderDispatched, OrderTold

FORMS: Final = (
    Form(
        name="tell",
        records=OrderTold,
        begins=True,
        help="""Tell of an order that no report has told yet.

        Where the orders report tells of it later, the report counts. An order with several SKUs is
        told line by line, each with the price of the whole line.
        """,
        fields={
            "sku": "Your name for the product.",
            "price": Field(
                "What the buyer paid for all units of the line, with tax: '49.90 EUR'.",
                metavar="AMOUNT",
            ),
            "shipping": Field("What the buyer paid for the way out.", metavar="AMOUNT"),
            "programme": "Who fulfils: Amazon (FBA), you (FBM), Amazon for a sale elsewhere (MCF).",
            "quantity": "How many units the price is for; 1 where it is not said.",
        },
    ),
    Form(
        name="dispatch",
        records=OrderDispatched,
        help="""Record that you handed an order to a carrier.

        Whether Amazon bears an A-to-z claim rests on this: a label bought through Amazon with the
        badge Claims Protected, and a first scan in time.
        """,
        fields={
            "claims_protected": "The label shows the badge Claims Protected.",
            "on_time": Field(
                "Whether the carrier's first scan was in time.", otherwise="not-on-time"
            ),
            "postage": Field("What the way out cost you.", metavar="AMOUNT"),
            "deliver_by": Field("The latest day of Amazon's estimated delivery.", type=DayText()),
            "sku": "Which SKU; the whole order where it is left out.",
        },
    ),
    Form(
        name="deliver",
        records=OrderDelivered,
        help="""Record that an order reached its buyer.

        Return windows and statutory rights are counted from here.
        """,
        fields={
            "sku": "Which SKU; the whole order where it is left out.",
            "proof": "What shows the delivery.",
        },
    ),
)

command = group_of(
    "order",
    "Tell of an order and its way to the buyer.",
    "Reports tell most of it; here you tell what they do not, or what you know before they do.",
    FORMS,
)
