"""Rows that the newest download of their days tells no longer: Amazon took them back, or tells them otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

import msgspec

from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events.imports import ReportImported
from ledger.recall import Recall
from ledger.retelling import Names, names_in, speaks_for, tells


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """An entry and the newest download that speaks for its day."""

    entry: Entry
    file: str
    told_on: date
    told: bool
    """False where the download does not tell it."""


class Downloads:
    """An account's downloads of complete reports; each is read once, when it is first asked about.

    What a download leaves out is recorded with its import, but was not always: here the files themselves are
    looked into, and none is taken for a part of its report, however much it leaves out.
    """

    def __init__(self, recall: Recall) -> None:
        self._recall: Final = recall
        told = recall.log.entries(
            ACCOUNT_STREAM, topics=[ReportImported.TOPIC], known_at=recall.moment
        )
        files = [one.event for one in told if isinstance(one.event, ReportImported)]
        self._by_digest: Final = {file.digest: file for file in files}
        self._names: Final[dict[str, Names | None]] = {}

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
                    told=tells(names, entry),
                )

    def _newest(self, entry: Entry) -> ReportImported | None:
        """The newest download that speaks for what the entry tells."""
        source, today = self._by_digest.get(entry.source.digest or ""), self._recall.as_of
        if source is None:
            return None
        later = [
            (file.told_at or "", file.digest)
            for file in self._by_digest.values()
            if speaks_for(file, entry, source) and (file.told_at or "")[:10] <= today.isoformat()
        ]
        return self._by_digest[max(later)[1]] if later else None

    def _names_in(self, file: ReportImported) -> Names | None:
        if file.digest not in self._names:
            self._names[file.digest] = names_in(self._recall.log, file)
        return self._names[file.digest]
