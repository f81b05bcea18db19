"""Read a file that Amazon delivered and record what is news in it: whole or not at all, once for ever."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from ledger.adopting import StaleRules, next_adoption
from ledger.arranging import Arranger, Lost, Task
from ledger.comparing import Compared, Comparison, Outcome
from ledger.confiding import Confiding
from ledger.content import Content
from ledger.errors import ConcurrentChange, LedgerError, UnreadableRow
from ledger.event import ACCOUNT_STREAM, Entry, Event, Source
from ledger.events.account import AccountOpened, RulebookAdopted
from ledger.events.imports import ReportImported, RowRefused
from ledger.gathering import Copy, Gathered, gather
from ledger.hearing import heard_again, hears_others, stated_period
from ledger.helpers import IMPORTING, helpers
from ledger.keystore import KeyStore
from ledger.personal import in_name, suffix_of
from ledger.reading import FileRead, FileTold, Statement, period_text, read_file
from ledger.retelling import Retelling
from ledger.rulebook import Rulebook
from ledger.slicing import Cutting
from ledger.store import Batch, Encoded, Head, Log, uncollected
from ledger.values import day_of

__all__ = [
    "FileRead",
    "FileResult",
    "RefusedRows",
    "Statement",
    "import_file",
    "imports_of",
    "look_through",
    "open_account",
    "read_file",
]

Progress = Callable[[str, int], None]
"""Is told each stage, `read`, `compared` and `recorded`, and how many rows the file has."""

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
    untold: int = 0
    """How many entries were told before and are told no more, by this file or by newer ones known already."""


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
    data: bytes | Path,
    file: str,
    statement: Statement,
    *,
    keys: KeyStore | None = None,
    kept_as: str | None = None,
    progress: Progress = lambda _stage, _rows: None,
    cutting: Cutting | None = None,
) -> FileResult:
    """Record what is news in a file, with the file itself, in one transaction; anything else changes nothing.

    The data is the file's, or where it lies: of a large file only slices are held. What is personal is sealed under
    the keys; without them it is sealed for nobody, and not told. `kept_as` says that the data is what is kept of a
    file with this digest: that can be tried, and is not recorded; it is read as it was then.

    Raises RefusedRows where rows cannot be read and the statement does not say to go on without them. Other
    writers are waited out: the file is compared with the log when nobody else may write to it.
    """
    assert kept_as is None or statement.dry_run, "what is kept is not recorded again"
    cutting = cutting or Cutting()
    with Content(data) as content:
        if cutting.processes and content.size > cutting.sliced_from:
            helpers(IMPORTING)  # they get ready while the file is looked through
        digest = kept_as or content.digest()
        now = log.now() if kept_as is None else _recorded_at(log, kept_as)
        work = _Import(log, content, file, statement, digest, keys, progress, cutting, now)
        with contextlib.closing(work), uncollected():
            for _ in range(ATTEMPTS):
                done = work.tried()
                if done is not None:
                    return done
    raise ConcurrentChange(
        f"other writers were first {ATTEMPTS} times in a row",
        file=file,
        advice="Nothing of this file was changed. Import it again when the others are done.",
    )


def look_through(
    log: Log, data: bytes | Path, file: str, statement: Statement, *, cutting: Cutting | None = None
) -> None:
    """Raise LedgerError where nothing of a file would be recorded in a log that is empty; nothing is recorded.

    It is only read: no entries are made of it, and nothing is compared.
    """
    cutting = cutting or Cutting()
    _refuse_future(statement, file, log.now())
    trial = msgspec.structs.replace(statement, dry_run=True)
    with Content(data) as content, uncollected():
        digest = content.digest()
        gathered = gather(
            log, content, file, trial, digest, None, cutting, now=log.now(), keeps_rows=False
        )
        with contextlib.closing(gathered):
            _refuse_unreadable(gathered.told)


class _Import:
    """One file on its way into the log."""

    def __init__(
        self,
        log: Log,
        content: Content,
        file: str,
        statement: Statement,
        digest: str,
        keys: KeyStore | None,
        progress: Progress,
        cutting: Cutting,
        now: str,
    ) -> None:
        self._log = log
        self._content = content
        self._file = file
        self._statement = statement
        self._digest = digest
        self._keys = keys
        self._progress = progress
        self._cutting = cutting
        self._now = now
        self._gathered: Gathered | None = None
        self._is_alone = False

    def close(self) -> None:
        """Give up what is held of the file."""
        if self._gathered is not None:
            self._gathered.close()

    def tried(self) -> FileResult | None:
        """What became of the file; None where somebody has told of the same file meanwhile."""
        imports = imports_of(self._log)
        before = [known for known in imports if known.digest == self._digest]
        if _is_said(before, self._statement):
            return _unchanged(self._file, before[-1])
        gathered = self._read(_with_what_was_stated(self._statement, before))
        told = gathered.told
        if told.refused and _is_said(before, self._statement, refused=len(told.refused)):
            return _unchanged(self._file, before[-1])
        if self._statement.dry_run:
            outcome, imported = self._would_be(gathered, imports, before)
            self._progress("compared", told.rows)
            return _result(told, imported, outcome, 0)
        copy = gathered.copy(self._log, self._keys)
        with self._arranger(gathered, imports) as arranger:
            appending = _Appending(self._log, gathered, imports, self._keys, copy, arranger)
            try:
                receipt = self._log.append_encoded(
                    partial(appending.batches, self._progress),
                    originals=[copy.original],
                    settles=arranger is None,
                )
            except ConcurrentChange:
                return None
            except Lost:  # nothing was written, and it can be done without
                self._is_alone = True
                return None
            if arranger is not None:
                arranger.settle(self._log)
        self._progress("recorded", told.rows)
        return _result(told, appending.imported, appending.outcome, len(receipt.positions))

    def _arranger(
        self, gathered: Gathered, imports: Sequence[ReportImported]
    ) -> contextlib.AbstractContextManager[Arranger | None]:
        """The process that compares a large file."""
        rows = None if self._is_alone else gathered.elsewhere()
        if rows is None:
            return contextlib.nullcontext()
        log, hears = self._log, hears_others(gathered.told, imports)
        return Arranger(Task(log.url, log.account, rows, self._keys is not None, hears))

    def _would_be(
        self,
        gathered: Gathered,
        imports: Sequence[ReportImported],
        before: Sequence[ReportImported],
    ) -> tuple[Outcome, ReportImported]:
        """What becomes of the file where nothing is recorded; what it leaves out was said if it was imported before."""
        told = gathered.told
        imported = _imported(told, None)
        retelling = Retelling(self._log, imported, self._log.position())
        comparison = Comparison(self._log, gathered, False, hears_others(told, imports))
        for compared in comparison.batches():
            retelling.take(compared.entries)
        outcome = comparison.outcome
        retelling.take(heard_again(self._log, told, imports, outcome.disturbed))
        return outcome, imported if before else retelling.told(gathered, outcome)

    def _read(self, statement: Statement) -> Gathered:
        """The file as it is to be recorded; an error where it is not to be."""
        if self._gathered is not None:
            if self._gathered.told.statement == statement:
                return self._gathered
            self._gathered.close()
            self._gathered = None
        _refuse_future(statement, self._file, self._now)
        gathered = gather(
            self._log,
            self._content,
            self._file,
            statement,
            self._digest,
            self._keys,
            self._cutting,
            now=self._now,
        )
        self._gathered = gathered
        _refuse_unreadable(gathered.told)
        self._progress("read", gathered.told.rows)
        return gathered


class _Appending:
    """What is appended of a gathered file while nobody else may append."""

    outcome: Outcome
    imported: ReportImported

    def __init__(
        self,
        log: Log,
        gathered: Gathered,
        imports: Sequence[ReportImported],
        keys: KeyStore | None,
        copy: Copy,
        arranger: Arranger | None,
    ) -> None:
        self._log = log
        self._gathered = gathered
        self._imports = imports
        self._keys = keys
        self._copy = copy
        self._arranger = arranger

    def batches(self, progress: Progress, head: Head) -> Iterator[Batch]:
        """Everything in its order, asked for when the lock is taken: what is compared stays as it is.

        Raises ConcurrentChange where somebody has imported something meanwhile.
        """
        account = self._log.heads([ACCOUNT_STREAM])[ACCOUNT_STREAM]
        if imports_of(self._log) != list(self._imports):
            raise ConcurrentChange("something was imported meanwhile")
        told = self._gathered.told
        retelling = Retelling(self._log, _imported(told, self._copy), head.position)
        waiting: Batch = []
        for batch in self._told(head):
            retelling.take(batch)
            yield waiting
            waiting = batch
        progress("compared", told.rows)
        yield waiting
        version = account + self.outcome.told_of_account
        self.imported = retelling.told(self._gathered, self.outcome)
        yield [
            Encoded(entry.stream, entry.version, *self._log.encoded(entry))
            for entry in _import_entries(self._log, told, version, self.imported)
        ]

    def _told(self, head: Head) -> Iterator[Batch]:
        """The facts by stream, then what is heard again, then what is personal."""
        confiding = Confiding(self._log, self._gathered, self._keys)
        for compared in self._compared(head):
            confiding.take(compared)
            yield compared.entries
        told, disturbed = self._gathered.told, self.outcome.disturbed
        heard = heard_again(self._log, told, self._imports, disturbed)
        for entries in chain([heard], confiding.batches(disturbed)):
            self.outcome.told_of_account += sum(one.stream == ACCOUNT_STREAM for one in entries)
            yield entries

    def _compared(self, head: Head) -> Iterator[Compared]:
        """The facts, compared by another process or by this one."""
        if self._arranger is not None:
            yield from self._arranger.batches(head)
            self.outcome = self._arranger.outcome
            return
        hears = hears_others(self._gathered.told, self._imports)
        comparison = Comparison(self._log, self._gathered, self._keys is not None, hears)
        self.outcome = comparison.outcome
        yield from comparison.batches()


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


def _refuse_unreadable(told: FileTold) -> None:
    """A file is recorded whole, unless it is stated that some rows may be left out."""
    if told.refused and not told.statement.keep_going:
        raise RefusedRows(told.file, told.refused)


def imports_of(log: Log) -> list[ReportImported]:
    """Every import of the account, in the order it was recorded."""
    entries = log.entries(ACCOUNT_STREAM, topics=[ReportImported.TOPIC])
    return [entry.event for entry in entries if isinstance(entry.event, ReportImported)]


def _recorded_at(log: Log, digest: str) -> str:
    """When a file was imported last: what had not come then was left out of it, and is no news of it later."""
    entries = log.entries(ACCOUNT_STREAM, topics=[ReportImported.TOPIC])
    events = ((entry.event, entry.recorded_at) for entry in entries)
    moments = [
        at
        for event, at in events
        if isinstance(event, ReportImported) and event.digest == digest and at is not None
    ]
    return moments[-1] if moments else log.now()


def _is_said(before: Sequence[ReportImported], statement: Statement, *, refused: int = 0) -> bool:
    """True where importing a file again says nothing that its earlier imports do not say.

    Of its store and its period what was stated last stands; when it was told may have been stated twice. Where
    rows were left out, so many or more must be refused again: one that had not come then may have come since.
    """
    return (
        bool(before)
        and statement.marketplace in (None, before[-1].marketplace)
        and (statement.period is None or period_text(statement.period) == _period(before[-1]))
        and any(
            statement.told_at in (None, known.told_at) and known.refused <= refused
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
    period = statement.period or stated_period(known)
    told_at = known.told_at if period == stated_period(known) else None
    # Rows that were left out may tell of later days: then it was told no earlier than these.
    return msgspec.structs.replace(
        statement,
        marketplace=statement.marketplace or known.marketplace,
        period=period,
        told_at=statement.told_at or (None if known.refused else told_at),
        told_from=told_at,
    )


def _imported(told: FileTold, copy: Copy | None) -> ReportImported:
    """A file as the account is told of it; without a copy it is not recorded."""
    start, end = told.period or (None, None)
    return ReportImported(
        digest=told.digest,
        file=_name_kept(told),
        report_format=told.form.name,
        root=copy.root if copy else "",
        lines=copy.lines if copy else 0,
        rows=told.rows,
        refused=len(told.refused),
        period_start=start,
        period_end=end,
        stated=told.stated,
        told_at=told.told_at or None,
        marketplace=told.statement.marketplace,
        totals=told.totals,
        row_days=told.row_days,
        unknown_codes=told.unknown_codes,
        sealed=copy.original.sealed if copy else None,
        only=told.only,
    )


def _import_entries(
    log: Log, told: FileTold, version: int, imported: ReportImported
) -> list[Entry]:
    """What the account is told of an import; `version` is the one that its stream had before."""
    statement = told.statement
    now = log.now()
    events: list[Event] = [*_refused_now(log, told), imported]
    return [
        Entry(
            stream=ACCOUNT_STREAM,
            version=version + number,
            event=event,
            occurred_at=told.told_at or now,
            actor=statement.actor,
            source=Source(digest=told.digest, row=getattr(event, "row", None)),
            correlation=statement.command_id,
        )
        for number, event in enumerate(events, 1)
    ]


def _name_kept(told: FileTold) -> str:
    """The file's name, which is kept for ever; nothing of one that names a buyer."""
    name = told.file.rpartition("/")[2]
    return f"{told.form.name}{suffix_of(name)}" if in_name(name) else name


