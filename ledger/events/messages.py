"""Messages between buyer and seller: when they came, what about, when they were answered; words only sealed."""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.event import Deed

Channel = Literal["amazon", "email", "phone", "other"]
Topic = Literal[
    "return",
    "refund",
    "damage",
    "wrong_item",
    "not_received",
    "complaint",
    "question",
    "contact",
    "other",
]


class MessageReceived(Deed, frozen=True, kw_only=True):
    """A buyer wrote to the seller."""

    TOPIC: ClassVar[str] = "message-received.v1"

    message: str
    """The seller's own name for it, by which the answer finds it."""
    order_id: str | None = None
    channel: Channel = "amazon"
    topic: Topic = "other"
    needs_answer: bool = True
    """False where the seller marked it as one that needs no response."""
    words: str | None = None
    """What the buyer wrote, sealed: never in clear."""
    words_of: str | None = None
    """Under whose key the words lie."""


class MessageAnswered(Deed, frozen=True, kw_only=True):
    """The seller answered a buyer's message."""

    TOPIC: ClassVar[str] = "message-answered.v1"

    message: str
    automatic: bool = False
    """True for a reply that a machine sent: Amazon does not count it."""
    words: str | None = None
    """What the seller wrote, sealed: never in clear."""
    words_of: str | None = None
    """Under whose key the words lie."""


class ReviewThreatened(Deed, frozen=True, kw_only=True):
    """A buyer threatened a bad review to get what he wants."""

    TOPIC: ClassVar[str] = "review-threatened.v1"

    order_id: str
    message: str | None = None
    evidence: tuple[str, ...] = ()


class AbuseReported(Deed, frozen=True, kw_only=True):
    """The seller reported abuse to Amazon."""

    TOPIC: ClassVar[str] = "abuse-reported.v1"

    order_id: str
    channel: Literal["report_abuse_link", "reviews_help_email", "seller_support", "other"]
    reference: str | None = None
