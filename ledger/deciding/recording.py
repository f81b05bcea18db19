"""One thing that the seller tells or decides, recorded once, however often the same command is sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from ledger.deciding.account import Account
from ledger.deciding.checks import check
from ledger.deciding.proposal import (
    Allowed,
    Proposal,
    Refused,
    in_place,
    propose,
)
from ledger.deciding.texts import screened
from ledger.errors import ConcurrentChange
from ledger.event import ACCOUNT_STREAM, Deed, Entry, Source
from ledger.events.keeping import EvidenceAttached
from ledger.folding import fold
from ledger.judging import duties
from ledger.ruling import Ruling
from ledger.store import Log, Original
from ledger.values import day_of, day_told, instant, is_day

_ATTEMPTS: Final = 20
_FIRST_SALE: Final = date(1995, 1, 1)
"""Amazon sold nothing before."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to record."""

    stream: str
    event: Deed
    occurred_at: str | None = None
    """A day or a moment; None for now. Sent again with the same id, now is when it was sent first."""
    originals: tuple[Original | bytes, ...] = ()
    """The evidence that is attached: its bytes, or the form in which it is sealed."""


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded, or would be, and what follows from it."""

    entry: Entry
    """As it was recorded; as it would be, without a position, where nothing was to be recorded."""
    repeated: bool = False
    """True where the same command had recorded it before."""
    cautions: tuple[str, ...] = ()
    """What is allowed and should be known."""
    redacted: tuple[str, ...] = ()
    """The kinds of personal data that were blotted out of it."""
    due: tuple[Ruling, ...] = ()
    """The duties that are open after it, those in doubt among them."""


def decide(
    log: Log,
    decision: Decision,
    *,
    actor: str,
    command: str,
    command_id: str,
    now: str,
    dry_run: bool = False,
    late: bool = False,
    again: bool = False,
    against_advice: bool = False,
    redact: bool = False,
    account: Account | None = None,
) -> Decided:
    """Record one decision under the command's id, unless the case does not allow it.

    Raises Refused, with the reason and the entry or rule that decides. A command sent again with the same
    id records nothing and returns what it recorded first. With `dry_run` nothing is recorded at all; with
    `redact` what is personal in a text is blotted out rather than refused. `account` is of the same log, and
    spares who decides much to read the account's own entries each time.
    """
    allowed = Allowed(late=late, again=again, against_advice=against_advice)
    recording = _Recording(
        log, account or Account(log), actor, command, now, allowed, dry_run=dry_run, redact=redact
    )
    return recording.decide(decision, command_id)


class _Recording:
    """A decision on its way into the log."""

    def __init__(
        self,
        log: Log,
        account: Account,
        actor: str,
        command: str,
        now: str,
        allowed: Allowed,
        *,
        dry_run: bool,
        redact: bool,
    ) -> None:
        self._log = log
        self._account = account
        self._actor = actor
        self._command = command
        self._now = now
        self._allowed = allowed
        self._dry_run = dry_run
        self._redact = redact

    def decide(self, decision: Decision, command_id: str) -> Decided:
        """Record a decision on the case as it stands; read it anew where others write to it meanwhile."""
        _assert_kept(decision)
        event, blotted = screened(decision.event, redact=self._redact)
        decision = _with_moment(msgspec.structs.replace(decision, event=event))
        for _ in range(_ATTEMPTS):
            entries = self._entries(decision.stream)
            before = _recorded_before(entries, decision, command_id)
            if before is not None:
                due = self._due(entries)
                return Decided(entry=before, repeated=True, redacted=blotted, due=due)
            entry = self._entry(decision, command_id, len(entries) + 1)
            cautions = check(self._proposal(entry, entries))
            try:
                entry = self._record(entry, decision.originals)
            except ConcurrentChange:
                continue
            due = self._due([*entries, in_place(entry, entries)])
            return Decided(entry=entry, cautions=cautions, redacted=blotted, due=due)
        raise ConcurrentChange(
            f"other writers were first {_ATTEMPTS} times in a row; nothing was recorded",
            advice="Send the command again when the others are done.",
        )

    def _entries(self, stream: str) -> Sequence[Entry]:
        """The entries of a stream; those of the account are read up to now, too."""
        own = self._account.entries()
        return own if stream == ACCOUNT_STREAM else self._log.streams([stream])[stream]

    def _entry(self, decision: Decision, command_id: str, version: int) -> Entry:
        return Entry(
            stream=decision.stream,
            version=version,
            event=decision.event,
            occurred_at=decision.occurred_at or self._now,
            actor=self._actor,
            source=Source(command=self._command, command_id=command_id),
            correlation=command_id,
        )

    def _record(self, entry: Entry, originals: Sequence[Original | bytes]) -> Entry:
        if self._dry_run:
            return entry
        return self._log.append([entry], originals=originals)[0]

    def _proposal(self, entry: Entry, entries: Sequence[Entry]) -> Proposal[Deed]:
        return propose(
            entry,
            entries,
            stated=self._account.stated,
            book_of=self._account.book,
            now=self._now,
            allowed=self._allowed,
            case=self._account.case if entry.stream == ACCOUNT_STREAM else None,
        )

    def _due(self, entries: Sequence[Entry]) -> tuple[Ruling, ...]:
        """The duties open, or in doubt, on the command's day, or on the newest entry's where that is ahead."""
        if not entries or entries[0].stream == ACCOUNT_STREAM:
            return ()
        stream, stated = entries[0].stream, self._account.stated
        store = fold(stream, entries, stated=stated).marketplace
        as_of = max(day_of(self._now, store), day_of(entries[-1].occurred_at, store))
        case, book = fold(stream, entries, stated=stated, as_of=as_of), self._account.book(as_of)
        return tuple(
            one for one in duties(case, book, as_of) if one.open_on(as_of) or one.state == "review"
        )


def _assert_kept(decision: Decision) -> None:
    """The bytes that are kept are those that the event names."""
    event = decision.event
    given = [(one.digest, one.sealed) for one in map(Original.of, decision.originals)]
    named = [(event.digest, event.sealed)] if isinstance(event, EvidenceAttached) else []
    assert given == named, f"{event.TOPIC} names {named}, and {given} are given"


def _with_moment(decision: Decision) -> Decision:
    """The decision with its moment as the ledger writes moments."""
    told = decision.occurred_at
    if told is None:
        return decision
    try:
        moment = _day(told) if is_day(told) else instant(datetime.fromisoformat(told))
    except ValueError:
        raise Refused(
            "neither a day nor a moment with its zone",
            found=told,
            advice="Write 2026-03-01, or 2026-03-01T09:30:00Z.",
        ) from None
    day = day_told(moment)
    if day.year == date.max.year:
        raise Refused(
            "it has not happened yet",
            found=told,
            advice="Check the year: write the day as 2026-03-01.",
        )
    if day < _FIRST_SALE:
        raise Refused(
            "Amazon sold nothing by then",
            found=told,
            advice="Check the year: write the day as 2026-03-01.",
        )
    return msgspec.structs.replace(decision, occurred_at=moment)


def _day(told: str) -> str:
    return date.fromisoformat(told).isoformat()


def _recorded_before(
    entries: Collection[Entry], decision: Decision, command_id: str
) -> Entry | None:
    """The entry that the same command recorded; Refused where the id was used for something else."""
    for entry in entries:
        if entry.source.command_id != command_id:
            continue
        if entry.event == decision.event and decision.occurred_at in (None, entry.occurred_at):
            return entry
        raise Refused(
            f"entry {entry.position} was recorded under this id, and says something else",
            found=command_id,
            advice="Give each command an id of its own; leave it out to have one made.",
            entry=entry.position,
        )
    return None
