"""The reports that would show a payment, and what stands in them about one order or item: best nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec

from cli.dossier.choosing import Chosen
from cli.dossier.kinds import SORTS
from ledger.book import RETURNS, Coverage, Span
from ledger.case import ImportedReport

if TYPE_CHECKING:
    from ledger.recall import Recall
    from ledger.store import Kept

NOT_BACK: Final = frozenset(("return_missing",))
"""Claims that say that nothing came back."""
RETURNS_BYTES_MAX: Final = 5_000_000
"""So many bytes of returns reports are handed out to show that."""
PERSONAL: Final = b"customer-comments"
"""The column of a returns report that must not be handed out in clear, as earlier versions kept it."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One imported file that would show a payment."""

    digest: str
    file: str
    report_format: str
    period: Span | None
    stated: bool
    told_on: date | None
    rows: tuple[int, ...]
    """The rows in which a word that was searched for stands; the header is row 1."""
    whole: bool
    """True where nothing of it stands there, and nothing personal in clear: it may be handed out whole."""


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """What was searched for, where, and how far the files reach."""

    words: tuple[str, ...]
    reports: tuple[Report, ...]
    coverage: tuple[Coverage, ...]
    gaps: tuple[Span, ...]
    """Days of which no file speaks."""
    left_out: int = 0
    """Files that would have to be searched, and are too many bytes to be handed out."""

    @property
    def silent(self) -> tuple[Report, ...]:
        """The files in which nothing of it stands: they are handed out whole."""
        return tuple(one for one in self.reports if one.whole)

    @property
    def telling(self) -> tuple[Report, ...]:
        """The files in which something of it stands: of these only the rows are handed out."""
        return tuple(one for one in self.reports if one.rows)


def searched(recall: Recall, chosen: Chosen, days: Sequence[date]) -> Searched:
    """Search each report that would show a payment since the first day of what happened."""
    return _searched(recall, chosen, days, SORTS[chosen.kind].shown_in)


def not_back(recall: Recall, chosen: Chosen, days: Sequence[date]) -> Searched | None:
    """Search each report that would show its return; None for a claim that does not say it never came back."""
    if chosen.finding.claim_type not in NOT_BACK:
        return None
    return _searched(recall, chosen, days, (RETURNS,), most=RETURNS_BYTES_MAX)


def _searched(
    recall: Recall,
    chosen: Chosen,
    days: Sequence[date],
    formats: tuple[str, ...],
    most: int | None = None,
) -> Searched:
    words = _words(chosen)
    since = days[0] if days else recall.as_of
    book = recall.book
    found = [
        one
        for one in book.imports
        if one.report_format in formats and _speaks_since(one, since, recall.as_of)
    ]
    found.sort(key=lambda one: (one.period_start or date.min, one.period_end or date.min, one.file))
    kept = {one.digest: one for one in recall.log.originals_kept()} if found else {}
    too_many = most is not None and sum(kept[one.digest].size for one in found) > most
    coverage = tuple(book.coverage(name) for name in formats)
    gaps = [one.gap(since, min(_end(one, recall.as_of), recall.as_of)) for one in coverage]
    reports = [] if too_many else [_search(recall, one, words, kept[one.digest]) for one in found]
    return Searched(
        words=words,
        reports=tuple(one for one in reports if one is not None),
        coverage=coverage,
        gaps=tuple(gap for gap in gaps if gap is not None),
        left_out=len(found) if too_many else 0,
    )


def _words(chosen: Chosen) -> tuple[str, ...]:
    """What names the thing in a report of payments: an order's id; an item's FNSKU where there is no order."""
    case, finding = chosen.case, chosen.finding
    if case.kind == "order":
        return (case.name,)
    names = dict.fromkeys(one for one in (finding.fnsku, case.name) if one)
    return tuple(names)


def _speaks_since(report: ImportedReport, since: date, as_of: date) -> bool:
    ends = report.period_end is None or report.period_end >= since
    begins = report.period_start is None or report.period_start <= as_of
    return ends and begins


def _end(coverage: Coverage, as_of: date) -> date:
    return max((span.last for span in coverage.spans if span.first <= as_of), default=as_of)


def _search(
    recall: Recall, report: ImportedReport, words: Iterable[str], kept: Kept
) -> Report | None:
    """What stands in one file; None of a file that is sealed as a whole, as nothing can be found in it."""
    data = recall.log.kept(report.digest)
    if kept.sealed is not None and data.startswith(b"sealed:"):
        return None
    period = None
    if report.period_start and report.period_end:
        period = Span(report.period_start, report.period_end)
    rows = rows_with(data, words)
    header = data.partition(b"\n")[0]
    return Report(
        digest=report.digest,
        file=report.file,
        report_format=report.report_format,
        period=period,
        stated=report.stated,
        told_on=report.told_on,
        rows=rows,
        whole=not rows and (kept.sealed is not None or PERSONAL not in header),
    )


ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")
"""As reports are delivered; whatever else Amazon delivers, an order's id has the same bytes in it."""


def rows_with(data: bytes, words: Iterable[str]) -> tuple[int, ...]:
    """The lines in which any of the words stands, however it is written; most files have none."""
    encoded = [word.lower().encode(encoding) for word in words for encoding in ENCODINGS]
    wanted = [word for word in encoded if b"\n" not in word]  # such a one stands in no line
    data = data.lower()
    places = sorted({place for word in wanted for place in _places_of(word, data)})
    rows, row, counted = [], 1, 0
    for place in places:
        row += data.count(b"\n", counted, place)
        counted = place
        rows.append(row)
    return tuple(dict.fromkeys(rows))


def _places_of(word: bytes, data: bytes) -> Iterator[int]:
    """Where a word begins, each time."""
    place = data.find(word)
    while place >= 0:
        yield place
        place = data.find(word, place + 1)
