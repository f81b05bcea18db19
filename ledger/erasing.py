"""What is personal and lies sealed: whose it is, when it is to be erased, what holds it, and how it is erased.

Amazon's Data Protection Policy lets personal data be kept no longer than 30 days after the delivery of the order;
a legal hold is the only bridge. The key is destroyed first, and then that is recorded: so what the log says was
erased is erased, and where the program was stopped in between, the same command completes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from ledger.errors import ConcurrentChange, LedgerError, UnknownThing
from ledger.event import ACCOUNT_STREAM, Entry, Event, Source, told_apart
from ledger.events.deliveries import OrderDelivered, OrderDispatched
from ledger.events.imports import ReportImported
from ledger.events.keeping import (
    EntryCorrected,
    EvidenceAttached,
    LegalHoldPlaced,
    LegalHoldReleased,
)
from ledger.events.messages import MessageAnswered, MessageReceived
from ledger.events.orders import OrderPlaced, OrderStatusReported, UnitsShipped
from ledger.events.personal import PersonalErased
from ledger.keystore import EVERYBODY, KeyStore, Use
from ledger.personal import kinds_in
from ledger.persons import sealed_in
from ledger.sealing import file_subject, is_sealed_whole, subjects_in
from ledger.values import day_of

if TYPE_CHECKING:
    from ledger.store import Log

KEPT_DAYS: Final = 30
"""How long what is personal may be kept after the delivery."""
POLICY: Final = "Amazon Data Protection Policy: personal data no longer than 30 days after delivery"

Basis = Literal["delivered", "shipped", "told"]
"""What the days are counted from: the delivery; else the dispatch, which was before; else the last telling."""

_DELIVERED: Final = "Shipped - Delivered to Buyer"
_ATTEMPTS: Final = 20
_TOPICS: Final = (
    *(OrderDelivered.TOPIC, OrderDispatched.TOPIC, OrderPlaced.TOPIC, OrderStatusReported.TOPIC),
    *(UnitsShipped.TOPIC, LegalHoldPlaced.TOPIC, LegalHoldReleased.TOPIC, EntryCorrected.TOPIC),
    *("personal-told.v1", PersonalErased.TOPIC, MessageReceived.TOPIC, MessageAnswered.TOPIC),
    EvidenceAttached.TOPIC,
)


class Lying(msgspec.Struct, frozen=True, kw_only=True):
    """What is personal of one subject, as far as it can be said without opening any of it."""

    subject: str
    stream: str
    values: dict[str, int]
    """How many values, by what they are: a column of a report, `message received`, `evidence`."""
    originals: tuple[str, ...]
    """Files in which something of it lies, by the SHA-256 of what was delivered."""
    since: date | None
    """The day from which it is counted."""
    basis: Basis
    holds: tuple[str, ...] = ()
    """Why it may not be erased now."""
    destroyed_at: str | None = None
    """When its key was destroyed; None while it can be opened."""
    erasures: tuple[PersonalErased, ...] = ()
    """What the log says of it."""

    @property
    def due_on(self) -> date | None:
        """The last day on which it may be kept, were there no hold."""
        return None if self.since is None else self.since + timedelta(days=KEPT_DAYS)

    @property
    def is_complete(self) -> bool:
        """True where the key is destroyed, and the log says so."""
        return self.destroyed_at is not None and bool(self.erasures)


# --- what lies where --------------------------------------------------------------------------


def lying(
    log: Log,
    keys: KeyStore,
    subjects: Collection[str] | None = None,
    *,
    in_every_file: bool = False,
) -> list[Lying]:
    """What lies sealed of some subjects, or of everybody, sorted by subject.

    The files are those by which something was recorded; `in_every_file` looks into all that are sealed, which finds
    those too that only said again what was known.
    """
    known = {one.subject: one for one in keys.subjects(subjects)}
    found = _Found(log, subjects)
    if in_every_file and subjects:
        found.look_into_files(log, set(subjects))
    names = sorted({*known, *found.subjects} if subjects is None else set(subjects))
    told = []
    for name in names:
        stream = stream_of_subject(name)
        one = known.get(name)
        values, since, basis = found.of(name)
        told.append(
            Lying(
                subject=name,
                stream=stream,
                values=values,
                originals=tuple(sorted(found.originals.get(name, ()))),
                # Where no entry tells a day, it lies here since its key was made.
                since=since or (day_of(one.made_at, None) if one else None),
                basis=basis,
                holds=found.holds(stream),
                destroyed_at=one.destroyed_at if one else None,
                erasures=tuple(found.erasures.get(name, ())),
            )
        )
    return told


def stream_of_subject(subject: str) -> str:
    """Where it is recorded that something of a subject was erased: in the order, else in the account."""
    is_of_account = subject.startswith(("file/", "message/")) or "/" not in subject
    return ACCOUNT_STREAM if is_of_account else subject


class _Found:
    """What the log tells of subjects, read once."""

    def __init__(self, log: Log, subjects: Collection[str] | None) -> None:
        self.values: dict[str, Counter[str]] = {}
        self.originals: dict[str, set[str]] = {}
        self.erasures: dict[str, list[PersonalErased]] = {}
        self._days: dict[str, dict[Basis, date]] = {}
        self._holds: dict[str, list[str]] = {}
        self._sealed = _sealed_files(log)
        for entry in _standing(_entries(log, subjects)):
            for told in told_apart(entry):
                self._take(told)

    @property
    def subjects(self) -> set[str]:
        """Everybody of whom something was told or erased."""
        return {*self.values, *self.erasures}

    def of(self, subject: str) -> tuple[dict[str, int], date | None, Basis]:
        """The values of a subject, and since when they are counted on what basis."""
        days = dict(self._days.get(stream_of_subject(subject), {}))
        if subject.startswith(("file/", "message/")):
            days = dict(self._days.get(subject, {}))
        if subject.startswith("file/") and (file := self._sealed.get(subject[5:])):
            days["told"] = file
        values = dict(sorted(self.values.get(subject, {}).items()))
        for basis in ("delivered", "shipped", "told"):
            if basis in days:
                return values, days[basis], basis
        return values, None, "told"

    def look_into_files(self, log: Log, subjects: set[str]) -> None:
        """Find every report in which something of these subjects is sealed."""
        for digest in self._sealed:
            kept = log.kept(digest)
            if len(subjects) <= _FEW and not any(_names(kept, one) for one in subjects):
                continue
            for subject in subjects.intersection(subjects_in(kept, digest)):
                self.originals.setdefault(subject, set()).add(digest)

    def holds(self, stream: str) -> tuple[str, ...]:
        """Why nothing of a stream may be erased; the account itself is never held."""
        return tuple(self._holds.get(stream, ())) if stream != ACCOUNT_STREAM else ()

    def _take(self, entry: Entry) -> None:
        event, stream = entry.event, entry.stream
        for field, told in sealed_in(entry).items():
            self._count(told.subject, field, entry)
        if isinstance(event, EvidenceAttached) and event.sealed:
            self._count(event.sealed_for or stream, "evidence", entry)
            self.originals.setdefault(event.sealed_for or stream, set()).add(event.digest)
        elif isinstance(event, PersonalErased):
            self.erasures.setdefault(event.subject, []).append(event)
        elif isinstance(event, LegalHoldPlaced):
            self._holds.setdefault(stream, []).append(event.why)
        elif isinstance(event, LegalHoldReleased) and self._holds.get(stream):
            self._holds[stream].pop(0)
        elif basis := _basis(event):
            self._day(stream, basis, entry)
        if entry.source.digest in self._sealed and stream != ACCOUNT_STREAM:
            self.originals.setdefault(stream, set()).add(entry.source.digest or "")

    def _count(self, subject: str, field: str, entry: Entry) -> None:
        self.values.setdefault(subject, Counter())[field] += 1
        self._day(subject, "told", entry)

    def _day(self, place: str, basis: Basis, entry: Entry) -> None:
        day = day_of(entry.occurred_at, getattr(entry.event, "marketplace", None))
        days = self._days.setdefault(place, {})
        # A delivery is counted from the first word of it, which is safe; the others from the last.
        later = max if basis != "delivered" or isinstance(entry.event, OrderDelivered) else min
        days[basis] = later(day, days.get(basis, day))


_FEW: Final = 100
"""So many names are looked for one by one before a file is split into its cells."""


def _names(kept: bytes, subject: str) -> bool:
    """Whether a file may speak of a subject; in UTF-16 the letters stand apart."""
    name = subject.partition("/")[2].encode()
    return is_sealed_whole(kept) or kept[:2] in _WIDE or name in kept or subject.startswith("file/")


_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")


def _basis(event: Event) -> Basis | None:
    if isinstance(event, OrderDelivered):
        return "delivered"
    if isinstance(event, OrderStatusReported):
        return "delivered" if event.order_status == _DELIVERED else None
    return "shipped" if isinstance(event, UnitsShipped | OrderDispatched) else None


def _entries(log: Log, subjects: Collection[str] | None) -> Iterator[Entry]:
    if subjects is None:
        yield from log.entries(topics=_TOPICS)
        return
    streams = {stream_of_subject(subject) for subject in subjects} - {ACCOUNT_STREAM}
    for entries in log.streams(sorted(streams)).values():
        yield from (entry for entry in entries if entry.event.TOPIC in _TOPICS)
    if any(stream_of_subject(subject) == ACCOUNT_STREAM for subject in subjects):
        yield from log.entries(ACCOUNT_STREAM, topics=_TOPICS)


def _standing(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in their order, without those that a later one says were wrong.

    What was told of a person lies there all the same, and so do its words and its files.
    """
    wrong: set[int] = set()
    standing = []
    for entry in sorted(entries, key=lambda one: one.position or 0, reverse=True):
        if entry.position in wrong and not _lies(entry.event):
            continue
        if isinstance(entry.event, EntryCorrected):
            wrong.add(entry.event.corrects)
        standing.append(entry)
    return standing[::-1]


