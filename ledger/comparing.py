"""What is news in a gathered file: its rows compared with the log stream by stream, some thousand at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import msgspec

from ledger.event import ACCOUNT_STREAM, Entry, Source
from ledger.events.imports import ReportImported
from ledger.events.personal import PersonalErased, PersonalTold
from ledger.gathering import Gathered
from ledger.keystore import KeyStore
from ledger.persons import confided, keep_erased, marks_in
from ledger.reading import Statement, read_file
from ledger.recognising import News, Recognised, Reported, Standing, Stream, plainly
from ledger.report import RowTold
from ledger.sealing import readable
from ledger.spool import Spool, packed_run
from ledger.store import Encoded, Log, StoredRow
from ledger.telling import entry_of


class Comparison:
    """A file on its way into the log as it stands; nobody may append to it meanwhile."""

    def __init__(
        self, log: Log, gathered: Gathered, imports: Sequence[ReportImported], keys: KeyStore | None
    ) -> None:
        self._log = log
        self._gathered = gathered
        self._told = gathered.told
        self._imports = imports
        self._keys = None if gathered.told.statement.dry_run else keys
        self._moment = _Moment(gathered.not_yet, gathered.told.told_at)
        self._account = log.heads([ACCOUNT_STREAM])[ACCOUNT_STREAM]
        self._is_fresh = log.position() == self._account
        self._disturbed = _Disturbed()
        self._confiding = _Confiding()
        self.counts: Final = Counter[Standing]()
        self.told_of_account = 0
        """How many entries of the account's own stream were told by rows."""

    def batches(self) -> Iterator[list[Encoded]]:
        """The entries to be appended, in their order: the facts by stream, what is heard again, what is personal."""
        for rows in self._gathered.batches():
            yield self._compared(rows)
        yield self._heard_again()
        yield from self._confided()

    # --- facts

    def _compared(self, rows: Sequence[Reported]) -> list[Encoded]:
        by_stream = [(name, list(some)) for name, some in groupby(rows, key=itemgetter(0))]
        known = self._known([name for name, _ in by_stream])
        standings = [
            _NEW
            if len(told) == 1 and name not in known
            else plainly(told, map(_state, known.get(name, ())), self._moment.of)
            for name, told in by_stream
        ]
        again = self._again(
            row
            for (_, told), plain in zip(by_stream, standings, strict=True)
            if plain is None
            for row in told
        )
        compared: list[Encoded] = []
        confiding: list[_Confides] = []
        for (name, told), plain in zip(by_stream, standings, strict=True):
            stored = known.get(name, ())
            if plain is None:
                rows_told = [again[row.number] for row in told]
                version = self._thoroughly(name, rows_told, stored, compared)
            else:
                version = stored[-1][2] if stored else 0
                version = self._plainly(name, version, told, plain, compared)
            if self._keys is not None and any(row.confides for row in told):
                confiding.append(_Confides(name, version, told, stored))
        self._take_confided(confiding)
        return compared

    def _again(self, rows: Iterable[Reported]) -> dict[int, RowTold]:
        """Rows as they were read, all that are asked for at once."""
        asked = list(rows)
        read = self._gathered.again(asked)
        return {row.number: told for row, told in zip(asked, read, strict=True)}

    def _known(self, names: Sequence[str]) -> dict[str, Sequence[StoredRow]]:
        """The rows of those streams that the log knows."""
        if self._is_fresh:
            names = [name for name in names if name == ACCOUNT_STREAM]
        known = dict(self._log.stored_streams(names))
        if self._keys is not None:
            rows = (row for stored in known.values() for row in stored)
            erased = [row for row in rows if row[3] == PersonalErased.TOPIC]
            keep_erased(map(self._log.read, erased), self._keys)
        return known

    def _plainly(
        self,
        name: str,
        version: int,
        rows: Sequence[Reported],
        standings: Sequence[Standing],
        compared: list[Encoded],
    ) -> int:
        """Append what is new of rows that nobody else has told otherwise; the last version is returned."""
        before = version
        for row, standing in zip(rows, standings, strict=True):
            self.counts[standing] += row.lines
            if standing == "new":
                for topic, state, local_key in row.facts:
                    version += 1
                    compared.append(
                        Encoded(name, version, topic, *self._moment.put(state, local_key))
                    )
        self._count(name, version - before)
        return version

    def _thoroughly(
        self,
        name: str,
        told: list[RowTold],
        stored: Sequence[StoredRow],
        compared: list[Encoded],
    ) -> int:
        """Append what is news when all that was told of the stream is heard again."""
        stream = Stream(name, map(self._log.read, stored))
        recognised = stream.recognise(told, self._told.told_at, self._told.digest)
        for one in recognised:
            self.counts[one.standing] += len(one.told.rows)
        news = [(self._told.digest, item) for one in recognised for item in one.news]
        compared += self._rows(stream, news)
        if any(one.disturbs for one in recognised):
            self._disturbed.add(stream, told, recognised)
        return stream.version

    def _rows(self, stream: Stream, news: Iterable[tuple[str, News]]) -> Iterator[Encoded]:
        for digest, item in news:
            stream.version += 1
            self._count(stream.name, 1)
            line = item.told.rows[0]
            entry = entry_of(item, stream.version, line, digest, self._told.statement)
            yield Encoded(stream.name, stream.version, *self._log.encoded(entry))

    def _count(self, name: str, entries: int) -> None:
        if name == ACCOUNT_STREAM:
            self.told_of_account += entries

    # --- what is heard again

    def _heard_again(self) -> list[Encoded]:
        """What becomes news in other files because this one tells of an earlier day.

        A file that repeated what was known left no telling of it. When another story of an earlier day turns
        up, the repetition was a change back: so the others are heard again, until nothing is news.
        """
        told, disturbed = self._told, self._disturbed.recognised
        earliest = min((item.telling.told_at for one in disturbed for item in one.news), default="")
        others = {
            (known.told_at or "", known.digest): known
            for known in self._imports
            if known.report_format == told.form.name
            and known.rows > known.refused
            and (known.digest, known.told_at) != (told.digest, told.told_at)
        }
        is_latest = all(at < earliest for at, _ in others) and not told.form.tells_own_time
        if not disturbed or is_latest:
            return []
        streams = self._disturbed.streams
        files = [_Retold.of(self._log, others[place], streams.keys()) for place in sorted(others)]
        files.append(_Retold(told.digest, told.told_at, self._disturbed.told))
        rows: list[Encoded] = []
        while disturbed:
            names = {name for one in disturbed for name in one.disturbs}
            heard = [(file, one) for file in files for one in file.recognise(streams, names)]
            for file, one in heard:
                news = [(file.digest, item) for item in one.news]
                rows += self._rows(streams[one.told.stream], news)
            disturbed = [one for _, one in heard if one.news]
        return rows

    # --- what is personal

    def _take_confided(self, confiding: Sequence[_Confides]) -> None:
        """What rows tell of persons waits, sealed, until all facts are told; it comes in the order of the rows."""
        later = [one for one in confiding if one.stream in self._disturbed.streams]
        self._confiding.later += later
        sealed = self._sealed([one for one in confiding if one not in later])
        self._confiding.add(sealed)

    def _sealed(self, confiding: Sequence[_Confides]) -> list[tuple[Any, ...]]:
        """Row, stream, number and entry of each; no row is more or less new by it."""
        if self._keys is None or not confiding:
            return []
        told = self._told
        versions = {one.stream: one.version for one in confiding}
        marks = {one.stream: self._marks(one.stored) for one in confiding}
        rows = self._gathered.again([row for one in confiding for row in one.rows if row.confides])
        sealed = []
        for number, one in enumerate(confided(rows, told.form, marks, self._keys)):
            versions[one.stream] += 1
            entry = Entry(
                stream=one.stream,
                version=versions[one.stream],
                event=one.event,
                occurred_at=told.told_at or self._log.now(),
                actor=told.statement.actor,
                source=Source(digest=told.digest, row=one.row),
                correlation=told.statement.command_id,
            )
            sealed.append((one.row, one.stream, number, entry.version, *self._log.encoded(entry)))
        return sealed

    def _marks(self, stored: Sequence[StoredRow]) -> set[str]:
        return marks_in(self._log.read(row) for row in stored if row[3] == PersonalTold.TOPIC)

    def _confided(self) -> Iterator[list[Encoded]]:
        """What the file tells of persons, behind all facts."""
        streams = self._disturbed.streams
        later = [
            msgspec.structs.replace(one, version=streams[one.stream].version)
            for one in self._confiding.later
        ]
        self._confiding.add(self._sealed(later))
        for rows in self._confiding.batches():
            self._count(ACCOUNT_STREAM, sum(row[1] == ACCOUNT_STREAM for row in rows))
            yield [Encoded(stream, *entry) for _row, stream, _number, *entry in rows]


