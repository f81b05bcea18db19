"""Takes back an entry of yours that was wrong: it stays in the log, and counts no more."""

from __future__ import annotations

from typing import Final

from cli.desk import Field, Form, command_of
from ledger.events.keeping import EntryCorrected

FORM: Final = Form(
    name="correct",
    records=EntryCorrected,
    about="thing",
    arguments=("corrects",),
    help="""Take back an entry of yours that was wrong: it stays, and counts no more.

    THING is an order, an FNSKU, a removal or `account`; POSITION the entry's number, as `story`
    shows it. Then record what is right. Taking back a correction makes the entry count again.
    """,
    fields={
        "corrects": Field("The entry's number.", "position"),
        "why": "What was wrong, in a few words, and nothing personal.",
    },
)

FORMS: Final = (FORM,)

command = command_of(FORM)
