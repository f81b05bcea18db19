"""Rebuilding from a dataset: each bucket a piece of work, for an engine to give to whoever is free.

First every bucket tells what its cases say to others, then the book of all that is shared, then every
bucket is folded. A piece of work is a function of its arguments: done twice, because a machine was lost
in between, it gives the same again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from pyarrow import parquet

from ledger.book import stated_in
from ledger.dataset import Bucket, Dataset
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events import BY_TOPIC
from ledger.events.imports import ReportImported
from ledger.store import reader_of
from projections import PROJECTIONS
from projections.arrow import cases_in, fold, folded_in, schema_of, typed
from projections.catching_up import Making, Rebuilt, Work, fill, taken
from projections.keeping import excerpts_anew
from projections.moments import told_last
from projections.projection import EVER, Projection
from projections.views import Views
from projections.work import (
    Context,
    Folded,
    Folding,
    Wanted,
    excerpt_cases,
    rows_in,
    streams_after,
    unlike,
)

AHEAD: Final = 3
"""Pieces of work that each worker has before it: enough that it never waits, few enough to be kept."""
ROWS_IN_GROUP: Final = 100_000

Progress = Callable[[int], None]
"""Told how many entries have been folded."""


class Engine(Protocol):
    """Whoever does pieces of work: this process, or the workers of a cluster."""

    workers: int

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A promise of what the function gives; promises among the arguments are kept first."""

    def result(self, promise: Any) -> Any:
        """What was promised; the promise is then forgotten."""


class Alone:
    """This process, which does each piece when it is asked to."""

    workers = 1

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Done at once."""
        return function(*arguments)

    def result(self, promise: Any) -> Any:
        """It was done already."""
        return promise


# --- the pieces of work -------------------------------------------------------------------------


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What every piece of work is told: small, as it goes with each of them."""

    folder: str
    stated: dict[str, str]
    """Marketplaces stated at import, by original."""
    wanted: tuple[Wanted, ...]
    """Every projection, on its day."""

    @property
    def dataset(self) -> Dataset:
        """The dataset, wherever it is reached by this name."""
        return Dataset(Path(self.folder))


class Shared(msgspec.Struct, frozen=True):
    """What all buckets need of each other, and its name: to hash it for every piece would take long."""

    key: str
    context: Context


def job_of(dataset: Dataset, only: Sequence[Projection[Any]] = PROJECTIONS) -> Job:
    """What is to be done, as the account's own entries say."""
    imports = list(_imports(dataset))
    judged_on = told_last(imports)
    return Job(
        folder=str(dataset.folder.absolute()),
        stated=stated_in(imports),
        wanted=tuple(Wanted(one, judged_on if one.judges else EVER) for one in only),
    )


def _imports(dataset: Dataset) -> Iterator[Entry]:
    """Every import of the account."""
    entry_of = reader_of(BY_TOPIC)
    for bucket in dataset.manifest.buckets:
        if bucket.first <= ACCOUNT_STREAM <= bucket.last:
            for stream, rows in cases_in([dataset.table(bucket)]):
                if stream == ACCOUNT_STREAM:
                    yield from (entry_of(*row) for row in rows if row[3] == ReportImported.TOPIC)


def excerpts(job: Job, bucket: Bucket) -> tuple[bytes, dict[date, bytes]]:
    """What the cases of a bucket say to others: of all that was told, and where it is another on a day."""
    table = job.dataset.table(bucket)
    told = excerpt_cases(job.stated, cases_in([table]))
    others = {}
    for day in {one.day for one in job.wanted} - {EVER}:
        streams = set(streams_after(told, day))
        if streams:
            dated = (case for case in cases_in([table]) if case[0] in streams)
            others[day] = unlike(excerpt_cases(job.stated, dated, day), told)
    return told, others


def shared(job: Job, rulebook: bytes, *parts: tuple[bytes, dict[date, bytes]]) -> Shared:
    """What all buckets told, put together in their order."""
    days = sorted({day for _told, others in parts for day in others})
    context = Context(
        rulebook=rulebook,
        stated=job.stated,
        excerpts=b"".join(told for told, _others in parts),
        on_days={day: b"".join(others.get(day, b"") for _told, others in parts) for day in days},
    )
    return Shared(context.key, context)


def bases(job: Job, told: Shared) -> list[str]:
    """What the rows of each projection took from the book."""
    folding = _folding(_ByName(told))
    return [one.projection.basis(folding.book(one.day)) for one in job.wanted]


def rows(job: Job, told: Shared, bucket: Bucket) -> Any:
    """The rows that the cases of a bucket amount to, in Arrow."""
    return fold([job.dataset.table(bucket)], _folding(_ByName(told)), job.wanted)


