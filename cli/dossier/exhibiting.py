"""The exhibits: files that were attached, and of Amazon's reports the rows that are about the claim; none altered."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from cli.dossier.absence import rows_with
from cli.dossier.language import Words
from cli.dossier.matter import Matter
from ledger.errors import Forgotten, StoreTrouble
from ledger.events.keeping import EvidenceAttached
from ledger.sealing import is_sealed_whole

if TYPE_CHECKING:
    from ledger.event import Entry
    from ledger.store import Log

HEADER: Final = 1
"""The row that names the columns."""
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]+")
_NAME_MAX: Final = 60
_ROWS_NAMED: Final = 12


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """One exhibit: a file of the pack, and what it is."""

    number: int
    title: str
    path: str
    """Where it is in the pack."""
    sha256: str
    size: int
    entries: tuple[int, ...]
    """The entries that tell of it."""
    what: Literal["file", "rows", "report"]
    digest: str
    """SHA-256 of the file that was delivered, of which it is the whole or some rows."""
    rows: tuple[int, ...] = ()
    data: bytes | None = None
    """Its bytes; None for a report that is in the pack whole, under its own digest."""
    text: str | None = None
    """What it says, where it is a short text."""


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was attached and is kept sealed: it is named, and not handed out."""

    name: str
    digest: str
    entry: int


class Exhibits(msgspec.Struct, frozen=True, kw_only=True):
    """All exhibits of a dossier, numbered."""

    shown: tuple[Exhibit, ...]
    sealed: tuple[Sealed, ...] = ()

    def of(self, digest: str) -> Exhibit | None:
        """The exhibit that a file is, or is part of."""
        return next((one for one in self.shown if one.digest == digest), None)

    def about(self, position: int) -> Exhibit | None:
        """The exhibit that an entry tells of, or was read from."""
        return next((one for one in self.shown if position in one.entries), None)

    def index(self) -> str:
        """The list of them as CSV."""
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(("number", "title", "file", "bytes", "sha256", "source_entries"))
        for one in self.shown:
            entries = " ".join(map(str, one.entries))
            writer.writerow((one.number, one.title, one.path, one.size, one.sha256, entries))
        return written.getvalue()


def exhibits_of(
    log: Log, matter: Matter, words: Words, prove: Callable[[str, int], None], *, reveal: bool
) -> Exhibits:
    """First what the seller attached, then the rows of Amazon's reports, then the reports that are silent.

    Each row that is shown is proved on the way, while the log has the tree over its file's lines at hand.
    """
    shown: list[Exhibit] = []
    sealed: list[Sealed] = []
    for entry, told in _attached(log, matter):
        data = _opened(log, told.digest, reveal=reveal)
        if data is None:
            name = told.name
            sealed.append(Sealed(name=name, digest=told.digest, entry=entry.position or 0))
        else:
            shown.append(_file(len(shown) + 1, entry, told, data, words))
    for digest, entries in _by_report(matter).items():
        data = log.kept(digest)
        if is_sealed_whole(data):
            first = next((entry.position or 0 for entry in entries), 0)
            sealed.append(Sealed(name=matter.files[digest].file, digest=digest, entry=first))
            continue
        numbers = _numbers(data, digest, entries, matter)
        del data  # the tree over its lines takes room enough
        exhibit = _rows(log, len(shown) + 1, digest, entries, numbers, matter, words)
        shown.append(exhibit)
        for row in (HEADER, *exhibit.rows):
            prove(digest, row)
    for report in matter.silent:
        data = log.kept(report.digest)
        name = words.of("reports", report.report_format)
        shown.append(
            Exhibit(
                number=len(shown) + 1,
                title=words("exhibit_report", report=name),
                path=f"originals/{report.digest}",
                sha256=sha256(data).hexdigest(),
                size=len(data),
                entries=(),
                what="report",
                digest=report.digest,
            )
        )
    return Exhibits(shown=tuple(shown), sealed=tuple(sealed))


# --- what was attached ------------------------------------------------------------------------


def _attached(log: Log, matter: Matter) -> Iterator[tuple[Entry, EvidenceAttached]]:
    """Each file once, by the entry that attached it first; what a correction took back is left out."""
    seen: set[str] = set()
    for entry in matter.entries:
        event = entry.event
        if not isinstance(event, EvidenceAttached) or entry.position in matter.taken_back:
            continue
        if event.digest not in seen and log.has_original(event.digest):
            seen.add(event.digest)
            yield entry, event


