"""About the record itself: evidence, notes, corrections, legal holds."""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.event import Deed

EvidenceKind = Literal[
    "photo",
    "video",
    "invoice",
    "delivery_proof",
    "label",
    "message",
    "report",
    "claim_text",
    "other",
]


class EvidenceAttached(Deed, frozen=True, kw_only=True):
    """A file that shows something, kept byte for byte under its SHA-256."""

    TOPIC: ClassVar[str] = "evidence-attached.v1"

    digest: str
    name: str
    kind: EvidenceKind = "other"
    size: int
    """Bytes."""
    sku: str | None = None
    claim: str | None = None
    sealed: str | None = None
    """SHA-256 of the file as it is kept, where it is sealed whole."""
    sealed_for: str | None = None
    """Under whose key it lies, where that is not its own stream: another had the same file before."""


class NoteAdded(Deed, frozen=True, kw_only=True):
    """Something the seller wants to remember, without anything personal."""

    TOPIC: ClassVar[str] = "note-added.v1"

    text: str


class EntryCorrected(Deed, frozen=True, kw_only=True):
    """An earlier entry of the seller's was wrong: it stays in the log, and counts no more."""

    TOPIC: ClassVar[str] = "entry-corrected.v1"
    TIMELESS: ClassVar[bool] = True

    corrects: int
    """Position of the entry."""
    why: str


class LegalHoldPlaced(Deed, frozen=True, kw_only=True):
    """Nothing about the order may be erased while a dispute or a duty asks for it."""

    TOPIC: ClassVar[str] = "legal-hold-placed.v1"

    why: str


class LegalHoldReleased(Deed, frozen=True, kw_only=True):
    """What was held may be erased again when its time comes."""

    TOPIC: ClassVar[str] = "legal-hold-released.v1"

    why: str