def _refused_now(log: Log, told: FileTold) -> Iterator[RowRefused]:
    """The rows that cannot be read, but those of which an earlier import of the file has said so."""
    if not told.refused:
        return
    before = {entry.event for entry in log.entries(ACCOUNT_STREAM, topics=[RowRefused.TOPIC])}
    for problem in told.refused:
        refused = _refused(told, problem)
        if refused not in before:
            yield refused


def _refused(told: FileTold, problem: UnreadableRow) -> RowRefused:
    return RowRefused(
        digest=told.digest,
        report_format=told.form.name,
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


def _result(told: FileTold, imported: ReportImported, outcome: Outcome, entries: int) -> FileResult:
    counts = outcome.counts
    start, end = told.period or (None, None)
    return FileResult(
        file=told.file,
        digest=told.digest,
        report_format=told.form.name,
        period_start=start,
        period_end=end,
        period_basis=_basis(start, told.stated),
        rows=told.rows,
        new=counts["new"],
        unchanged=counts["unchanged"],
        revised=counts["revised"],
        refused=len(told.refused),
        problems=told.refused,
        unknown_codes=told.unknown_codes,
        unknown_columns=told.unknown_columns,
        entries=entries,
        untold=sum(len(one.entries) for one in imported.untold),
    )


def _basis(start: str | None, stated: bool) -> str | None:
    return None if start is None else "stated" if stated else "inferred"