def _opened(log: Log, digest: str, *, reveal: bool) -> bytes | None:
    """The file byte for byte; None where it is sealed and was not asked for, or can be opened no more."""
    kept = log.kept(digest)
    if sha256(kept).hexdigest() == digest:
        return kept
    if not reveal:
        return None
    try:
        return log.original(digest)
    except (Forgotten, StoreTrouble):
        return None


def _file(number: int, entry: Entry, told: EvidenceAttached, data: bytes, words: Words) -> Exhibit:
    kind = words.of("files", told.kind)
    return Exhibit(
        number=number,
        title=words("exhibit_evidence", kind=kind, name=told.name),
        path=f"exhibits/{number:02}-{_safe(told.name)}",
        sha256=sha256(data).hexdigest(),
        size=len(data),
        entries=(entry.position or 0,),
        what="file",
        digest=told.digest,
        data=data,
        text=_as_text(told, data),
    )


def _safe(name: str) -> str:
    """A name that every system can keep: of letters, digits, dots and hyphens."""
    path = PurePath(name)
    suffix = _UNSAFE.sub("", path.suffix)[:12]
    stem = _UNSAFE.sub("-", path.stem).strip(".-")[:_NAME_MAX]
    return f"{stem or 'file'}{suffix}".lower()


_TEXT_MAX: Final = 6000
_TEXTS: Final = ("message", "claim_text")


def _as_text(told: EvidenceAttached, data: bytes) -> str | None:
    """A message or decision that is a short plain text can be quoted word for word."""
    if told.kind not in _TEXTS or len(data) > _TEXT_MAX or b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig").strip() or None
    except UnicodeDecodeError:
        return None


# --- rows of reports --------------------------------------------------------------------------


def _by_report(matter: Matter) -> dict[str, list[Entry]]:
    """The entries that were read from each report, in the order in which they are told."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in matter.entries:
        digest = entry.source.digest
        if digest is not None and digest in matter.files and entry.source.row is not None:
            found[digest].append(entry)
    for report in matter.searched.telling:
        found.setdefault(report.digest, [])
    return dict(found)


def _numbers(data: bytes, digest: str, entries: Sequence[Entry], matter: Matter) -> tuple[int, ...]:
    """Which rows of a report are about the claim."""
    numbers = {entry.source.row for entry in entries if entry.source.row is not None}
    if matter.case.kind in ("order", "removal"):
        # One fact may be told by several rows, as a settlement tells a refund line by line.
        numbers.update(rows_with(data, [matter.thing]))
    for report in matter.searched.telling:
        if report.digest == digest:
            numbers.update(report.rows)
    return tuple(sorted(numbers - {HEADER}))


def _rows(
    log: Log,
    number: int,
    digest: str,
    entries: Sequence[Entry],
    rows: tuple[int, ...],
    matter: Matter,
    words: Words,
) -> Exhibit:
    """The report's header and the rows that are about the claim, each line as it is kept."""
    lines = [log.row_proof(digest, row).line for row in (HEADER, *rows)]
    data = b"".join(line + b"\n" for line in lines)
    report_format = matter.files[digest].report_format
    title = words(
        "exhibit_rows",
        report=words.of("reports", report_format),
        rows=words.rows(len(rows)),
        numbers=_named(rows, words),
    )
    return Exhibit(
        number=number,
        title=title,
        path=f"exhibits/{number:02}-{report_format}{_suffix(matter.files[digest].file)}",
        sha256=sha256(data).hexdigest(),
        size=len(data),
        entries=tuple(one.position or 0 for one in entries),
        what="rows",
        digest=digest,
        rows=rows,
        data=data,
    )


def _named(rows: Sequence[int], words: Words) -> str:
    if len(rows) == 1:
        return words("exhibit_row", number=rows[0])
    told = ", ".join(map(str, rows[:_ROWS_NAMED]))
    return words("exhibit_row_numbers", numbers=told + (" …" if len(rows) > _ROWS_NAMED else ""))


def _suffix(file: str) -> str:
    """As the report was called, once it was unpacked."""
    return ".csv" if file.lower().removesuffix(".gz").endswith(".csv") else ".txt"