def _lies(event: Event) -> bool:
    return isinstance(event, MessageReceived | MessageAnswered | EvidenceAttached)


def _sealed_files(log: Log) -> dict[str, date]:
    """The reports that are kept sealed, and the day that each was told."""
    found = {}
    for entry in log.entries(ACCOUNT_STREAM, topics=[ReportImported.TOPIC]):
        event = entry.event
        if isinstance(event, ReportImported) and event.sealed:
            found[event.digest] = day_of(entry.occurred_at, event.marketplace)
    return found


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Whose time has come."""

    subjects: tuple[str, ...]
    """Who is to be erased."""
    held: Mapping[str, tuple[str, ...]]
    """Who has to stay, and why: held, or in a file that goes as a whole and in which another is held."""


def due(log: Log, keys: KeyStore, today: date) -> Due:
    """Whose last day has come, and of whom what may be erased."""
    told = lying(log, keys)
    whole_files = _whole_files(log, keys)
    held_files: dict[str, str] = {}
    for one in told:
        if one.holds and not one.is_complete:
            for file in whole_files.intersection(one.originals):
                held_files[file] = f"in file {file[:12]}, sealed as a whole: {'; '.join(one.holds)}"
    subjects, held = [], {}
    for one in told:
        if one.is_complete or (one.due_on is not None and one.due_on > today):
            continue
        files = sorted({*one.originals, one.subject.removeprefix("file/")}.intersection(held_files))
        why = one.holds or tuple(held_files[file] for file in files)
        if why:
            held[one.subject] = why
        else:
            subjects.append(one.subject)
    return Due(subjects=tuple(subjects), held=held)


def opened_of(log: Log, keys: KeyStore, subject: str) -> list[Use]:
    """The lines of the access log that concern a subject: itself, a file it lies in, all keys at once."""
    files = {
        file for one in lying(log, keys, [subject], in_every_file=True) for file in one.originals
    }
    subjects = {subject, EVERYBODY, *map(file_subject, files)}
    return [use for use in keys.uses() if use.subject in subjects]


# --- erasing ----------------------------------------------------------------------------------


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one subject."""

    lying: Lying
    entry: Entry | None
    """As it was recorded; None where it had been erased before, and in a trial."""
    with_files: tuple[str, ...] = ()
    """Files that are sealed as a whole and held something of it: they are gone too."""


