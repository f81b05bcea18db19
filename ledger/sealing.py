"""An original with what is personal in it sealed: the same lines and cells, readable for ever, opened by the keys."""

from __future__ import annotations

import marshal
import os
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from ledger.errors import Forgotten, LedgerError, StoreTrouble, UnreadableRow
from ledger.event import order_stream
from ledger.keystore import TOKEN, KeyStore, Sealed, is_token
from ledger.keystore.wrapping import PREFIX, cipher, sealed_many
from ledger.places import RowPlace, Span, Unplaced, View, row_places
from ledger.report import ReportFormat, identify
from ledger.reports import REPORT_FORMATS
from ledger.store import Original
from ledger.table import Table, read_table

if TYPE_CHECKING:
    from ledger.store import Log

ERASED: Final = "[erased]"
"""What stands where a value stood whose key was destroyed."""


class Opened(msgspec.Struct, frozen=True):
    """A sealed original opened again."""

    content: bytes
    erased: int
    """How many pieces nobody can open any more; where there are any, these are not the delivered bytes."""


class _Sealing(NamedTuple):
    """What is sealed of a table: whole columns, and the rows of these lines."""

    columns: frozenset[int]
    refused: frozenset[int]


class Piece(NamedTuple):
    """A piece of a file that is to be sealed, and for whom."""

    span: Span
    subject: str
    line: int = 0
    """Of the row in which it stands, where that is known."""
    column: str = ""


def file_subject(digest: str) -> str:
    """Whose what is personal in a file is, where no order is named beside it."""
    return f"file/{digest}"


# --- sealing ----------------------------------------------------------------------------------


def sealed_report(
    data: bytes,
    digest: str,
    table: Table,
    form: ReportFormat,
    keys: KeyStore | None,
    *,
    refused: Collection[int] = (),
    marketplace: str | None = None,
) -> Original:
    """A report as it is kept: as it was delivered where it holds nothing personal.

    Of a refused row, given by its line, every cell is sealed: a comment may have run on into it. What cannot be
    found in the bytes with certainty is never left in clear: then the whole file is sealed. Without keys, what is
    personal is sealed under keys that nobody keeps.
    """
    if PREFIX.encode() in data or PREFIX.encode("utf-16-le") in data:
        return _sealed_whole(data, digest, file_subject(digest), keys)
    sealing = _Sealing(form.sealed_columns(table), frozenset(refused))
    if not (sealing.columns or sealing.refused):
        return Original(digest, len(data), data)
    try:
        view = View.of(data, table.encoding)
        pieces = list(_pieces(view, table, form, sealing, digest))
        if not pieces:
            return Original(digest, len(data), data)
        kept = view.delivered(_replaced(view, pieces, digest, keys))
        if _reads_alike(table, kept, sealing, marketplace):
            return Original(digest, len(data), kept, sha256(kept).hexdigest())
    except (Unplaced, LedgerError):
        pass
    return _sealed_whole(data, digest, file_subject(digest), keys)


def sealed_whole(data: bytes, subject: str, keys: KeyStore | None) -> Original:
    """A file that is personal as a whole, such as a picture of a parcel's label."""
    return _sealed_whole(data, sha256(data).hexdigest(), subject, keys)


def sealed_text(words: str, subject: str, context: bytes, keys: KeyStore | None) -> str:
    """Somebody's words as a token."""
    return _tokens([(subject, words.encode(), context)], keys)[0]


def _sealed_whole(data: bytes, digest: str, subject: str, keys: KeyStore | None) -> Original:
    (token,) = _tokens([(subject, data, _whole(digest))], keys)
    kept = token.encode("ascii")
    return Original(digest, len(data), kept, sha256(kept).hexdigest())


def _whole(digest: str) -> bytes:
    return f"original/{digest}/whole".encode()


def _piece(digest: str, number: int) -> bytes:
    """What a piece must be found beside: its file, and its place among the file's pieces."""
    return f"original/{digest}/{number}".encode()


def _tokens(values: Sequence[tuple[str, bytes, bytes]], keys: KeyStore | None) -> list[str]:
    if keys is not None:
        return keys.seal_many(values)
    passing = cipher(os.urandom(32))
    return sealed_many((passing, value, context) for _, value, context in values)


