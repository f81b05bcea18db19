"""Records messages between you and a buyer, never their words: when, about what, answered when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cli.desk import Field, Form, NoWords, Values, group_of
from ledger.errors import LedgerError, UnknownThing
from ledger.events.messages import AbuseReported, MessageAnswered, MessageReceived, ReviewThreatened

if TYPE_CHECKING:
    from cli.desk.recording import Desk

NO_WORDS: Final = {"text": Field("", type=NoWords())}
"""Somebody will try; the answer says why not."""


def _received(desk: Desk, filled: Values) -> Values:
    filled.setdefault("message", desk.recalled("message") or desk.new_name("M"))
    return filled


def _answered(desk: Desk, filled: Values) -> Values:
    if "message" not in filled:
        filled["message"] = desk.recalled("message") or _unanswered(desk)
    return filled


def _unanswered(desk: Desk) -> str:
    """The only message that waits for an answer."""
    answered = {told.message for _, told in desk.case.told(MessageAnswered) if not told.automatic}
    waiting = [
        told.message
        for _, told in desk.case.told(MessageReceived)
        if told.needs_answer and told.message not in answered
    ]
    if len(waiting) == 1:
        return waiting[0]
    where = desk.thing or "the account"
    if waiting:
        advice = f"Say which one with --message: {', '.join(waiting)}."
        raise LedgerError("several messages wait for an answer", found=where, advice=advice)
    raise UnknownThing(
        "no message waits for an answer",
        found=where,
        advice="Name the message with --message, or record first that it came: "
        "`returns-ledger message received`.",
    )


FORMS: Final = (
    Form(
        name="received",
        records=MessageReceived,
        about="perhaps an order",
        finish=_received,
        help="""Record that a buyer wrote: when, by which way, about what.

        The words are not taken. Amazon counts 24 hours until the answer, on Sundays too.
        Without ORDER it is a message about no order.
        """,
        fields={
            "message": Field(
                "Your own name for it; one is made where it is left out.",
                metavar="NAME",
                required=False,
            ),
            "channel": "By which way it came.",
            "topic": "What it is about.",
            "needs_answer": Field(
                "You marked it in Seller Central as one that needs no response.",
                "no-answer-needed",
                opposite=True,
            ),
        },
        beside=NO_WORDS,
    ),
    Form(
        name="answered",
        records=MessageAnswered,
        about="perhaps an order",
        finish=_answered,
        help="Record that you answered a message.",
        fields={
            "message": Field(
                "Which message; may be left out where one waits only.",
                metavar="NAME",
                required=False,
            ),
            "automatic": "A machine sent the reply: Amazon does not count it.",
        },
        beside=NO_WORDS,
    ),
    Form(
        name="threat",
        records=ReviewThreatened,
        help="""Record that the buyer threatened a bad review to get something.

        Decide about the return as if nothing had been said: by the rules, and nothing else.
        """,
        fields={"message": Field("The message with the threat.", metavar="NAME")},
        beside=NO_WORDS,
    ),
    Form(
        name="abuse",
        records=AbuseReported,
        help="Record that you reported abuse to Amazon.",
        fields={
            "channel": "By which way you reported it.",
            "reference": "Amazon's number for it.",
        },
        beside=NO_WORDS,
    ),
)

command = group_of(
    "message",
    "Record messages with a buyer: when they came and were answered.",
    "Never their words: those are personal, and the log keeps what it is given for ever.",
    FORMS,
)