def erase(
    log: Log,
    keys: KeyStore,
    subjects: Collection[str],
    *,
    why: str,
    actor: str,
    command_id: str,
    dry_run: bool = False,
) -> list[Erased]:
    """Destroy the keys of subjects and record it; all of them, or none where one is held.

    What was erased before and is recorded so is left as it is.
    """
    if found := kinds_in(why):
        raise LedgerError(
            f"why is kept for ever, and holds what is most likely personal: {' and '.join(found)}",
            advice="Say why in a few words, and nothing personal.",
        )
    told = lying(log, keys, subjects, in_every_file=True)
    _refuse_unknown(told)
    _refuse_held(told)
    whole_files = _whole_files(log, keys)
    files = {one.subject: whole_files.intersection(one.originals) for one in told}
    # Nobody can be erased alone in a file that is sealed as a whole: it goes with the first of them.
    whole = {file_subject(file) for some in files.values() for file in some}
    told += lying(log, keys, whole - {one.subject for one in told})
    going_files = frozenset[str]().union(*files.values())
    if going_files:
        _refuse_held([one for one in lying(log, keys) if going_files.intersection(one.originals)])
    open_still = [one for one in told if not one.is_complete]
    if not dry_run and open_still:
        # First the keys: a claim of erasure never stands beside a key that lives.
        going = {one.subject for one in open_still}
        keys.destroy(going)
        destroyed = {one.subject: one for one in keys.subjects(going)}
        entries = _recorded(
            log,
            {
                one.subject: PersonalErased(
                    subject=one.subject,
                    destroyed_at=destroyed[one.subject].destroyed_at or log.now(),
                    why=why,
                    values=one.values,
                    originals=one.originals,
                )
                for one in open_still
            },
            actor=actor,
            command_id=command_id,
        )
    else:
        entries = {}
    return [
        Erased(
            lying=one,
            entry=entries.get(one.subject),
            with_files=tuple(sorted(files.get(one.subject, ()))),
        )
        for one in told
    ]


