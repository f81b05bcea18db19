"""Records what a removal order brought to your door: only you can tell how many, and in what state."""

from __future__ import annotations

from typing import Final

from cli.desk import Field, Form, group_of
from ledger.events.arrivals import RemovalReceived

FORMS: Final = (
    Form(
        name="receive",
        records=RemovalReceived,
        about="removal",
        help="""Record how many units of a removal order reached you, and how many of them damaged.

        Amazon's reports tell what was sent, never what arrived. REMOVAL is the removal order's id.
        """,
        fields={
            "fnsku": "Amazon's number for the units, on their label.",
            "quantity": Field("How many reached you, damaged ones too."),
            "damaged": "How many of them are damaged.",
        },
    ),
)

command = group_of(
    "removal",
    "Record what a removal order brought to your door.",
    "",
    FORMS,
)
