"""A large report cut into slices of whole lines, each read as a table of its own, in other processes if that pays."""

from __future__ import annotations

import codecs
import contextlib
import gc
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from hashlib import sha256
from itertools import accumulate
from typing import Any, Final, NamedTuple

import msgspec

from ledger.cells import EVER
from ledger.content import PIECE, Content
from ledger.errors import LedgerError, UnreadableRow
from ledger.events import BY_TOPIC
from ledger.events.personal import PersonalErased, PersonalTold
from ledger.glancing import Reported, told_before
from ledger.helpers import IMPORTING, helpers, pool
from ledger.keystore.wrapping import PREFIX
from ledger.reading import Statement, Summary, rows_read
from ledger.report import Reading, ReportFormat, RowTold, identify
from ledger.reports import REPORT_FORMATS
from ledger.sealing import packed_pieces, pieces_in, reads_alike
from ledger.spool import Block, Spool, packed_run
from ledger.store import EntryMapper, Log, StoredRow, leaf_hash, lines_of, open_log
from ledger.table import Table, line_too_long, read_table
from ledger.telling import Scribe

PERSONAL: Final = frozenset((PersonalErased.TOPIC, PersonalTold.TOPIC))


class Cutting(msgspec.Struct, frozen=True):
    """From what size on a file is cut, into what, and how many processes read the slices."""

    sliced_from: int = 8 << 20
    """Below it starting a process costs more than it gains."""
    slice_bytes: int = 1 << 20
    processes: int = 2


class NotSliced(Exception):
    """A file that must be read as a whole: what stands in one place of it decides how others are read."""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """All that must be known to read any line of a file."""

    table: Table
    """With its header and no rows."""
    begin: int
    """Where the first line after the header begins."""
    digest: str
    statement: Statement
    not_yet: str
    latest: str = EVER
    """As `Reading` has it."""
    keeps_rows: bool = True
    """False where a file is only looked through: what its rows tell is summed up, and goes nowhere."""
    in_brief: bool = False
    """True where most rows are expected to be known: no entries are made of them."""
    log: tuple[str, str] | None = None
    """The log in which readers look whether a row is known, by its address and account; None where they do not."""

    @property
    def form(self) -> ReportFormat:
        """Which report it is."""
        return identify(self.table, REPORT_FORMATS)


class Slice(NamedTuple):
    """Some whole lines of a file."""

    start: int
    """Where they begin in the file."""
    lines_before: int
    data: bytes


class SliceRead(NamedTuple):
    """What a slice tells."""

    run: list[Block]
    """Where its rows lie in the spool, ready to be recorded."""
    summary: Summary
    pieces: bytes
    """What is personal in it, packed; empty where nothing is."""
    refused: list[int]
    """The lines of it that cannot be read."""
    leaves: bytes
    """The hashes of its lines as they were delivered."""


# --- cutting ----------------------------------------------------------------------------------


def sheet_of(content: Content, file: str, statement: Statement, digest: str, not_yet: str) -> Sheet:
    """How the lines of a file are read; raises NotSliced, or a LedgerError where it is no report."""
    head = content.read(0, PIECE)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\n" not in head:
        raise NotSliced("its lines are no lines of bytes")
    head = head[: head.rfind(b"\n") + 1]
    table = read_table(head, file, statement.marketplace)
    form = identify(table, REPORT_FORMATS)
    encoding = _encoding(content, statement.marketplace)
    if table.encoding != encoding and not head.isascii():
        raise NotSliced("its beginning is read in another encoding than the rest")
    begin = 0
    for _ in range(table.header_lines):
        begin = head.index(b"\n", begin) + 1
    if head.count(b"\r", 0, begin) != head.count(b"\r\n", 0, begin):
        raise NotSliced("an end of line of another kind stands in the header")
    if type(form).facts is not ReportFormat.facts:
        raise NotSliced("a fact of it spans rows")
    bare = msgspec.structs.replace(table, text="", header_lines=0, encoding=encoding)
    return Sheet(table=bare, begin=begin, digest=digest, statement=statement, not_yet=not_yet)


def _encoding(content: Content, marketplace: str | None) -> str:
    """The first encoding in which the whole file is text, of those that are tried."""
    tried = ("cp932", "cp1252") if marketplace == "JP" else ("cp1252", "cp932")
    for encoding in ("utf-8", *tried):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for piece in content.pieces():
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return "utf-8-sig" if encoding == "utf-8" else encoding
    raise NotSliced("it is no text")


