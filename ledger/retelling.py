"""Whether a download tells again what others told for its days: what it leaves out is said when it is imported."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from ledger.book import COMPLETE
from ledger.case import Untold
from ledger.comparing import Outcome
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events.imports import ReportImported
from ledger.gathering import Rows
from ledger.hearing import read_again
from ledger.store import Batch, Log, Placed

MANY: Final = 10
"""Who leaves out most of so many rows was not asked for them: a part of a report, or another store's."""

Names = Mapping[tuple[str, str], int]
"""How many rows of a download go by each name in each stream."""


def speaks_for(file: ReportImported, entry: Entry, source: ReportImported) -> bool:
    """True where a download would tell the row of an entry as well: of the same report, told later, of its whole day.

    On its first day and its last a download may not be whole, and one of a single kind of event says nothing of
    others. `source` is the file that told the entry.
    """
    telling = entry.telling
    if telling is None or telling.part or entry.event.SNAPSHOT:
        return False
    day, stores = entry.occurred_at[:10], (file.marketplace, source.marketplace)
    return (
        file.report_format == source.report_format
        and _is_whole(file)
        and telling.told_at < (file.told_at or "")
        and (file.period_start or day) < day < (file.period_end or day)
        and file.only in (None, getattr(entry.event, "kind", None))
        and (None in stores or stores[0] == stores[1])
    )


def tells(names: Names, entry: Entry) -> bool:
    """True where there are so many rows of one of its names as it is the how-manieth of."""
    telling = entry.telling
    assert telling is not None
    known = (telling.identity, *telling.keys)
    return any(names.get((entry.stream, name), 0) >= telling.occurrence for name in known)


def names_in(log: Log, file: ReportImported) -> Names | None:
    """The names of a download's rows, read in its original; None where it cannot be read any more."""
    read = read_again(log, file)
    if read is None:
        return None
    return Counter((row.stream, name) for row in read.told for name in row.keys)


def _is_whole(file: ReportImported) -> bool:
    return file.report_format in COMPLETE and not file.refused and bool(file.told_at)