def _pieces(
    view: View, table: Table, form: ReportFormat, sealing: _Sealing, digest: str
) -> Iterator[Piece]:
    """What is to be sealed, in order: the cells of personal columns, and all of what cannot be split."""
    order = form.order_place(table)
    broken = re.compile(rf'[^"\r\n{table.delimiter}]+')
    columns = sorted(sealing.columns)
    text, starts = view.text, view.line_starts()
    if "\r" in text[: starts[table.header_lines]].rstrip("\r\n") and "\n" in view.text:
        raise Unplaced("an end of line of another kind stands in the header")
    for row in row_places(view, table):
        if not row.cells:
            for found in broken.finditer(view.text, *row.span):
                if not view.is_blank(found[0]):
                    yield Piece(Span(*found.span()), file_subject(digest))
            continue
        torn = row.line in sealing.refused
        subject = file_subject(digest) if torn else _subject(form, row, order, digest)
        values, cells = row.values, row.cells
        split = len(cells)
        for column in range(len(values)) if torn else columns:
            if not values[column] or column >= split:
                continue
            start, end = span = cells[column]
            letters = text[start:end]
            if "\n" in letters or "\r" in letters:
                for line in view.lines(span):
                    if not view.is_blank(text[line.start : line.end]):
                        yield Piece(line, subject)
            elif not view.is_blank(letters):
                yield Piece(span, subject)


def _subject(form: ReportFormat, row: RowPlace, order: int | None, digest: str) -> str:
    name = row.values[order] if order is not None else ""
    named = bool(name) and not is_token(name) and form.names_order(name)
    return order_stream(name) if named else file_subject(digest)


def pieces_in(
    data: bytes,
    table: Table,
    form: ReportFormat,
    digest: str,
    refused: Collection[int],
    *,
    confides: bool,
) -> list[Piece]:
    """What is to be sealed of some whole lines of a file, read as a table; raises Unplaced where that is not sure.

    `confides` says that a row tells of a person: then and where rows are refused, every cell is looked at.
    """
    sealing = _Sealing(form.sealed_columns(table), frozenset(refused))
    untold = sealing.columns - form.confided_columns(table)
    if not (refused or confides) and _are_blank(data, table, untold):
        return []
    return list(_pieces(View.of(data, table.encoding), table, form, sealing, digest))


def packed_pieces(pieces: Sequence[Piece]) -> bytes:
    """Pieces on their way to another process, where there are any."""
    return marshal.dumps([(*one.span, one.subject) for one in pieces]) if pieces else b""


def unpacked_pieces(packed: bytes) -> list[Piece]:
    """The pieces out of what another process packed."""
    return [
        Piece(Span(start, end), subject)
        for start, end, subject in marshal.loads(packed)  # noqa: S302  we packed it
    ]


def _are_blank(data: bytes, table: Table, columns: Iterable[int]) -> bool:
    """True where nothing stands in these columns of a table, nor a blank where there are no quotation marks."""
    if table.quoted:
        rows = (row for row in table.rows() if not isinstance(row, UnreadableRow))
        return not any(cells[column] for _line, cells in rows for column in columns)
    between = re.escape(table.delimiter.encode())
    return not any(
        re.search(
            rb"(?m)^(?:[^%b\r\n]*%b){%d}[^%b\r\n]" % (between, between, column, between), data
        )
        for column in columns
    )


def with_sealed(
    data: bytes,
    encoding: str,
    pieces: Sequence[Piece],
    digest: str,
    keys: KeyStore | None,
    first: int,
) -> bytes:
    """Some lines of a file with a token for each piece; the first is so many pieces after the file's first."""
    view = View.of(data, encoding)
    return view.delivered(_replaced(view, pieces, digest, keys, first))


def reads_alike(table: Table, kept: Table, form: ReportFormat, refused: Collection[int]) -> bool:
    """True where sealed lines are read as the delivered ones are, and show nothing personal."""
    return _rows_alike(table, kept, _Sealing(form.sealed_columns(table), frozenset(refused)))


