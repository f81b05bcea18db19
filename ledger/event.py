"""What an event is, and the entry that carries it in the log.

Nothing here can be part of a cycle, so the collector need not look at it (`gc=False`): an import holds
hundreds of thousands of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

    from ledger.case import Case, Ref


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A fact in the past tense, in the trade's words; its TOPIC is its name in the log for ever."""

    TOPIC: ClassVar[str]
    SNAPSHOT: ClassVar[bool] = False
    """True where the fact has no date of its own and therefore occurs when it is told."""

    TIMELESS: ClassVar[bool] = False
    """True where it says what we know and not what happened: no `--as-of` hides it."""

    SILENT: ClassVar[bool] = False
    """True where it says nothing that anything is worked out from: no case is folded from it."""

    CARRIES: ClassVar[tuple[str, ...]] = ()
    """Fields that hold what the same row told besides, by the names of the row's parts.

    A row's other parts stand here when they are told together with it, and in entries of their own when
    they are told later, so that a file read for the first time takes one entry a row.
    """

    def apply(self, case: Case, ref: Ref) -> None:
        """Add to the case what this event says; `ref` is the entry that says it."""
        raise NotImplementedError

    def carried(self) -> dict[str, Event]:
        """What it carries, by the part's name."""
        return {name: event for name in self.CARRIES if (event := getattr(self, name)) is not None}


class Deed(Event, frozen=True, kw_only=True):
    """What the seller tells or decides himself: no report told it, and a correction can take it back."""

    def apply(self, case: Case, ref: Ref) -> None:
        """The case holds it as it was said."""
        case.deeds.append((ref, self))


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Where a fact comes from: a row of an original, or a command and its id."""

    digest: str | None = None
    """SHA-256 of the original, hexadecimal."""
    row: int | None = None
    """The row in the original, counted as an editor counts lines: the header is row 1."""
    command: str | None = None
    command_id: str | None = None


class Telling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One telling of one thing: the same thing told again with another digest is a revision."""

    identity: str
    """The strongest name that the row tells, such as a licence plate's, else its natural key."""
    occurrence: int
    """1 for the first of several rows alike in their whole name, which are separate units."""
    part: str = ""
    """Tells the facts of one row apart; empty for what the row is."""
    digest: str
    """Of the told columns only: no titles, nothing personal."""
    told_at: str
    """The moment or day on which the source said so: orders the tellings of one thing."""
    revises: str | None = None
    """Digest of the telling that this one follows, None for the first."""
    keys: tuple[str, ...] = ()
    """Its other names, down to the one that every variant of the report tells."""

    @property
    def local_key(self) -> str:
        """Unique in its stream: the same telling is never recorded twice."""
        return f"{self.identity}#{self.occurrence}/{self.part}@{self.told_at}/{self.digest}"


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event in the log: where, when it happened, when we recorded it, who said so, from what source.

    Position and recorded_at are None until the log has given them. The entry is the domain event of the
    eventsourcing library: originator_id is the stream, originator_version the version.
    """

    stream: str
    version: int
    event: Event
    occurred_at: str
    actor: str
    source: Source
    telling: Telling | None = None
    causation: str | None = None
    correlation: str | None = None
    position: int | None = None
    recorded_at: str | None = None

    @property
    def originator_id(self) -> str:
        """The stream, as the library calls it."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """The version, as the library calls it."""
        return self.version


_canonical: Final = msgspec.json.Encoder(order="sorted").encode


def digest_of(event: Event, occurred_at: str | None) -> str:
    """Digest of what is told: the event and, for a fact, its date; a state's date is when it was told."""
    when = None if event.SNAPSHOT else occurred_at
    told = _begun(event.TOPIC).copy()
    told.update(b"%b\0%b" % (_canonical(event), (when or "").encode()))
    return told.hexdigest()[:32]


def in_state(event: Event, occurred_at: str | None) -> bytes:
    """How the state of an entry goes on from its event: with the date of a fact, which a state does not have."""
    when = None if event.SNAPSHOT else occurred_at
    told = b'"event":%b,"occurred_at":"' % _canonical(event)
    return b'%b%b","' % (told, when.encode()) if when else told


@lru_cache(maxsize=256)
def _begun(topic: str) -> Hash:
    """How every digest of a topic begins."""
    return sha256(topic.encode() + b"\0")


def told_apart(entry: Entry) -> Iterator[Entry]:
    """The entry, and each thing that it carries as an entry of its own."""
    yield entry
    if not entry.event.CARRIES or entry.telling is None:
        return
    for part, event in entry.event.carried().items():
        telling = msgspec.structs.replace(
            entry.telling, part=part, digest=digest_of(event, entry.occurred_at), revises=None
        )
        yield msgspec.structs.replace(
            entry,
            event=event,
            occurred_at=telling.told_at if event.SNAPSHOT else entry.occurred_at,
            telling=telling,
        )


ACCOUNT_STREAM: Final = "account"


def order_stream(order_id: str) -> str:
    """The stream of one Amazon order: one order is one case."""
    return f"order/{order_id}"


def stock_stream(fnsku: str) -> str:
    """The stream of one FNSKU in Amazon's stock."""
    return f"stock/{fnsku}"


def removal_stream(removal_order_id: str) -> str:
    """The stream of one removal order."""
    return f"removal/{removal_order_id}"
