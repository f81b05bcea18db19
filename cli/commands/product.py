"""Sets what you know of your goods and no report tells: what they are, what one costs you."""

from __future__ import annotations

from typing import Final

from cli.desk import DayText, Field, Form, Shown, group_of
from ledger.events.terms import ProductDescribed, SourcingCostSet

FORMS: Final = (
    Form(
        name="describe",
        records=ProductDescribed,
        about="account",
        begins=True,
        arguments=("sku",),
        help="""Say what a product is: its category and traits decide which rules it falls under.

        The last description stands, whole.
        """,
        fields={
            "sku": Field("The product.", required=True),
            "category": "As the rules name it: toys, electronics, books.",
            "traits": Field("What sets it apart; may be given several times.", "trait"),
        },
    ),
    Form(
        name="cost",
        records=SourcingCostSet,
        about="account",
        begins=True,
        arguments=("sku", "cost"),
        help="""Say what one unit costs you to make or buy, and which invoice shows it.

        Without freight, handling and customs. It holds from the day of --at on. Since 2025 Amazon
        pays this for goods that it loses before they are sold.
        """,
        fields={
            "sku": Field("The product.", required=True),
            "cost": Field("What one unit costs: '12.30 EUR'.", "amount"),
            "invoice": Field(
                "The invoice that shows it, a file or the SHA-256 of one.",
                type=Shown(),
                metavar="FILE",
            ),
            "invoice_on": Field("The day of the invoice.", type=DayText()),
        },
    ),
)

command = group_of(
    "product",
    "Say what your goods are, and what one unit costs you.",
    "No report tells it, and rules and amounts depend on it.",
    FORMS,
)