_NEW: Final[list[Standing]] = ["new"]
_state: Final = itemgetter(4)


class _Moment:
    """Puts the moment at which a file was told where it was not known yet."""

    def __init__(self, not_yet: str, told_at: str) -> None:
        self._not_yet = not_yet
        self._told_at = told_at
        self._from = not_yet.encode()
        self._to = msgspec.json.encode(told_at)[1:-1]

    def of(self, row: Reported) -> str:
        """When a row was told."""
        return self._told_at if row.told_at == self._not_yet else row.told_at

    def put(self, state: bytes, local_key: str | None) -> tuple[bytes, str | None]:
        """The state and the local key of an entry as they are recorded."""
        return (
            state.replace(self._from, self._to),
            local_key and local_key.replace(self._not_yet, self._told_at),
        )


class _Confides(msgspec.Struct, frozen=True):
    """Rows of a stream that tell of persons, and where the stream ends behind its facts."""

    stream: str
    version: int
    rows: Sequence[Reported]
    stored: Sequence[StoredRow]


class _Confiding:
    """What is told of persons, sealed, on its way into the order of the rows."""

    def __init__(self) -> None:
        self.later: list[_Confides] = []
        """Of streams whose facts are not all told yet."""
        self._spool: Spool | None = None

    def add(self, sealed: list[tuple[Any, ...]]) -> None:
        """Take in what is sealed, whose first field is the row."""
        if sealed:
            self._spool = self._spool or Spool()
            self._spool.add(packed_run(sealed))

    def batches(self) -> Iterator[list[tuple[Any, ...]]]:
        """All of it, in the order of the rows."""
        if self._spool is not None:
            yield from self._spool.batches()
            self._spool.close()


