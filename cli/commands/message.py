"""Records messages between you and a buyer: when, about what, answered when; words only sealed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.desk import Field, Form, NoWords, Text, Values, group_of
from ledger.errors import LedgerError, UnknownThing, UnreadableFile
from ledger.events.messages import AbuseReported, MessageAnswered, MessageReceived, ReviewThreatened

if TYPE_CHECKING:
    from cli.desk.recording import Desk

NO_WORDS: Final = {"text": Field("", type=NoWords())}
"""Somebody will try; the answer says where they are taken."""
WORDS: Final = {
    "text": Field(
        "The words themselves; they are kept sealed, and erased with the order.", type=Text()
    ),
    "text_file": Field(
        "A text file with the words; `-` for standard input.",
        type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
        metavar="FILE",
    ),
}


def _received(desk: Desk, filled: Values) -> Values:
    filled.setdefault("message", desk.recalled("message") or desk.new_name("M"))
    return _with_words(desk, filled, "received")


def _with_words(desk: Desk, filled: Values, what: str) -> Values:
    """The words sealed, in the place of the words."""
    given = [filled.pop(name, None) for name in ("text", "text_file")]
    if all(given):
        raise LedgerError(
            "the words are given twice", advice="Give --text or --text-file, and not both."
        )
    words = given[0] or (_read(given[1]) if given[1] else None)
    if words:
        filled |= desk.sealed("words", words, filled["message"], f"message {what}")
    return filled


def _read(path: Path) -> str:
    named = "standard input" if str(path) == "-" else str(path)
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        words = data.decode("utf-8-sig")
    except OSError as error:
        raise UnreadableFile(
            f"it cannot be read: {error.strerror}",
            file=named,
            advice="Name a text file, or `-` for standard input.",
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            "it is not UTF-8",
            file=named,
            advice="Save it as UTF-8, or attach the file itself: "
            "`returns-ledger evidence attach ORDER FILE --personal`.",
        ) from error
    if not words.strip():
        raise UnreadableFile(
            "it is empty", file=named, advice="Leave it out where nothing was said."
        )
    return words


def _answered(desk: Desk, filled: Values) -> Values:
    if "message" not in filled:
        filled["message"] = desk.recalled("message") or _unanswered(desk)
    return _with_words(desk, filled, "answered")


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

        Amazon counts 24 hours until the answer, on Sundays too. The words are kept sealed.
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
        beside=WORDS,
        without=("words", "words_of"),
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
        beside=WORDS,
        without=("words", "words_of"),
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
    "Words are kept sealed under the order's own key, and are gone when that is destroyed.",
    FORMS,
)