def _refuse_unknown(told: Sequence[Lying]) -> None:
    for one in told:
        if not (one.values or one.originals or one.destroyed_at or one.since or one.erasures):
            raise UnknownThing(
                "nothing personal is recorded of it",
                found=one.subject.removeprefix("order/"),
                advice="`returns-ledger privacy due --all` lists of whom something is.",
            )


def _refuse_held(told: Sequence[Lying]) -> None:
    for one in told:
        if one.holds and not one.is_complete:
            thing = one.subject.removeprefix("order/")
            raise LedgerError(
                f"it is held: {'; '.join(one.holds)}. Nothing was erased",
                found=thing,
                advice=f"When it is held no more: `returns-ledger hold release {thing} --why WHY`; "
                "then erase it.",
            )


def _whole_files(log: Log, keys: KeyStore) -> frozenset[str]:
    """Reports sealed as a whole, in which nobody can be erased alone, but those that are gone."""
    whole = {file_subject(one): one for one in _sealed_files(log) if is_sealed_whole(log.kept(one))}
    for one in lying(log, keys, list(whole)):
        if one.is_complete:
            del whole[one.subject]
    return frozenset(whole.values())


def _recorded(
    log: Log, events: Mapping[str, PersonalErased], *, actor: str, command_id: str
) -> dict[str, Entry]:
    """The erasures recorded, each in its stream."""
    for _ in range(_ATTEMPTS):
        heads = log.heads({stream_of_subject(subject) for subject in events})
        entries = {}
        for subject, event in events.items():
            stream = stream_of_subject(subject)
            heads[stream] += 1
            entries[subject] = Entry(
                stream=stream,
                version=heads[stream],
                event=event,
                occurred_at=event.destroyed_at,
                actor=actor,
                source=Source(command="privacy erase", command_id=command_id),
                correlation=command_id,
            )
        try:
            recorded = log.append(list(entries.values()))
        except ConcurrentChange:
            continue
        return dict(zip(entries, recorded, strict=True))
    raise ConcurrentChange(
        f"other writers were first {_ATTEMPTS} times in a row: the keys are destroyed, and that is not recorded",
        advice="Run the same command again: it completes what was begun.",
    )


def risen(log: Log, keys: KeyStore) -> list[str]:
    """Whom the log says to be erased and whose key is there: an older copy of the keys was put back."""
    erased = {
        entry.event.subject
        for entry in log.entries(topics=[PersonalErased.TOPIC])
        if isinstance(entry.event, PersonalErased)
    }
    return sorted(one.subject for one in keys.subjects(erased) if one.destroyed_at is None)


# --- files that are kept in clear -------------------------------------------------------------


def holds_clear_cells(log: Log, digest: str, file: str, marketplace: str | None) -> int:
    """How many personal cells a report shows in clear: older versions kept files as they were delivered."""
    from ledger.report import identify
    from ledger.reports import REPORT_FORMATS
    from ledger.table import read_table

    table = read_table(log.kept(digest), file, marketplace)
    columns = identify(table, REPORT_FORMATS).sealed_columns(table)
    return sum(
        bool(row[1][column]) for row in table.rows() if isinstance(row, tuple) for column in columns
    )


def unknown_columns(log: Log, imported: ReportImported) -> tuple[str, ...]:
    """The columns of a sealed report that no format knows; of one that is sealed as a whole none can be told."""
    from ledger.report import identify
    from ledger.reports import REPORT_FORMATS
    from ledger.table import read_table

    kept = log.kept(imported.digest)
    if is_sealed_whole(kept):
        return ()
    table = read_table(kept, imported.file, imported.marketplace)
    return identify(table, REPORT_FORMATS).unknown(table)