def slices(content: Content, sheet: Sheet, size: int) -> Iterator[Slice]:
    """All lines after the header, so many bytes at a time; raises LedgerError where the file is another by now."""
    told = sha256(content.read(0, sheet.begin))
    lines = content.read(0, sheet.begin).count(b"\n")
    start = sheet.begin
    while start < content.size:
        data = content.read(start, start + size)
        if start + len(data) < content.size:
            data = data[: data.rfind(b"\n") + 1]
            if not data:
                raise NotSliced("a line is longer than a slice")
        told.update(data)
        yield Slice(start, lines, data)
        lines += data.count(b"\n")
        start += len(data)
    if told.hexdigest() != sheet.digest:
        raise LedgerError(
            "the file was changed while it was read",
            file=sheet.table.file,
            advice="Import it again when nobody writes to it.",
        )


# --- reading ----------------------------------------------------------------------------------


class SliceReader:
    """Reads the slices of one file."""

    def __init__(self, sheet: Sheet, log: Log | None = None, spool: Spool | None = None) -> None:
        self._sheet = sheet
        self._log = log
        self._spool = spool
        self._form = sheet.form
        self._encoding = "utf-8" if sheet.table.encoding == "utf-8-sig" else sheet.table.encoding
        self._scribe = Scribe(
            sheet.statement, sheet.digest, sheet.not_yet, EntryMapper(BY_TOPIC).state
        )

    def read(self, one: Slice) -> SliceRead:
        """What a slice tells; raises NotSliced where the file must be read as a whole."""
        table = self._table(one.data)
        self._must_stand_alone(one.data, table)
        summary = Summary()
        told = self._rows(table, summary)
        if not self._sheet.keeps_rows:
            deque(told, maxlen=0)
            _number_in_file(summary.refused, one)
            return SliceRead([], summary, b"", [], b"")
        rows = self._reported(told, one)
        refused = [problem.row for problem in summary.refused if problem.row]
        try:
            pieces = pieces_in(
                one.data,
                table,
                self._form,
                self._sheet.digest,
                refused,
                confides=any(row.confides for row in rows),
            )
        except ValueError as error:
            raise NotSliced(str(error)) from error
        _number_in_file(summary.refused, one)
        assert self._spool is not None, "the rows of whole slices are put into another order"
        run = packed_run(rows if self._log is None else _looked_up(rows, self._log))
        return SliceRead(
            self._spool.written(run),
            summary,
            packed_pieces(pieces),
            refused,
            leaves_of(one.data),
        )

    def rows(self, one: Slice) -> list[Reported]:
        """The rows of a slice; raises NotSliced where the file must be read as a whole."""
        table = self._table(one.data)
        self._must_stand_alone(one.data, table)
        return self._reported(self._rows(table, Summary()), one)

    def again(self, rows: Sequence[bytes], lines: Sequence[int]) -> list[RowTold]:
        """Rows that were read before, each a line of the file; all at once, as a table of their own."""
        told = self._rows(self._table(b"".join(row + b"\n" for row in rows)), Summary())
        return [
            msgspec.structs.replace(row, rows=(line,))
            for row, line in zip(told, lines, strict=True)
        ]

    def in_full(self, rows: Sequence[bytes], briefly: Sequence[Reported]) -> list[Reported]:
        """Rows that were read in brief, with the entries that record them."""
        told = self.again(rows, [row.line for row in briefly])
        return [
            self._scribe.reported(full, row.number, row.line, row.place)
            for full, row in zip(told, briefly, strict=True)
        ]

    def check(self, one: Slice, kept: bytes, refused: Collection[int]) -> bytes:
        """The hashes of a slice's lines as they are kept, once they are proved to be read as it was."""
        table = self._table(one.data)
        if not reads_alike(table, self._table(kept), self._form, refused):
            raise NotSliced("it is read otherwise when it is sealed")
        return leaves_of(kept)

    def _rows(self, table: Table, summary: Summary) -> Iterator[RowTold]:
        statement = self._sheet.statement
        reading = Reading(
            table.file, statement.marketplace, period_stated=True, latest=self._sheet.latest
        )
        return rows_read(self._form, table, reading, summary)

    def _reported(self, told: Iterable[RowTold], one: Slice) -> list[Reported]:
        lengths = map(len, one.data.split(b"\n"))
        begun = list(accumulate(lengths, initial=one.start))  # without the ends of lines
        scribe, before = self._scribe, one.lines_before
        reported = scribe.in_brief if self._sheet.in_brief else scribe.reported
        rows = []
        for row in told:
            line = row.rows[0]
            place = (begun[line - 1] + line - 1, begun[line] + line - 1)
            rows.append(reported(row, before + line, before + line, place))
        return rows

    def _table(self, data: bytes) -> Table:
        try:
            text = data.decode(self._encoding).replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise NotSliced("it is in another encoding") from error
        return msgspec.structs.replace(self._sheet.table, text=text)

    def _must_stand_alone(self, data: bytes, table: Table) -> None:
        """Whatever else of a file decides how a row is read must not decide about this slice."""
        width = len(table.header)
        last = table.text.rpartition("\n")[2]
        if (
            "\r" in table.text
            or b"\0" in data
            or PREFIX.encode() in data
            or line_too_long(table.text)
            or not table.has_a_row_in_each_line()
            or (last.strip() and len(table.split(last)) < width)
            or (table.text.strip() and table.widest_row() != width)
        ):
            raise NotSliced("other lines decide how one of these is read")