def _replaced(
    view: View, pieces: Sequence[Piece], digest: str, keys: KeyStore | None, first: int = 0
) -> str:
    text = view.text
    tokens = _tokens(
        [
            (piece.subject, view.bytes_of(text[slice(*piece.span)]), _piece(digest, number))
            for number, piece in enumerate(pieces, first)
        ],
        keys,
    )
    return _joined(text, [piece.span for piece in pieces], tokens)


def _joined(text: str, spans: Sequence[Span], others: Iterable[str]) -> str:
    """The text with something else in the place of each span."""
    parts, at = [], 0
    for span, other in zip(spans, others, strict=True):
        parts += [text[at : span.start], other]
        at = span.end
    return "".join([*parts, text[at:]])


def _reads_alike(table: Table, kept: bytes, sealing: _Sealing, marketplace: str | None) -> bool:
    """True where the sealed form is read as what was delivered is, row by row, and shows nothing personal."""
    again = read_table(kept, table.file, marketplace)
    if (again.header, again.delimiter, again.quoted, again.header_lines) != (
        table.header,
        table.delimiter,
        table.quoted,
        table.header_lines,
    ):
        return False
    return _rows_alike(table, again, sealing)


def _rows_alike(table: Table, again: Table, sealing: _Sealing) -> bool:
    one, other = list(table.rows()), list(again.rows())
    return len(one) == len(other) and all(
        _is_alike(told, held, sealing) for told, held in zip(one, other, strict=True)
    )


def _is_alike(
    told: tuple[int, list[str]] | UnreadableRow,
    held: tuple[int, list[str]] | UnreadableRow,
    sealing: _Sealing,
) -> bool:
    if isinstance(told, UnreadableRow) or isinstance(held, UnreadableRow):
        return (
            isinstance(told, UnreadableRow)
            and isinstance(held, UnreadableRow)
            and (told.row, told.message) == (held.row, held.message)
        )
    if told[0] != held[0] or len(told[1]) != len(held[1]):
        return False
    rest = list(held[1])
    for place in range(len(rest)) if told[0] in sealing.refused else sealing.columns:
        if not _is_sealed(told[1][place], rest[place]):
            return False
        rest[place] = told[1][place]
    return rest == told[1]


def _is_sealed(told: str, held: str) -> bool:
    """Blank stays blank; each line of anything else is a token."""
    if not told or not held:
        return not told and not held
    return is_token(held) or all(map(is_token, held.split()))


# --- opening ----------------------------------------------------------------------------------


def opener(log: Log, keys: KeyStore, why: str) -> Callable[[str, bytes], bytes]:
    """What a log opens its sealed originals by; a file of which something was erased is refused."""

    def opens(digest: str, kept: bytes) -> bytes:
        opened = opened_original(log, keys, digest, kept, why)
        if opened.erased:
            raise Forgotten(
                f"{opened.erased:,} pieces of it were erased, so nobody has the delivered file any more",
                found=digest,
                advice=f"`returns-ledger evidence save {digest[:12]} -o FILE` writes what is left of it, "
                f"with {ERASED} in their places.",
            )
        return opened.content

    return opens


def opened_original(log: Log, keys: KeyStore, digest: str, kept: bytes, why: str) -> Opened:
    """An original out of its sealed form, checked against its SHA-256 where nothing of it was erased."""
    if is_sealed_whole(kept):
        opened = _opened_whole(log, keys, digest, kept, why)
    else:
        opened = _opened_pieces(keys, digest, kept, why)
    if not opened.erased and sha256(opened.content).hexdigest() != digest:
        raise StoreTrouble(
            f"the original {digest} does not open to what was delivered",
            advice="Restore the log and the keys from one backup.",
        )
    return opened


def is_sealed_whole(kept: bytes) -> bool:
    """True where an original is one token and nothing else."""
    return kept.startswith(PREFIX.encode()) and is_token(kept.decode("latin-1"))


def _opened_whole(log: Log, keys: KeyStore, digest: str, kept: bytes, why: str) -> Opened:
    subject = subject_of_whole(log, digest)
    told = Sealed(subject, kept.decode("ascii"), _whole(digest))
    (content,) = keys.unseal_many([told], field=f"the file {digest[:12]}", why=why)
    if content is None:
        _refuse_lost(keys, {subject}, digest)
        return Opened(ERASED.encode(), 1)
    return Opened(content, 0)


