"""Read a file that Amazon delivered and record what is news in it: whole or not at all, once for ever."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final

import msgspec

from ledger.adopting import StaleRules, next_adoption
from ledger.errors import ConcurrentChange, LedgerError, UnreadableRow
from ledger.event import ACCOUNT_STREAM, Entry, Event, Source
from ledger.events.account import AccountOpened, RulebookAdopted
from ledger.events.imports import ReportImported, RowRefused
from ledger.keystore import KeyStore
from ledger.personal import in_name, suffix_of
from ledger.persons import confided, keep_erased, marks_in
from ledger.reading import FileRead, Statement, period_text, read_file
from ledger.recognising import News, Recognised, Stream
from ledger.report import RowTold
from ledger.rulebook import Rulebook
from ledger.sealing import kept_already, readable, sealed_report
from ledger.store import Log, Original, lines_of, root_of_lines
from ledger.values import day_of

__all__ = [
    "FileRead",
    "FileResult",
    "RefusedRows",
    "Statement",
    "import_file",
    "imports_of",
    "open_account",
    "read_file",
]

ATTEMPTS: Final = 50
"""How often an import is tried again when another writer was first."""


class FileResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did with one file; rows = new + unchanged + revised + refused."""

    file: str
    digest: str
    report_format: str
    period_start: str | None
    period_end: str | None
    period_basis: str | None
    rows: int
    new: int
    unchanged: int
    revised: int
    refused: int
    problems: tuple[UnreadableRow, ...] = ()
    unknown_codes: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    """In which something stands that this program does not know; they are kept sealed."""
    entries: int = 0


class RefusedRows(LedgerError):
    """A file in which some rows cannot be read; nothing of it was recorded."""

    def __init__(self, file: str, problems: Sequence[UnreadableRow]) -> None:
        first = problems[0]
        many = len(problems)
        super().__init__(
            first.message,
            file=first.file or file,
            row=first.row,
            column=first.column,
            found=first.found,
            advice=first.advice(),
        )
        self.problems = tuple(problems)
        self.more = many - 1

    def __str__(self) -> str:
        more = f"\n{self.more:,} more rows of this file cannot be read." if self.more else ""
        return f"{super().__str__()}{more}"

    def advice(self) -> str:
        """What to do, and how to go on without the rows."""
        return f"{super().advice()} Nothing was changed; --keep-going records the rows that can be read."


def import_file(
    log: Log,
    data: bytes,
    file: str,
    statement: Statement,
    *,
    keys: KeyStore | None = None,
    kept_as: str | None = None,
    progress: Callable[[str, int], None] = lambda _stage, _rows: None,
) -> FileResult:
    """Record what is news in a file, with the file itself, in one transaction; anything else changes nothing.

    What is personal is sealed under the keys; without them it is sealed for nobody, and not told. `kept_as` says
    that the data is what is kept of a file with this digest: that can be tried, and is not recorded.

    Raises RefusedRows where rows cannot be read and the statement does not say to go on without them. Another
    writer who was first is waited out: the file is compared with the log again.
    """
    assert kept_as is None or statement.dry_run, "what is kept is not recorded again"
    digest = kept_as or hashlib.sha256(data).hexdigest()
    read: FileRead | None = None
    compared: _Compared | None = None
    original: Original | None = None
    for _ in range(ATTEMPTS):
        # Read first: whoever imports anything from here on is in our way when we append.
        account = log.heads([ACCOUNT_STREAM])[ACCOUNT_STREAM]
        imports = imports_of(log)
        before = [known for known in imports if known.digest == digest]
        if _is_said(before, statement):
            return _unchanged(file, before[-1])
        whole = _with_what_was_stated(statement, before)
        if read is None or read.statement != whole:
            read = _read_or_refuse(log, data, file, whole, digest)
            progress("read", read.rows)
        try:
            if compared is None or not compared.still_holds(log, read, imports):
                compared = _compare(log, read, imports, account, keys)
                progress("compared", read.rows)
            if statement.dry_run:
                return _result(read, compared.recognised, 0)
            if original is None or log.has_original(digest):  # which another writer has sealed
                original = _to_be_kept(log, read, keys)
            entries = [*compared.entries, *_import_entries(log, compared, account, original)]
            log.append(entries, originals=[original])
        except ConcurrentChange:
            continue
        progress("recorded", read.rows)
        return _result(read, compared.recognised, len(entries))
    raise ConcurrentChange(
        f"other writers were first {ATTEMPTS} times in a row",
        file=file,
        advice="Nothing of this file was changed. Import it again when the others are done.",
    )


