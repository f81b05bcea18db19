"""What is news in a gathered file: its rows compared with the log stream by stream, some thousand at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress, groupby, islice
from operator import attrgetter, eq, itemgetter
from typing import Final, NamedTuple

import msgspec

from ledger.event import ACCOUNT_STREAM
from ledger.events.personal import PersonalErased, PersonalTold
from ledger.gathering import Rows
from ledger.glancing import Reported, are_apart, plainly
from ledger.reading import Statement
from ledger.recognising import News, Recognised, Standing, Stream
from ledger.report import RowTold
from ledger.store import Batch, Encoded, EncodedRow, Log, StoredRow
from ledger.telling import entry_of


class Confides(NamedTuple):
    """Rows of a stream that tell of persons, and where the stream ends behind its facts."""

    stream: str
    version: int
    rows: Sequence[Reported]
    """Without their facts, which are told apart from this."""
    stored: Sequence[StoredRow]
    """What the stream was told of persons before."""
    waits: bool
    """True where more facts may be told of the stream."""


class Compared(NamedTuple):
    """Some streams of a file, compared."""

    entries: Batch
    """The facts that are news, to be appended in this order."""
    confides: Sequence[Confides] = ()
    erased: Sequence[StoredRow] = ()
    """What the log says of persons who were erased, in these streams."""


class Disturbed:
    """Streams of which something was known otherwise: what other files told of them is heard again."""

    def __init__(self) -> None:
        self.streams: Final[dict[str, Stream]] = {}
        self.told: Final[dict[str, list[RowTold]]] = {}
        self.recognised: Final[list[Recognised]] = []

    def add(self, stream: Stream, told: list[RowTold], recognised: Sequence[Recognised]) -> None:
        """Take in a stream with the rows of the file in hand."""
        self.streams[stream.name] = stream
        self.told[stream.name] = told
        self.recognised.extend(one for one in recognised if one.disturbs)


class Outcome(msgspec.Struct):
    """What the comparison of a file came to."""

    counts: Counter[Standing] = msgspec.field(default_factory=Counter)
    told_of_account: int = 0
    """How many entries of the account's own stream were told by rows."""
    disturbed: Disturbed = msgspec.field(default_factory=Disturbed)