class _Disturbed:
    """Streams of which something was known otherwise: what other files told of them is heard again."""

    def __init__(self) -> None:
        self.streams: dict[str, Stream] = {}
        self.told: dict[str, list[RowTold]] = {}
        self.recognised: list[Recognised] = []

    def add(self, stream: Stream, told: list[RowTold], recognised: Sequence[Recognised]) -> None:
        """Take in a stream with the rows of the file in hand."""
        self.streams[stream.name] = stream
        self.told[stream.name] = told
        self.recognised += [one for one in recognised if one.disturbs]


class _Retold(msgspec.Struct, frozen=True):
    """Rows of a file that was imported before, as far as another file disturbs what they speak of."""

    digest: str
    told_at: str
    by_stream: dict[str, list[RowTold]]

    @classmethod
    def of(cls, log: Log, known: ReportImported, names: AbstractSet[str]) -> _Retold:
        """The rows of the streams that are disturbed, read in the original again."""
        statement = Statement(
            actor="",
            command_id="",
            marketplace=known.marketplace,
            period=stated_period(known),
            told_at=known.told_at,
            keep_going=True,
        )
        data = readable(log, known.digest)
        if data is None:
            return cls(known.digest, known.told_at or "", {})
        read = read_file(data, known.file, statement, digest=known.digest)
        by_stream: dict[str, list[RowTold]] = {}
        for row in read.told:
            if row.stream in names:
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


def stated_period(known: ReportImported) -> tuple[date, date] | None:
    """The period that was stated of an imported file."""
    if not known.stated or known.period_start is None or known.period_end is None:
        return None
    return (date.fromisoformat(known.period_start), date.fromisoformat(known.period_end))