def open_account(
    log: Log, name: str, region: str | None, rulebook: Rulebook, actor: str
) -> tuple[StaleRules, ...]:
    """Begin an account's ledger, and adopt the rulebook if it is not the one in use; otherwise nothing.

    The seller's own rules stay: they are put into the rulebook. Where they do not fit it, the account goes
    on with what it adopted last, and the trouble is returned.
    """
    for _ in range(ATTEMPTS):
        entries = list(log.entries(ACCOUNT_STREAM))
        events: list[Event] = []
        if not any(isinstance(entry.event, AccountOpened) for entry in entries):
            events.append(AccountOpened(name=name, region=region))
        adopted = [entry.event for entry in entries if isinstance(entry.event, RulebookAdopted)]
        adoption, trouble = next_adoption(log, adopted[-1] if adopted else None, rulebook)
        events += [adoption.event] if adoption else []
        troubles = (trouble,) if trouble else ()
        if not events:
            return troubles
        version = max((entry.version for entry in entries), default=0)
        now = log.now()
        try:
            log.append(
                [
                    Entry(
                        stream=ACCOUNT_STREAM,
                        version=version + number,
                        event=event,
                        occurred_at=now,
                        actor=actor,
                        source=Source(command="account"),
                    )
                    for number, event in enumerate(events, 1)
                ],
                originals=adoption.originals if adoption else (),
            )
        except ConcurrentChange:
            continue
        return troubles
    return ()


def _to_be_kept(log: Log, read: FileRead, keys: KeyStore | None) -> Original:
    """The file as it is kept: what is kept of it already, else with what is personal in it sealed."""
    if log.has_original(read.digest):
        return kept_already(log, read.digest, len(read.data))
    return sealed_report(
        read.data,
        read.digest,
        read.table,
        read.form,
        keys,
        refused=[row.row for row in read.refused if row.row],
        marketplace=read.statement.marketplace,
    )


def _read_or_refuse(
    log: Log, data: bytes, file: str, statement: Statement, digest: str
) -> FileRead:
    """The file as it is to be recorded; an error where it is not to be."""
    _refuse_future(statement, file, log.now())
    read = read_file(data, file, statement, digest=digest)
    if read.refused and not statement.keep_going:
        raise RefusedRows(file, read.refused)
    return read


def _refuse_future(statement: Statement, file: str, now: str) -> None:
    """No report speaks for days to come: a period that ends later would hide returns still on their way."""
    end = statement.period[1].isoformat() if statement.period else ""
    today = max(day_of(now, None), day_of(now, statement.marketplace)).isoformat()
    if max(end, (statement.told_at or "")[:10]) > today:
        raise LedgerError(
            "the period stated for the file ends in the future",
            file=file,
            found=max(end, statement.told_at or ""),
            advice="State the days that the report was asked for, up to the day of its download.",
        )


def imports_of(log: Log) -> list[ReportImported]:
    """Every import of the account, in the order it was recorded."""
    entries = log.entries(ACCOUNT_STREAM, topics=[ReportImported.TOPIC])
    return [entry.event for entry in entries if isinstance(entry.event, ReportImported)]


def _is_said(before: Sequence[ReportImported], statement: Statement) -> bool:
    """True where importing a file again says nothing that its earlier imports do not say.

    Of its store and its period what was stated last stands; when it was told may have been stated twice.
    """
    return (
        bool(before)
        and statement.marketplace in (None, before[-1].marketplace)
        and (statement.period is None or period_text(statement.period) == _period(before[-1]))
        and any(
            statement.told_at in (None, known.told_at)
            and (known.refused == 0 or statement.keep_going)
            for known in before
        )
    )


def _period(known: ReportImported) -> tuple[str, str] | None:
    if known.period_start is None or known.period_end is None:
        return None
    return (known.period_start, known.period_end)


def _with_what_was_stated(statement: Statement, before: Sequence[ReportImported]) -> Statement:
    """What was stated of the same file before still holds where nothing else is stated now."""
    if not before:
        return statement
    known = before[-1]
    period = statement.period or _stated_period(known)
    told_at = known.told_at if period == _stated_period(known) else None
    return msgspec.structs.replace(
        statement,
        marketplace=statement.marketplace or known.marketplace,
        period=period,
        told_at=statement.told_at or told_at,
    )


def _stated_period(known: ReportImported) -> tuple[date, date] | None:
    period = _period(known) if known.stated else None
    return (date.fromisoformat(period[0]), date.fromisoformat(period[1])) if period else None


