"""Rows that the newest download of their days tells no longer: Amazon took them back, or tells them otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

import msgspec

from ledger.book import REIMBURSEMENTS, RETURNS, STOCK
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events.imports import ReportImported
from ledger.hearing import read_again
from ledger.recall import Recall

COMPLETE: Final = frozenset((REIMBURSEMENTS, RETURNS, STOCK))
"""Reports of which a download holds everything of its days: what one does not tell any more, it takes back."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """An entry and the newest download that speaks for its day."""

    entry: Entry
    file: str
    told_on: date
    told: bool
    """False where the download does not tell it."""


class Downloads:
    """An account's downloads of complete reports; each is read once, when it is first asked about.

    The log keeps of a download what is news, so that a row is gone stands in the file alone.
    """

    def __init__(self, recall: Recall) -> None:
        self._recall: Final = recall
        told = recall.log.entries(
            ACCOUNT_STREAM, topics=[ReportImported.TOPIC], known_at=recall.moment
        )
        files = [one.event for one in told if isinstance(one.event, ReportImported)]
        self._by_digest: Final = {file.digest: file for file in files}
        self._names: Final[dict[str, Counter[tuple[str, str]] | None]] = {}

    def check(self, positions: Iterable[int]) -> Iterator[Checked]:
        """The entries that rows of complete reports told, as far as a later download speaks for their days."""
        entries = self._recall.log.entries_at(positions)
        for position in sorted(entries):
            entry = entries[position]
            newest = self._newest(entry)
            names = None if newest is None else self._names_in(newest)
            if newest is not None and names is not None:
                yield Checked(
                    entry=entry,
                    file=newest.file,
                    told_on=date.fromisoformat((newest.told_at or "")[:10]),
                    told=_tells(names, entry),
                )

    def _newest(self, entry: Entry) -> ReportImported | None:
        """The newest download told later than the entry in which its day lies between the first and the last.

        On its first day and its last a download may not be whole.
        """
        telling, source = entry.telling, self._by_digest.get(entry.source.digest or "")
        if telling is None or telling.part or entry.event.SNAPSHOT or source is None:
            return None
        day, today = entry.occurred_at[:10], self._recall.as_of.isoformat()
        later = [
            (file.told_at, file.digest)
            for file in self._by_digest.values()
            if file.report_format == source.report_format
            and file.report_format in COMPLETE
            and not file.refused
            and file.told_at
            and telling.told_at < file.told_at
            and file.told_at[:10] <= today
            and (file.period_start or day) < day < (file.period_end or day)
        ]
        return self._by_digest[max(later)[1]] if later else None

    def _names_in(self, file: ReportImported) -> Counter[tuple[str, str]] | None:
        """How often a download tells each name in each stream; None where it cannot be read any more."""
        if file.digest not in self._names:
            read = read_again(self._recall.log, file)
            self._names[file.digest] = (
                None
                if read is None
                else Counter((row.stream, name) for row in read.told for name in row.keys)
            )
        return self._names[file.digest]


def _tells(names: Counter[tuple[str, str]], entry: Entry) -> bool:
    """True where there are so many rows of one of its names as it is the how-manieth of."""
    telling = entry.telling
    assert telling is not None
    known = (telling.identity, *telling.keys)
    return any(names[entry.stream, name] >= telling.occurrence for name in known)
