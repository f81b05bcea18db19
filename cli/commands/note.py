"""Keeps a note with an order, a SKU in stock or a removal: in your words, and nothing personal."""

from __future__ import annotations

from typing import Final

from cli.desk import Field, Form, command_of
from ledger.events.keeping import NoteAdded

FORM: Final = Form(
    name="note",
    records=NoteAdded,
    about="thing",
    arguments=("text",),
    help="""Keep a note with an order, an FNSKU or a removal.

    Nothing personal: what looks like a name, an address, a telephone number or an e-mail address
    is refused, or blotted out with --redact.
    """,
    fields={"text": Field("What is to be remembered.")},
)

FORMS: Final = (FORM,)

command = command_of(FORM)