class Retelling:
    """A file that is being imported, beside the other downloads of its report, while nobody else may append."""

    def __init__(self, log: Log, file: ReportImported, end: int) -> None:
        """`end` is the last position of the log before anything of the file is recorded."""
        self._log = log
        self._file = file
        known = log.entries(ACCOUNT_STREAM, topics=[ReportImported.TOPIC], until=end)
        self._imports = [
            (one.position or 0, one.event) for one in known if isinstance(one.event, ReportImported)
        ]
        self._sources = {one.digest: one for _, one in self._imports} | {file.digest: file}
        others = [one for one in self._sources.values() if one.digest != file.digest]
        self._alike = [one for one in others if one.report_format == file.report_format]
        later = [one for one in self._alike if _is_whole(one) and _are_told(file, one)]
        self._later = sorted(later, key=lambda one: (one.told_at or "", one.digest), reverse=True)
        self._names: dict[str, Names | None] = {}
        self._left_out: defaultdict[str, list[int]] = defaultdict(list)
        self._position = end

    # --- by downloads that are newer

    def take(self, batch: Batch) -> None:
        """Take in what is recorded of the file: where a newer download is known, that may not tell it."""
        rows = batch.rows if isinstance(batch, Placed) else batch
        first, self._position = self._position + 1, self._position + len(rows)
        if not self._later:
            return
        for position, row in enumerate(rows, first):
            stream, version, topic, state = row[1:5] if isinstance(batch, Placed) else row[:4]
            entry = self._log.read((position, stream, version, topic, state, 0))
            newest = self._newest(entry)
            names = None if newest is None else self._names_of(newest)
            if newest is not None and names is not None and not tells(names, entry):
                self._left_out[newest.digest].append(position)

    def _newest(self, entry: Entry) -> ReportImported | None:
        """The newest of the downloads told after the file that speaks for an entry."""
        source = self._sources.get(entry.source.digest or "")
        if source is None:
            return None
        return next((one for one in self._later if speaks_for(one, entry, source)), None)

    def _names_of(self, file: ReportImported) -> Names | None:
        if file.digest not in self._names:
            self._names[file.digest] = names_in(self._log, file)
        return self._names[file.digest]

    # --- by the file itself

    def told(self, rows: Rows, outcome: Outcome) -> ReportImported:
        """The import, with what the file leaves out, what it tells again, and what newer ones leave out of it."""
        unchanged = outcome.counts["unchanged"]
        untold = [
            Untold(digest=digest, entries=tuple(left_out))
            for digest, left_out in sorted(self._left_out.items())
            if not _is_a_part(len(left_out), unchanged)
        ]
        retold: list[int] = []
        if _is_whole(self._file) and not self._repeats(outcome):
            asked = {one.position or 0 for one in self._before() if self._speaks(one)}
            known_untold, many = asked & self._known_untold(), len(asked)
            if asked:
                self._strike_out(asked, rows)
            if not _is_a_part(len(asked), many - len(asked)):
                if asked:
                    entries = tuple(sorted(asked))
                    untold.append(Untold(digest=self._file.digest, entries=entries))
                retold = sorted(known_untold - asked)
        return msgspec.structs.replace(self._file, untold=tuple(untold), retold=tuple(retold))

    def _repeats(self, outcome: Outcome) -> bool:
        """True where each row of the file is one of the only other of its days: as many, and none of them news."""
        shared = [one for one in self._alike if _share_days(self._file, one, inclusive=True)]
        return len(shared) == 1 and (
            not outcome.counts["new"]
            and not outcome.counts["revised"]
            and shared[0].rows - shared[0].refused == self._file.rows
            and _days(shared[0]) == _days(self._file)
        )

    def _before(self) -> Iterator[Entry]:
        """What was recorded with the downloads told before the file whose days it shares."""
        after = 0
        for position, one in self._imports:
            if one.report_format == self._file.report_format and _are_told(one, self._file):
                yield from self._log.entries(after=after, until=position)
            after = position

    def _speaks(self, entry: Entry) -> bool:
        """True where no download is newer than the file that speaks for an entry."""
        source = self._sources.get(entry.source.digest or "")
        return (
            source is not None
            and source.digest != self._file.digest
            and speaks_for(self._file, entry, source)
            and self._newest(entry) is None
        )

    def _strike_out(self, asked: set[int], rows: Rows) -> None:
        """Take the entries that the file tells out of these."""
        for batch in rows.batches():
            names = Counter((row.stream, name) for row in batch for name in row.keys)
            for _, stored in self._log.stored_streams(dict.fromkeys(row.stream for row in batch)):
                for row in stored:
                    if row[0] in asked and tells(names, self._log.read(row)):
                        asked.discard(row[0])

    def _known_untold(self) -> set[int]:
        """What some other download left out."""
        return {
            position
            for _, one in self._imports
            for untold in one.untold
            if untold.digest != self._file.digest
            for position in untold.entries
        }


def _is_a_part(left_out: int, told: int) -> bool:
    """True where a file leaves out most of what was told for its days: it was not asked for all of it."""
    return left_out + told >= MANY and left_out > told


def _are_told(first: ReportImported, second: ReportImported) -> bool:
    """True where one download was told before another whose days it shares."""
    return (first.told_at or "") < (second.told_at or "") and _share_days(first, second)


def _share_days(one: ReportImported, other: ReportImported, *, inclusive: bool = False) -> bool:
    """True where two files speak for the same days, besides their first and last ones."""
    (first, last), (begin, end) = _days(one), _days(other)
    if not (first and last and begin and end):
        return True
    return (first <= end and begin <= last) if inclusive else (first < end and begin < last)


def _days(file: ReportImported) -> tuple[str, str]:
    return file.period_start or "", file.period_end or ""