class _Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What a file turned out to be when the log ended at a position."""

    read: FileRead
    position: int
    imports: int
    """How many imports there were."""
    recognised: list[Recognised]
    entries: list[Entry]

    def still_holds(self, log: Log, read: FileRead, imports: Sequence[ReportImported]) -> bool:
        """True where nobody has told anything since that the comparison would have to know.

        A repetition leaves no entry, and matters to a file that disturbs what was known.
        """
        repeated = any(one.report_format == read.form.name for one in imports[self.imports :])
        told = {row.stream for row in read.told}
        return (
            read is self.read
            and not (repeated and any(one.disturbs for one in self.recognised))
            and told.isdisjoint(log.changed_streams(self.position))
        )


def _compare(
    log: Log,
    read: FileRead,
    imports: Sequence[ReportImported],
    account: int,
    keys: KeyStore | None,
) -> _Compared:
    """What is news in the file, as entries ready to be recorded."""
    position = log.position()
    by_stream = _by_stream(read)
    known = log.streams(list(by_stream))
    if keys is not None and not read.statement.dry_run:
        keep_erased((entry for entries in known.values() for entry in entries), keys)
    streams = {name: Stream(name, entries) for name, entries in known.items()}
    if ACCOUNT_STREAM in streams and streams[ACCOUNT_STREAM].version != account:
        raise ConcurrentChange("something was imported meanwhile")
    recognised = [
        one
        for name, rows in by_stream.items()
        for one in streams[name].recognise(rows, read.told_at, read.digest)
    ]
    news = [(read.digest, item) for one in recognised for item in one.news]
    news += _heard_again(log, read, recognised, streams, imports)
    return _Compared(
        read=read,
        position=position,
        imports=len(imports),
        recognised=recognised,
        entries=[
            *(
                _entry(streams[one.told.stream], one, digest, read.statement)
                for digest, one in news
            ),
            *_confided(log, read, keys, known, streams),
        ],
    )


def _confided(
    log: Log,
    read: FileRead,
    keys: KeyStore | None,
    known: Mapping[str, Sequence[Entry]],
    streams: Mapping[str, Stream],
) -> Iterator[Entry]:
    """What the file tells of persons, behind the facts of each order; no row is more or less new by it."""
    if keys is None or read.statement.dry_run or not any(row.personal for row in read.told):
        return
    marks = {name: marks_in(entries) for name, entries in known.items()}
    for one in confided(read.told, read.form, marks, keys):
        stream = streams[one.stream]
        stream.version += 1
        yield Entry(
            stream=stream.name,
            version=stream.version,
            event=one.event,
            occurred_at=read.told_at or log.now(),
            actor=read.statement.actor,
            source=Source(digest=read.digest, row=one.row),
            correlation=read.statement.command_id,
        )


def _by_stream(read: FileRead) -> dict[str, list[RowTold]]:
    by_stream: defaultdict[str, list[RowTold]] = defaultdict(list)
    for row in read.told:
        by_stream[row.stream].append(row)
    return dict(sorted(by_stream.items()))


def _heard_again(
    log: Log,
    read: FileRead,
    recognised: Sequence[Recognised],
    streams: Mapping[str, Stream],
    imports: Sequence[ReportImported],
) -> list[tuple[str, News]]:
    """What becomes news in other files because this one tells of an earlier day.

    A file that repeated what was known left no telling of it. When another story of an earlier day turns
    up, the repetition was a change back: so the others are heard again, until nothing is news.
    """
    disturbed = [one for one in recognised if one.disturbs]
    earliest = min((item.telling.told_at for one in disturbed for item in one.news), default="")
    others = {
        (known.told_at or "", known.digest): known
        for known in imports
        if known.report_format == read.form.name
        and known.rows > known.refused
        and (known.digest, known.told_at) != (read.digest, read.told_at)
    }
    is_latest = all(told_at < earliest for told_at, _ in others) and not read.form.tells_own_time
    if not disturbed or is_latest:
        return []
    files = [_Retold.of(log, others[place], disturbed) for place in sorted(others)]
    files.append(_Retold(read.digest, read.told_at, _by_stream(read)))
    news: list[tuple[str, News]] = []
    while disturbed:
        names = {name for one in disturbed for name in one.disturbs}
        heard = [(file, one) for file in files for one in file.recognise(streams, names)]
        news += [(file.digest, item) for file, one in heard for item in one.news]
        disturbed = [one for _, one in heard if one.news]
    return news


class _Retold(msgspec.Struct, frozen=True):
    """Rows of a file that was imported before, as far as another file disturbs what they speak of."""

    digest: str
    told_at: str
    by_stream: dict[str, list[RowTold]]

    @classmethod
    def of(cls, log: Log, known: ReportImported, disturbed: Iterable[Recognised]) -> _Retold:
        """The rows of the streams that are disturbed, read in the original again."""
        names = {one.told.stream for one in disturbed}
        statement = Statement(
            actor="",
            command_id="",
            marketplace=known.marketplace,
            period=_stated_period(known),
            told_at=known.told_at,
            keep_going=True,
        )
        data = readable(log, known.digest)
        if data is None:
            return cls(known.digest, known.told_at or "", {})
        read = read_file(data, known.file, statement, digest=known.digest)
        by_stream = {name: rows for name, rows in _by_stream(read).items() if name in names}
        return cls(known.digest, read.told_at, by_stream)

    def recognise(self, streams: Mapping[str, Stream], names: AbstractSet[str]) -> list[Recognised]:
        """What its rows turn out to be now, those that go by any of the names."""
        return [
            one
            for name, rows in self.by_stream.items()
            if (touched := [row for row in rows if not names.isdisjoint(row.keys)])
            for one in streams[name].recognise(touched, self.told_at, self.digest)
        ]


def _entry(stream: Stream, news: News, digest: str, statement: Statement) -> Entry:
    stream.version += 1
    return Entry(
        stream=stream.name,
        version=stream.version,
        event=news.part.event,
        occurred_at=_occurred_at(news),
        actor=statement.actor,
        source=Source(digest=digest, row=news.told.rows[0]),
        telling=news.telling,
        correlation=statement.command_id,
    )


def _occurred_at(news: News) -> str:
    """A fact when it happened, a state when it was told."""
    return (None if news.part.event.SNAPSHOT else news.part.occurred_at) or news.telling.told_at


def _import_entries(log: Log, compared: _Compared, account: int, original: Original) -> list[Entry]:
    """What the account is told of an import; `account` is the version that its stream had before."""
    read = compared.read
    statement = read.statement
    version = account + sum(entry.stream == ACCOUNT_STREAM for entry in compared.entries)
    now = log.now()
    events: list[Event] = [*_refused_now(log, read)]
    start, end = read.period or (None, None)
    events.append(
        ReportImported(
            digest=read.digest,
            file=_name_kept(read),
            report_format=read.form.name,
            root=root_of_lines(original.content).hex(),
            lines=sum(1 for _ in lines_of(original.content)),
            rows=read.rows,
            refused=len(read.refused),
            period_start=start,
            period_end=end,
            stated=read.stated,
            told_at=read.told_at or None,
            marketplace=statement.marketplace,
            totals=read.totals,
            row_days=read.row_days,
            unknown_codes=read.unknown_codes,
            sealed=original.sealed,
        )
    )
    return [
        Entry(
            stream=ACCOUNT_STREAM,
            version=version + number,
            event=event,
            occurred_at=read.told_at or now,
            actor=statement.actor,
            source=Source(digest=read.digest, row=getattr(event, "row", None)),
            correlation=statement.command_id,
        )
        for number, event in enumerate(events, 1)
    ]


def _name_kept(read: FileRead) -> str:
    """The file's name, which is kept for ever; nothing of one that names a buyer."""
    name = read.file.rpartition("/")[2]
    return f"{read.form.name}{suffix_of(name)}" if in_name(name) else name