class _ByName:
    """A context that is compared by its name: what was made of it is kept for the next piece of work."""

    def __init__(self, told: Shared) -> None:
        self.told = told

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByName) and self.told.key == other.told.key

    def __hash__(self) -> int:
        return hash(self.told.key)


@lru_cache(maxsize=1)
def _folding(asked: _ByName) -> Folding:
    return Folding(asked.told.context)


# --- all of them --------------------------------------------------------------------------------


def in_order(engine: Engine, promises: Iterator[Any]) -> Iterator[Any]:
    """Promises in their order; no more of them are given out than the workers need to be busy."""
    waiting: deque[Any] = deque()
    for promise in promises:
        waiting.append(promise)
        if len(waiting) >= AHEAD * engine.workers:
            yield waiting.popleft()
    yield from waiting


class Spread:
    """A job given to an engine."""

    def __init__(self, engine: Engine, dataset: Dataset, job: Job) -> None:
        self.job: Final = job
        self._engine = engine
        self._buckets = dataset.manifest.buckets
        told = [engine.submit(excerpts, job, bucket) for bucket in self._buckets]
        self._shared = engine.submit(shared, job, dataset.rulebook().to_json(), *told)
        self._told = told

    def excerpts(self) -> Iterator[bytes]:
        """What the cases of each bucket say to others, in the order of their streams: once, before the rows."""
        for promise in self._told:
            found, _others = self._engine.result(promise)
            yield found

    def bases(self) -> list[str]:
        """What the rows of each projection take from the book."""
        found: list[str] = self._engine.result(self._engine.submit(bases, self.job, self._shared))
        return found

    def parts(self) -> Iterator[Folded]:
        """What came of each bucket, in the order of their streams."""
        self._told.clear()  # workers need not hold them any longer
        work = (
            self._engine.submit(rows, self.job, self._shared, bucket) for bucket in self._buckets
        )
        for promise in in_order(self._engine, work):
            yield folded_in(self._engine.result(promise), self.job.wanted)


# --- where the rows go --------------------------------------------------------------------------


def into_views(
    spread: Spread, dataset: Dataset, views: Views, progress: Progress = lambda done: None
) -> list[Rebuilt]:
    """Fill tables beside the live ones, and let them take their place in one transaction."""
    work = [
        Work(projection=one.projection, day=one.day, basis=basis, streams=None)
        for one, basis in zip(spread.job.wanted, spread.bases(), strict=True)
    ]
    with views.filling() as filling:
        excerpts_anew(dataset.manifest, filling, spread.excerpts())
        return fill(work, filling, dataset.manifest, _counting(spread.parts(), progress))


def into_parquet(
    spread: Spread, dataset: Dataset, folder: Path, progress: Progress = lambda done: None
) -> list[Rebuilt]:
    """A Parquet file for each view, its columns typed, its rows by stream and place; and `views.json`."""
    makings = [Making(one.projection) for one in spread.job.wanted]
    with ExitStack() as stack:
        files = [
            stack.enter_context(_ParquetFile(one.projection, folder)) for one in spread.job.wanted
        ]
        for part in taken(makings, _counting(spread.parts(), progress)):
            for file, lines in zip(files, part.lines, strict=True):
                file.add(rows_in(lines))
    rebuilt = [making.rebuilt(dataset.manifest) for making in makings]
    told = {
        "account": dataset.manifest.account,
        "position": dataset.manifest.position,
        "known_at": dataset.manifest.known_at,
        "root": dataset.manifest.root,
        "views": {
            made.name: {
                "version": wanted.projection.version,
                "day": None if wanted.day == EVER else wanted.day,
                "rows": made.rows,
                "digest": made.digest,
            }
            for made, wanted in zip(rebuilt, spread.job.wanted, strict=True)
        },
    }
    (folder / "views.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
    )
    return rebuilt


class _ParquetFile:
    """The file of one view: rows are gathered until they are worth a row group."""

    def __init__(self, projection: Projection[Any], folder: Path) -> None:
        self._projection = projection
        self._writer = parquet.ParquetWriter(
            folder / f"{projection.name}.parquet", schema_of(projection), compression="zstd"
        )
        self._waiting: list[tuple[Any, ...]] = []

    def __enter__(self) -> _ParquetFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._write()
        self._writer.close()

    def add(self, some: Sequence[tuple[Any, ...]]) -> None:
        self._waiting += some
        if len(self._waiting) >= ROWS_IN_GROUP:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_table(typed(self._projection, self._waiting))
            self._waiting.clear()


def _counting(parts: Iterable[Folded], progress: Progress) -> Iterator[Folded]:
    done = 0
    for part in parts:
        yield part
        done += part.entries
        progress(done)