def kept_already(log: Log, digest: str, size: int) -> Original:
    """A file that the log keeps, as it keeps it."""
    kept = log.kept(digest)
    found = sha256(kept).hexdigest()
    return Original(digest, size, kept, None if found == digest else found)


def readable(log: Log, digest: str) -> bytes | None:
    """A report as its format reads it, without any key; only one that is sealed whole must be opened.

    None where that cannot be done: its key was destroyed, or is not here.
    """
    kept = log.kept(digest)
    if not is_sealed_whole(kept):
        return kept
    try:
        return log.original(digest)
    except LedgerError:
        return None


def subject_of_whole(log: Log, digest: str) -> str:
    """Under whose key a file lies that is sealed as a whole: the order's to which it was attached first."""
    from ledger.events.keeping import EvidenceAttached

    for entry in log.entries(topics=[EvidenceAttached.TOPIC]):
        event = entry.event
        if isinstance(event, EvidenceAttached) and event.digest == digest and event.sealed:
            return event.sealed_for or entry.stream
    return file_subject(digest)


def _opened_pieces(keys: KeyStore, digest: str, kept: bytes, why: str) -> Opened:
    view, told = sealed_pieces(kept, digest)
    values = keys.unseal_many(
        [
            Sealed(piece.subject, view.text[slice(*piece.span)], _piece(digest, number))
            for number, piece in enumerate(told)
        ],
        field="what is personal in the file",
        why=why,
        as_subject=file_subject(digest),
    )
    gone = {piece.subject for piece, value in zip(told, values, strict=True) if value is None}
    _refuse_lost(keys, gone, digest)
    others = (ERASED if value is None else view.text_of(value) for value in values)
    text = _joined(view.text, [piece.span for piece in told], others)
    return Opened(view.delivered(text), sum(value is None for value in values))


def _refuse_lost(keys: KeyStore, gone: set[str], digest: str) -> None:
    """A key that is not there was not destroyed for that: nothing is said to be erased that only was lost."""
    lost = gone - keys.destroyed(gone)
    if lost:
        raise StoreTrouble(
            f"the keys of {len(lost):,} of those whose data the original {digest} holds are not here",
            file=str(keys.path),
            advice="Name the folder of the account's keys with --keys, or restore keys.db.",
        )


def sealed_pieces(kept: bytes, digest: str) -> tuple[View, list[Piece]]:
    """Every token in a sealed form, in order, and for whom it was sealed."""
    table = read_table(kept, digest)
    view = View.of(kept, table.encoding)
    form = identify(table, REPORT_FORMATS)
    order = form.order_place(table)
    rows = [row for row in row_places(view, table) if row.cells]
    starts = [row.span.start for row in rows]
    pieces = []
    for found in TOKEN.finditer(view.text):
        row = bisect_right(starts, found.start()) - 1
        piece = Piece(Span(*found.span()), file_subject(digest))
        if row >= 0 and found.start() < rows[row].span.end:
            place = bisect_right([cell.start for cell in rows[row].cells], found.start()) - 1
            piece = piece._replace(
                subject=_subject(form, rows[row], order, digest),
                line=rows[row].line,
                column=table.header_as_written[place],
            )
        pieces.append(piece)
    return view, pieces


class Cell(NamedTuple):
    """A personal cell of a report, or a line of one."""

    line: int
    column: str
    told: Sealed


def cells_of(log: Log, digest: str, subject: str) -> list[Cell]:
    """What a sealed report holds of one subject, ready to be opened."""
    kept = log.kept(digest)
    if is_sealed_whole(kept):
        return []
    view, pieces = sealed_pieces(kept, digest)
    return [
        Cell(
            piece.line,
            piece.column,
            Sealed(subject, view.text[slice(*piece.span)], _piece(digest, number)),
        )
        for number, piece in enumerate(pieces)
        if piece.subject == subject
    ]


def subjects_in(kept: bytes, digest: str) -> set[str]:
    """Whose data a sealed form holds."""
    if is_sealed_whole(kept):
        return {file_subject(digest)}
    return {piece.subject for piece in sealed_pieces(kept, digest)[1]}