def _looked_up(rows: Iterable[Reported], log: Log) -> Iterator[tuple[Any, ...]]:
    """The rows, and of those whose whole stream is known by now only when it was told.

    For a spool, which keeps them without the names of their fields.
    """
    by_stream: dict[str, list[Reported]] = {}
    for row in rows:
        by_stream.setdefault(row.stream, []).append(row)
    known = dict(log.stored_streams(by_stream))
    personal = _tell_of_persons(by_stream, known)
    for name, told in by_stream.items():
        found = None
        if name in known and name not in personal:
            found = told_before(told, [row[4] for row in known[name]])
        if found is None or None in found:
            yield from told
        else:
            for row, before in zip(told, found, strict=True):
                yield (*row[:-2], (), before)


def _tell_of_persons(
    by_stream: Mapping[str, Sequence[Reported]], known: Mapping[str, Sequence[StoredRow]]
) -> set[str]:
    """The streams whose rows or entries do: what is personal is compared with all that the stream knows."""
    told = {row.stream for rows in by_stream.values() for row in rows if row.confides}
    return told.union(row[1] for rows in known.values() for row in rows if row[3] in PERSONAL)


def _number_in_file(problems: Iterable[UnreadableRow], one: Slice) -> None:
    """Count the lines of problems from the beginning of the file, and not of a slice of it."""
    for problem in problems:
        problem.row = None if problem.row is None else problem.row + one.lines_before


def leaves_of(data: bytes) -> bytes:
    """The hashes of some lines, one behind the other."""
    return b"".join(map(leaf_hash, lines_of(data)))


# --- in other processes -----------------------------------------------------------------------

_reader: SliceReader
"""Of the file that this process reads slices of."""


def _begin(sheet: Sheet, spool: Spool) -> None:
    global _reader
    _reader = SliceReader(sheet, _opened(sheet), spool)
    gc.disable()  # nothing that a slice is read into holds itself, and looking for it costs much


def _opened(sheet: Sheet) -> Log | None:
    """The log in which this process looks; it can do without."""
    if sheet.log is None:
        return None
    url, account = sheet.log
    with contextlib.suppress(LedgerError):
        log = open_log(url, account, event_types=BY_TOPIC, clock=_no_clock)
        log.hold_little()
        return log
    return None


def _no_clock() -> datetime:
    raise AssertionError("whoever reads gives nothing its moment")


def _read(one: Slice) -> SliceRead:
    return _reader.read(one)


def _check(one: Slice, kept: bytes, refused: Collection[int]) -> bytes:
    return _reader.check(one, kept, refused)


class Readers:
    """Reads slices in the order in which they stand, some of them at a time in other processes."""

    def __init__(self, sheet: Sheet, processes: int, log: Log) -> None:
        context = helpers(IMPORTING) if processes else None
        self.spool: Final = Spool(context)
        """In which the rows lie of all that was read; whoever has read closes it."""
        self._here = SliceReader(sheet, None if sheet.log is None else log, self.spool)
        self._ahead = 2 * processes
        self._pool = (
            pool(processes, _begin, sheet, self.spool, context=context) if processes else None
        )

    def close(self) -> None:
        """End the other processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def read(self, cut: Iterator[Slice]) -> Iterator[tuple[Slice, SliceRead]]:
        """Each slice with what it tells."""
        return self._each(_read, self._here.read, ((one,) for one in cut))

    def checked(self, sealed: Iterator[tuple[Slice, bytes, Collection[int]]]) -> Iterator[bytes]:
        """The hashes of the lines of each slice as it is kept."""
        return (told for _one, told in self._each(_check, self._here.check, sealed))

    def again(self, rows: Sequence[bytes], lines: Sequence[int]) -> list[RowTold]:
        """Rows that were read before."""
        return self._here.again(rows, lines) if rows else []

    def in_full(self, rows: Sequence[bytes], briefly: Sequence[Reported]) -> list[Reported]:
        """Rows that were read in brief, with the entries that record them."""
        return self._here.in_full(rows, briefly) if rows else []

    def _each(
        self, there: Callable[..., Any], here: Callable[..., Any], asked: Iterator[Any]
    ) -> Iterator[tuple[Any, Any]]:
        if self._pool is None:
            for arguments in asked:
                yield arguments[0], here(*arguments)
            return
        waiting: deque[tuple[Any, Future[Any]]] = deque()
        for arguments in asked:
            waiting.append((arguments[0], self._pool.submit(there, *arguments)))
            if len(waiting) > self._ahead:
                one, told = waiting.popleft()
                yield one, told.result()
        while waiting:
            one, told = waiting.popleft()
            yield one, told.result()
