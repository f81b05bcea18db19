"""What other files told before, heard again where a file tells of an earlier day than they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

import msgspec

from ledger.comparing import Disturbed, entries_of
from ledger.event import ACCOUNT_STREAM
from ledger.events.imports import ReportImported, RowRefused
from ledger.reading import FileRead, FileTold, Statement, read_file
from ledger.recognising import Recognised, Stream
from ledger.report import RowTold
from ledger.sealing import readable
from ledger.store import Encoded, Log


def hears_others(told: FileTold, imports: Sequence[ReportImported]) -> bool:
    """False where a file makes news of no other: all of them were told before it."""
    return told.form.tells_own_time or any(at >= told.told_at for at, _ in _others(told, imports))


def _others(
    told: FileTold, imports: Sequence[ReportImported]
) -> dict[tuple[str, str], ReportImported]:
    """The other files of the same kind, by when they were told."""
    return {
        (known.told_at or "", known.digest): known
        for known in imports
        if known.report_format == told.form.name
        and known.rows > known.refused
        and (known.digest, known.told_at) != (told.digest, told.told_at)
    }


def heard_again(
    log: Log, told: FileTold, imports: Sequence[ReportImported], disturbed: Disturbed
) -> list[Encoded]:
    """What becomes news in other files because this one tells of an earlier day.

    A file that repeated what was known left no telling of it. When another story of an earlier day turns
    up, the repetition was a change back: so the others are heard again, until nothing is news.
    """
    waiting = disturbed.recognised
    if not waiting:
        return []
    others = _others(told, imports)
    streams = disturbed.streams
    files = [_Retold.of(log, others[place], streams.keys()) for place in sorted(others)]
    files.append(_Retold(told.digest, told.told_at, disturbed.told))
    rows: list[Encoded] = []
    while waiting:
        names = {name for one in waiting for name in one.disturbs}
        heard = [(file, one) for file in files for one in file.recognise(streams, names)]
        for file, one in heard:
            news = [(file.digest, item) for item in one.news]
            rows += entries_of(log, told.statement, streams[one.told.stream], news)
        waiting = [one for _, one in heard if one.news]
    return rows


class _Retold(msgspec.Struct, frozen=True):
    """Rows of a file that was imported before, as far as another file disturbs what they speak of."""

    digest: str
    told_at: str
    by_stream: dict[str, list[RowTold]]

    @classmethod
    def of(cls, log: Log, known: ReportImported, names: AbstractSet[str]) -> _Retold:
        """The rows of the streams that are disturbed, read in the original again."""
        read = read_again(log, known)
        if read is None:
            return cls(known.digest, known.told_at or "", {})
        refused = _refused_in(log, known)
        by_stream: dict[str, list[RowTold]] = {}
        for row in read.told:
            if row.stream in names and refused.isdisjoint(row.rows):
                by_stream.setdefault(row.stream, []).append(row)
        return cls(known.digest, read.told_at, dict(sorted(by_stream.items())))

    def recognise(self, streams: Mapping[str, Stream], names: AbstractSet[str]) -> list[Recognised]:
        """What its rows turn out to be now, those that go by any of the names."""
        return [
            one
            for name, rows in self.by_stream.items()
            if (touched := [row for row in rows if not names.isdisjoint(row.keys)])
            for one in streams[name].recognise(touched, self.told_at, self.digest)
        ]


def read_again(log: Log, known: ReportImported) -> FileRead | None:
    """A file as it was read when it was imported; None where its key was destroyed, or is not here."""
    statement = Statement(
        actor="",
        command_id="",
        marketplace=known.marketplace,
        period=stated_period(known),
        told_at=known.told_at,
        keep_going=True,
    )
    data = readable(log, known.digest)
    return None if data is None else read_file(data, known.file, statement, digest=known.digest)


def _refused_in(log: Log, known: ReportImported) -> set[int]:
    """The rows that were left out of an import: one that had not come then may be readable by now."""
    if not known.refused:
        return set()
    entries = log.entries(ACCOUNT_STREAM, topics=[RowRefused.TOPIC])
    events = (entry.event for entry in entries)
    return {
        event.row
        for event in events
        if isinstance(event, RowRefused) and event.digest == known.digest
    }


def stated_period(known: ReportImported) -> tuple[date, date] | None:
    """The period that was stated of an imported file."""
    if not known.stated or known.period_start is None or known.period_end is None:
        return None
    return (date.fromisoformat(known.period_start), date.fromisoformat(known.period_end))