class Comparison:
    """The facts of a file, compared with a log to which nobody else may append meanwhile.

    Streams that are disturbed are held only where others are to be heard again.
    """

    def __init__(self, log: Log, rows: Rows, tells_of_persons: bool, hears_others: bool) -> None:
        self._log = log
        self._rows = rows
        self._told = rows.told
        self._tells_of_persons = tells_of_persons
        self._hears_others = hears_others
        self._moment = _Moment(rows.not_yet, rows.told.told_at)
        position = log.position()
        self._is_fresh = position == log.heads([ACCOUNT_STREAM])[ACCOUNT_STREAM]
        self._is_as_looked_at = position == rows.looked_at
        self.outcome: Final = Outcome()

    def batches(self) -> Iterator[Compared]:
        """The facts by stream, as they are to be appended."""
        for rows in self._rows.batches():
            yield self._compared(rows)

    def _compared(self, rows: Sequence[Reported]) -> Compared:
        by_stream = self._not_seen(
            [(name, list(some)) for name, some in groupby(self._but_seen(rows), key=_stream)]
        )
        known, erased = self._known([name for name, _ in by_stream])
        standings = [
            _NEW
            if len(told) == 1 and name not in known
            else plainly(told, list(map(_state, known.get(name, ()))), self._moment.of)
            for name, told in by_stream
        ]
        unsure = [
            told for (_, told), plain in zip(by_stream, standings, strict=True) if plain is None
        ]
        again = self._again(row for told in unsure for row in told)
        full = {} if all(map(_facts, rows)) else self._in_full(by_stream, standings)
        confide = {row.stream for row in rows if row.confides} if self._tells_of_persons else ()
        compared: list[EncodedRow] = []
        confides: list[Confides] = []
        for (name, told), plain in zip(by_stream, standings, strict=True):
            stored = known.get(name, ())
            if plain is None:
                rows_told = [again[row.number] for row in told]
                version = self._thoroughly(name, rows_told, stored, compared)
            else:
                version = stored[-1][2] if stored else 0
                version = self._plainly(name, version, told, plain, full, compared)
            if name in confide:
                confides.append(self._confides(name, version, told, stored))
        return Compared(compared, confides, erased)

    def _confides(
        self, name: str, version: int, told: Sequence[Reported], stored: Sequence[StoredRow]
    ) -> Confides:
        return Confides(
            name,
            version,
            [row._replace(facts=()) for row in told if row.confides],
            [row for row in stored if row[3] == PersonalTold.TOPIC],
            name in self.outcome.disturbed.streams,
        )

    def _but_seen(self, rows: Sequence[Reported]) -> Sequence[Reported]:
        """All but those, counted, which the readers saw in the log and which are the only ones of their stream.

        Of most orders one row is told: what else is asked of several is plain of one.
        """
        if not self._is_as_looked_at:
            return rows
        names = list(map(_stream, rows))
        several = set(compress(names, map(eq, names, islice(names, 1, None))))
        not_yet, told_at = self._moment.not_yet, self._moment.told_at
        rest, seen = [], 0
        for row in rows:
            before = row.before
            if (
                before is not None
                and before <= (told_at if row.told_at == not_yet else row.told_at)
                and row.stream not in several
            ):
                seen += row.lines
            else:
                rest.append(row)
        self.outcome.counts["unchanged"] += seen
        return rest

    def _not_seen(
        self, by_stream: list[tuple[str, list[Reported]]]
    ) -> list[tuple[str, list[Reported]]]:
        """The streams that must be compared: not those of which the readers saw that all is known."""
        if self._rows.looked_at is None:
            return by_stream
        rest = [(name, told) for name, told in by_stream if not self._is_seen(told)]
        asked = [row for _, told in rest for row in told if row.before is not None]
        full = {row.number: row for row in self._rows.in_full(asked)}
        return [(name, [full.get(row.number, row) for row in told]) for name, told in rest]

    def _is_seen(self, told: Sequence[Reported]) -> bool:
        """True, and counted, where rows are unchanged: the readers saw each of them in the log as it is still."""
        if not self._is_as_looked_at:
            return False
        for row in told:
            if row.before is None or row.before > self._moment.of(row):
                return False
        if not are_apart(told):
            return False
        self.outcome.counts["unchanged"] += sum([row.lines for row in told])
        return True

    def _again(self, rows: Iterable[Reported]) -> dict[int, RowTold]:
        """Rows as they were read, all that are asked for at once."""
        asked = list(rows)
        read = self._rows.again(asked)
        return {row.number: told for row, told in zip(asked, read, strict=True)}

    def _in_full(
        self,
        by_stream: Iterable[tuple[str, Sequence[Reported]]],
        standings: Iterable[Sequence[Standing] | None],
    ) -> dict[int, Reported]:
        """The new rows of those that were read in brief, all at once."""
        asked = [
            row
            for (_, told), plain in zip(by_stream, standings, strict=True)
            if plain is not None
            for row, standing in zip(told, plain, strict=True)
            if standing == "new" and not row.facts
        ]
        return {row.number: row for row in self._rows.in_full(asked)}

    def _known(
        self, names: Sequence[str]
    ) -> tuple[dict[str, Sequence[StoredRow]], list[StoredRow]]:
        """The rows of those streams that the log knows, and which of them say that somebody was erased."""
        if self._is_fresh:
            names = [name for name in names if name == ACCOUNT_STREAM]
        known = dict(self._log.stored_streams(names))
        if not self._tells_of_persons:
            return known, []
        rows = (row for stored in known.values() for row in stored)
        return known, [row for row in rows if row[3] == PersonalErased.TOPIC]

    def _plainly(
        self,
        name: str,
        version: int,
        rows: Sequence[Reported],
        standings: Sequence[Standing],
        full: Mapping[int, Reported],
        compared: list[EncodedRow],
    ) -> int:
        """Append what is new of rows that nobody else has told otherwise; the last version is returned."""
        before, counts, moment = version, self.outcome.counts, self._moment
        not_yet, told_at, was, now = moment.not_yet, moment.told_at, moment.was, moment.now
        for row, standing in zip(rows, standings, strict=True):
            counts[standing] += row.lines
            if standing == "new":
                for topic, state, local_key in row.facts or full[row.number].facts:
                    version += 1
                    key = local_key and local_key.replace(not_yet, told_at)
                    compared.append((name, version, topic, state.replace(was, now), key))
        if name == ACCOUNT_STREAM:
            self.outcome.told_of_account += version - before
        return version

    def _thoroughly(
        self,
        name: str,
        told: list[RowTold],
        stored: Sequence[StoredRow],
        compared: list[EncodedRow],
    ) -> int:
        """Append what is news when all that was told of the stream is heard again."""
        stream = Stream(name, map(self._log.read, stored))
        recognised = stream.recognise(told, self._told.told_at, self._told.digest)
        for one in recognised:
            self.outcome.counts[one.standing] += len(one.told.rows)
        news = [(self._told.digest, item) for one in recognised for item in one.news]
        before = stream.version
        compared += entries_of(self._log, self._told.statement, stream, news)
        if name == ACCOUNT_STREAM:
            self.outcome.told_of_account += stream.version - before
        if self._hears_others and any(one.disturbs for one in recognised):
            self.outcome.disturbed.add(stream, told, recognised)
        return stream.version


def entries_of(
    log: Log, statement: Statement, stream: Stream, news: Iterable[tuple[str, News]]
) -> Iterator[Encoded]:
    """What is news of a stream, as it is recorded, with the digest of the file that tells it."""
    for digest, item in news:
        stream.version += 1
        entry = entry_of(item, stream.version, item.told.rows[0], digest, statement)
        yield Encoded(stream.name, stream.version, *log.encoded(entry))


_NEW: Final[list[Standing]] = ["new"]
_stream: Final = itemgetter(0)
_state: Final = itemgetter(4)
_facts: Final[Callable[[Reported], object]] = attrgetter("facts")


class _Moment:
    """Puts the moment at which a file was told where it was not known yet."""

    def __init__(self, not_yet: str, told_at: str) -> None:
        self.not_yet: Final = not_yet
        self.told_at: Final = told_at
        self.was: Final = not_yet.encode()
        """How it stands in a state, and what is to stand there."""
        self.now: Final = msgspec.json.encode(told_at)[1:-1]

    def of(self, row: Reported) -> str:
        """When a row was told."""
        return self.told_at if row.told_at == self.not_yet else row.told_at