def _refused_now(log: Log, read: FileRead) -> Iterator[RowRefused]:
    """The rows that cannot be read, but those of which an earlier import of the file has said so."""
    if not read.refused:
        return
    before = {entry.event for entry in log.entries(ACCOUNT_STREAM, topics=[RowRefused.TOPIC])}
    for problem in read.refused:
        refused = _refused(read, problem)
        if refused not in before:
            yield refused


def _refused(read: FileRead, problem: UnreadableRow) -> RowRefused:
    return RowRefused(
        digest=read.digest,
        report_format=read.form.name,
        row=problem.row or 0,
        column=problem.column,
        problem=problem.message,
    )


def _unchanged(file: str, known: ReportImported) -> FileResult:
    return FileResult(
        file=file,
        digest=known.digest,
        report_format=known.report_format,
        period_start=known.period_start,
        period_end=known.period_end,
        period_basis=_basis(known.period_start, known.stated),
        rows=known.rows,
        new=0,
        unchanged=known.rows - known.refused,
        revised=0,
        refused=known.refused,
        unknown_codes=known.unknown_codes,
    )


def _result(read: FileRead, recognised: Sequence[Recognised], entries: int) -> FileResult:
    counts: defaultdict[str, int] = defaultdict(int)
    for one in recognised:
        counts[one.standing] += len(one.told.rows)
    start, end = read.period or (None, None)
    return FileResult(
        file=read.file,
        digest=read.digest,
        report_format=read.form.name,
        period_start=start,
        period_end=end,
        period_basis=_basis(start, read.stated),
        rows=read.rows,
        new=counts["new"],
        unchanged=counts["unchanged"],
        revised=counts["revised"],
        refused=len(read.refused),
        problems=read.refused,
        unknown_codes=read.unknown_codes,
        unknown_columns=read.unknown_columns,
        entries=entries,
    )


def _basis(start: str | None, stated: bool) -> str | None:
    return None if start is None else "stated" if stated else "inferred"
