"""Keeps an order from being erased while a dispute or a duty asks for it."""

from __future__ import annotations

from typing import Final

from cli.desk import Form, group_of
from ledger.events.keeping import LegalHoldPlaced, LegalHoldReleased

FORMS: Final = (
    Form(
        name="place",
        records=LegalHoldPlaced,
        help="Record why nothing about an order may be erased for now.",
        fields={"why": "What asks for it: a claim, a court, a tax audit; nothing personal."},
    ),
    Form(
        name="release",
        records=LegalHoldReleased,
        help="Record that an order may be erased again when its time comes.",
        fields={"why": "Why it is held no more; nothing personal."},
    ),
)

command = group_of(
    "hold",
    "Keep an order from being erased while a dispute asks for it.",
    "",
    FORMS,
)
