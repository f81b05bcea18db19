"""Answering a buyer's message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

import msgspec

from ledger import clocks, gates
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.clocks import Done
from ledger.events.messages import MessageAnswered, MessageReceived
from ledger.policy import Examination, Policy
from ledger.rulebook import Rule
from ledger.ruling import Ruling

MESSAGES: Final = "msg.sla"
SILENCE: Final = "az.response"


class MessageDeadline(Policy):
    """A buyer's message is answered within hours, on weekends and holidays too."""

    claim_type: ClassVar[str] = "message_deadline"
    title: ClassVar[str] = "Answering a buyer's message"
    families: ClassVar[tuple[str, ...]] = (MESSAGES, SILENCE)
    claims: ClassVar[bool] = False
    duties: ClassVar[bool] = True

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """One duty for each message, of an order or of none."""
        if not case.deeds:
            return
        for message in _messages(case):
            yield self._judge(case, book, as_of, message)

    def _judge(self, case: Case, book: Book, as_of: date, message: _Message) -> Ruling:
        exam = Examination(self.claim_type, as_of)
        exam.saw(message.ref)
        _ask_programme(exam, case)
        gates.ask_store(exam, case)
        question = "By when is a message answered?"
        rule = clocks.ask_rule(exam, book, MESSAGES, case.marketplace, message.ref, question)
        limit, missed = None, None
        done = _answered(case, message, rule)
        if message.channel != "amazon":
            answer = f"it did not come through Amazon, of whose messages {MESSAGES} speaks"
            flip = "A rule on messages that come another way."
            exam.doubt("Did it come through Amazon?", answer, flip=flip)
        if rule is not None:
            limit = clocks.hours_after(message.ref, rule.number("respond_hours"), rule)
            missed = _if_missed(exam, case, book, message.ref)
        return clocks.duty(
            exam,
            case,
            f"answer the message {message.name}",
            message.ref,
            limit,
            done,
            happened=f"it came on the subject of {message.topic.replace('_', ' ')}, on",
            undone="no answer of a person is recorded",
            if_missed=missed,
        )


class _Message(msgspec.Struct, kw_only=True):
    """A message, as the seller told it first, and what he said of it since."""

    ref: Ref
    name: str
    channel: str
    topic: str
    settled: Ref | None = None
    """The entry that marks it as needing no response."""


def _messages(case: Case) -> list[_Message]:
    """Every message by its name; what is told again of one is said of the same."""
    found: dict[str, _Message] = {}
    for ref, told in case.told(MessageReceived):
        message = found.setdefault(
            told.message,
            _Message(ref=ref, name=told.message, channel=told.channel, topic=told.topic),
        )
        if not told.needs_answer:
            message.settled = ref
    return list(found.values())


def _ask_programme(exam: Examination, case: Case) -> None:
    """The rule is for the seller's own orders: of messages about what Amazon fulfilled it says nothing."""
    if case.kind != "order":
        return
    if not clocks.ask_seller_fulfilled(exam, case, None):
        answer = f"Amazon fulfilled the order, and {MESSAGES} is for what the seller fulfils"
        flip = "A rule on messages about orders that Amazon fulfils."
        exam.doubt("Did the seller fulfil it (FBM)?", answer, flip=flip)


def _answered(case: Case, message: _Message, rule: Rule | None) -> Done | None:
    """The first answer that counts; a machine's counts only where the rule says so."""
    counts = (
        rule is not None and rule.states("auto_reply_counts") and rule.flag("auto_reply_counts")
    )
    answers = [
        Done(ref=ref, what="it was answered")
        for ref, answer in case.told(MessageAnswered)
        if answer.message == message.name and (counts or not answer.automatic)
    ]
    if message.settled is not None and _may_be_marked(rule):
        what = "it was marked as needing no response"
        answers.append(Done(ref=message.settled, what=what))
    return min(answers, key=lambda done: done.ref.occurred_at, default=None)


def _may_be_marked(rule: Rule | None) -> bool:
    """True unless the rule says that marking a message does not end the duty."""
    name = "may_mark_no_response_needed"
    return rule is None or not rule.states(name) or rule.flag(name)


def _if_missed(exam: Examination, case: Case, book: Book, received: Ref) -> str | None:
    """What a longer silence leads to, where a rule of the store is certain of it."""
    assert case.marketplace is not None, "a rule was found for it"
    rule = book.rulebook.in_force(SILENCE, case.marketplace, received.day)
    if rule is None or not rule.sure or not rule.states("buyer_contact_answer_hours"):
        return None
    exam.by(rule)
    hours = rule.number("buyer_contact_answer_hours")
    return f"after {hours} hours of silence an A-to-z claim of the buyer is granted"
