"""What an export is made of: one log up to one entry, and all that follows from it, read as it is used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from cli.exports.asked import Asked, Chosen, choose
from cli.exports.overheard import Overheard
from cli.exports.tables import READ_AT_ONCE, TABLES, Table, names_of
from cli.findings import FindingRow, row_of
from cli.packs.viewing import Viewed, recorded_at
from ledger.book import Book
from ledger.case import Case
from ledger.judging import judge, to_judge
from ledger.nearby import Linked, near
from ledger.recall import Recall
from ledger.rulebook import Rulebook
from projections import ELIGIBILITY, LIABILITY, PROJECTIONS
from projections.catching_up import rows_at
from projections.moments import last_told
from projections.projection import EVER, Projection, R
from projections.single import rows_of
from projections.views import Fingerprint

if TYPE_CHECKING:
    from cli.packs import Pack
    from ledger.event import Entry
    from ledger.store import Kept, Log

Said = Callable[[str, int], None]
"""Told what is being done, and how much of it is done."""

S = TypeVar("S", bound=msgspec.Struct)


class Material:
    """The log as it stands for a pack, and what an export tells of it."""

    def __init__(
        self,
        asked: Asked,
        pack: Pack,
        streams: Iterable[str],
        folder: Path,
        said: Said,
        linked: Linked | None = None,
    ) -> None:
        self.asked: Final = asked
        self.pack: Final = pack
        self.log: Final[Log] = pack.log
        self.account: Final = pack.account
        self.known_at: Final = recorded_at(pack.log, pack.position)
        self.chosen: Final[Chosen] = choose(asked, pack, list(streams), self.known_at)
        self._folder = folder
        self._linked = linked
        self._said = said
        self._views: dict[str, Viewed] = {}
        self._recalls: dict[date, Recall] = {}

    # --- the day

    @cached_property
    def day(self) -> date:
        """The day on which it is judged: the one asked about, else the last that follows from the log."""
        asked = self.asked.as_of or (self.asked.period and self.asked.period[1])
        if asked:
            return asked
        told = last_told(self.log, self.pack.position, self.known_at)
        if told != EVER:
            return told
        return date.fromisoformat((self.known_at or "1970-01-01")[:10])

    @property
    def _views_day(self) -> date | None:
        """None for the live tables, which know all that was told."""
        return self.day if self.asked.as_of or self.asked.period else None

    @cached_property
    def _recall(self) -> Recall:
        """The book of the day is made once, for the views and for the findings."""
        if self.day not in self._recalls:
            self._recalls[self.day] = Recall(self.log, self.day, self.known_at)
        return self._recalls[self.day]

    @property
    def rulebook(self) -> Rulebook:
        """The rules by which it is judged."""
        return self._recall.rulebook

    # --- entries and files

    def entries(self, topics: Collection[str] = ()) -> Iterator[Entry]:
        """The entries of the export, by position; where topics are named, those of others may be left out."""
        if self.chosen.parts is None:
            for entry in self.log.entries(topics=topics):
                if (entry.position or 0) > self.pack.position:
                    return
                yield entry
            return
        positions = sorted(self.chosen.parts)
        for start in range(0, len(positions), READ_AT_ONCE):
            some = positions[start : start + READ_AT_ONCE]
            found = self.log.entries_at(some)
            yield from (found[position] for position in some)

    def naming_entries(self) -> Iterator[Entry]:
        """Those of them that name a file: its import, or how it became evidence."""
        parts = self.chosen.parts
        for entry in self.pack.naming.entries:
            if parts is None or entry.position in parts:
                yield entry

    @cached_property
    def names(self) -> dict[str, str]:
        """What files are called, by SHA-256."""
        return names_of(self.pack.naming.entries)

    def originals(self) -> dict[str, tuple[Kept, list[int]]]:
        """The files that entries of the export name and the log keeps, by SHA-256."""
        parts = self.chosen.parts
        kept = {one.digest: one for one in self.log.originals_kept()}
        found = {}
        for digest in self.pack.naming.digests():
            positions = self.pack.naming.positions(digest)
            if parts is not None:
                positions = [position for position in positions if position in parts]
            if digest in kept and positions:
                found[digest] = (kept[digest], positions)
        return found

    # --- views

    def write_views(self) -> dict[str, Viewed]:
        """The rows of every projection, one JSON object a line under `views/`.

        Findings are taken down on the way, as judging is most of the work.
        """
        fingerprints = {projection.name: Fingerprint() for projection in PROJECTIONS}
        encode = msgspec.json.Encoder().encode
        with ExitStack() as stack:
            files = {
                projection.name: stack.enter_context(
                    self.pack.open(f"views/{projection.name}.ndjson")
                )
                for projection in PROJECTIONS
            }
            found = stack.enter_context(self._findings.open("wb"))
            judging = Overheard(
                lambda finding: found.write(encode(row_of(self.account, finding)) + b"\n")
            )
            columns = {projection.name: columns_of(projection) for projection in PROJECTIONS}
            for projection, values in self._rows(judging):
                fingerprints[projection.name].add(values)
                told = dict(zip(columns[projection.name], values, strict=True))
                files[projection.name].write(encode(told) + b"\n")
        self._views = {
            projection.name: Viewed(
                version=projection.version,
                rows=fingerprints[projection.name].rows,
                digest=fingerprints[projection.name].digest,
            )
            for projection in PROJECTIONS
        }
        return self._views

    def _rows(self, judging: Overheard) -> Iterator[tuple[Projection[Any], tuple[Any, ...]]]:
        only = [judging if one is ELIGIBILITY else one for one in PROJECTIONS]
        if self._linked is not None and self.chosen.streams is not None:
            recall = Recall(self.log, self._views_day or EVER, self.known_at)
            streams = self.chosen.streams
            yield from rows_of(recall, streams, self._linked, as_of=self._views_day, only=only)
            return
        rows = rows_at(
            self.log,
            self.pack.position,
            self.known_at,
            as_of=self._views_day,
            streams=self.chosen.streams,
            progress=lambda done, of: self._said("folding", done),
            only=only,
            recalls=self._recalls,
        )
        yield from self._of_period(rows)

    def _of_period(
        self, rows: Iterator[tuple[Projection[Any], tuple[Any, ...]]]
    ) -> Iterator[tuple[Projection[Any], tuple[Any, ...]]]:
        """All of it, but of what was borne only what was borne in the period."""
        if self.asked.period is None:
            yield from rows
            return
        first, last = (day.isoformat() for day in self.asked.period)
        day = columns_of(LIABILITY).index("day")
        for projection, values in rows:
            if projection is not LIABILITY or first <= values[day] <= last:
                yield projection, values

    def view(self, projection: Projection[R]) -> Iterator[R]:
        """The rows of a projection, read back from the pack."""
        decode = msgspec.json.Decoder(projection.row_type).decode
        with self.pack.written(f"views/{projection.name}.ndjson").open("rb") as lines:
            for line in lines:
                row: R = decode(line)
                yield row

    def findings(self) -> Iterator[FindingRow]:
        """What is owed, judged on the day; the view judged on the same, unless nothing was ever imported."""
        if self.day == self._judged_on:
            decode = msgspec.json.Decoder(FindingRow).decode
            with self._findings.open("rb") as lines:
                for line in lines:
                    yield decode(line)
            return
        streams = self.chosen.streams
        for case in self._recall.cases(to_judge(self._recall) if streams is None else streams):
            for finding in judge(case, self._book_for(case), self.day):
                yield row_of(self.account, finding)

    def _book_for(self, case: Case) -> Book:
        if self._linked is None:
            return self._recall.book
        return near(self._recall, case, self._linked).book

    @property
    def _findings(self) -> Path:
        return self._folder / "findings"

    @property
    def _judged_on(self) -> date:
        return self._views_day or last_told(self.log, self.pack.position, self.known_at)

    # --- tables

    def write_table(self, table: Table) -> int:
        """Make the rows of a table, and keep them aside for the forms in which they are handed out."""
        encode = msgspec.json.Encoder().encode
        rows = 0
        with self.kept(table).open("wb") as file:
            for row in table.rows(self):
                file.write(encode(row) + b"\n")
                rows += 1
        return rows

    def kept(self, table: Table) -> Path:
        """Where the rows of a table are kept aside, one JSON object a line."""
        return self._folder / f"{table.name}.ndjson"

    def told(self, table: Table) -> Iterator[Any]:
        """The rows of a table, as they were made."""
        decode = msgspec.json.Decoder(table.kind).decode
        with self.kept(table).open("rb") as lines:
            for line in lines:
                yield decode(line)

    def told_by_name(self, name: str) -> Iterator[Any]:
        """The rows of the table of that name."""
        yield from self.told(next(table for table in TABLES if table.name == name))

    def values(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows of a table in JSON's own types: what every form is written from."""
        decode = msgspec.json.Decoder().decode
        with self.kept(table).open("rb") as lines:
            for line in lines:
                yield decode(line)


def columns_of(projection: Projection[Any]) -> tuple[str, ...]:
    """The fields of a row as it is kept: its place in its stream is the last."""
    return (*projection.row_type.__struct_fields__, "place")
