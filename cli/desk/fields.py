"""How fields are filled in where the event itself does not say, and the words for those that many forms share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import click

from cli.desk.typed import DayText, When


class Field(NamedTuple):
    """How one field is filled in."""

    help: str
    option: str = ""
    """The option's name, where it is not the field's."""
    type: click.ParamType[Any] | None = None
    """Where it does not follow from the event's field."""
    metavar: str | None = None
    opposite: bool = False
    """True for a flag that says the opposite of the field: `--drop` for `active`."""
    otherwise: str = ""
    """The flag that says no, for a field that may be true, false or unknown."""
    required: bool | None = None
    """Where the event does not decide it."""
    multiple: bool = False
    """Of what is no field of an event: whether it may be given several times."""


EVIDENCE: Final = "A file that shows it, or the SHA-256 of one that is attached already; may be given several times."

COMMON: Final[Mapping[str, str | Field]] = {
    "sku": "Which SKU of the order; may be left out where it has one only.",
    "quantity": "How many units; 1 where it is not said.",
    "asin": "Amazon's number for the product.",
    "rma_id": Field("The request's RMA number.", "rma"),
    "reason": Field(
        "Amazon's code for the buyer's reason, as it is written there.", metavar="CODE"
    ),
    "carrier": "Who carries it.",
    "tracking": "The parcel's tracking number.",
    "evidence": Field(EVIDENCE, metavar="FILE"),
    "approver": "Who approved it: a role, not a person's name.",
    "amount": Field("How much: '49.90 EUR', or 49.90 in the order's currency.", metavar="AMOUNT"),
    "cost": Field("What it cost the seller.", metavar="AMOUNT"),
    "license_plate": Field("The licence plate number (LPN) on the unit.", "plate", metavar="LPN"),
    "serial": "The serial number of the unit that came back.",
    "claim": Field(
        "Your own name for the claim; may be left out where there is one only.", metavar="CLAIM"
    ),
    "finding_id": Field(
        "The finding that it is about, F-...: type, amount and SKU follow from it.",
        "finding",
        metavar="F-...",
    ),
    "reimbursement_id": Field("Amazon's number for the payment.", "reimbursement"),
    "due_at": Field("Until when, where the request itself says so.", "due", When()),
    "appeal_until": Field("The last day to appeal, where the decision shows one.", type=DayText()),
    "marketplace": "The Amazon store: DE, uk, amazon.com.",
    "why": "Why, in a few words, and nothing personal.",
    "message": Field("Your own name for the message.", metavar="NAME"),
}
