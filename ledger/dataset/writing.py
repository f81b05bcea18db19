"""Writes a log as a dataset: its streams in order, cut into files between two of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from hashlib import file_digest
from itertools import accumulate
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
from pyarrow import parquet

from ledger.dataset.layout import (
    CHECKPOINT,
    LAYOUT,
    MANIFEST,
    RULEBOOK,
    SCHEMA,
    Bucket,
    Manifest,
    columns,
)
from ledger.events import BY_TOPIC
from ledger.helpers import pool
from ledger.private import make_private_folder
from ledger.recall import adopted_rulebook
from ledger.store import Log, open_log, uncollected

ROWS_IN_BUCKET: Final = 65_536
"""So many entries, and the rest of the stream in which the last of them is; memory depends on it."""
BUCKETS_IN_PROCESS: Final = 2
"""Fewer than these for each process are not worth its start."""

ROWS_AT_ONCE: Final = 50
"""So few that their states are joined before they have left the processor's cache."""
ROWS_IN_BATCH: Final = 500
"""So many that what Arrow does for each batch is little for each row; where pages of a file end goes by it."""
STATE: Final = SCHEMA.get_field_index("state")

Span = tuple[int, str, str]
"""A bucket's number, the stream that it comes after, and its last one."""
Said = Callable[[int], None]
"""Told how many entries have been written."""


class Place(msgspec.Struct, frozen=True):
    """Where a log is, for another process to open it."""

    url: str
    account: str

    def open(self) -> Log:
        """The log, for reading only: nothing is appended, so nobody asks its clock."""
        return open_log(self.url, self.account, event_types=BY_TOPIC, clock=_no_clock)


class Plan(msgspec.Struct, frozen=True):
    """How the log up to one entry is cut between streams; it depends on nothing but its entries.

    So the same log gives the same files.
    """

    position: int
    rows: int
    """So many entries go into each file, and the rest of the stream in which the last of them is."""

    @property
    def buckets_max(self) -> int:
        """There are no more files than these."""
        return -(-self.position // self.rows)

    def spans(self, log: Log) -> Iterator[Span]:
        """Each bucket as it is found: its number, the stream that it comes after, and its last one."""
        after = ""
        for number, last in enumerate(log.stream_ends(self.rows, until=self.position)):
            yield number, after, last
            after = last


def planned(position: int, buckets: int | None = None) -> Plan:
    """Cut the log up to an entry into files of the usual size, or into about so many."""
    rows = ROWS_IN_BUCKET if buckets is None else max(1, -(-position // buckets))
    return Plan(position, rows)


def write(
    log: Log,
    place: Place,
    folder: Path,
    plan: Plan,
    *,
    checkpoint: str = "",
    processes: int = 1,
    said: Said = lambda done: None,
) -> Manifest:
    """Write every bucket, and what explains them, into an empty folder; several processes share the work."""
    make_private_folder(folder)
    written: list[Bucket] = []
    for bucket in _written(log, place, folder, plan, processes):
        written.append(bucket)
        said(sum(one.rows for one in written))
    written.sort(key=attrgetter("last"))
    known_at = log.recorded_when(plan.position)
    rules = adopted_rulebook(log, known_at).to_json()
    (folder / RULEBOOK).write_bytes(rules)
    if checkpoint:
        (folder / CHECKPOINT).write_text(checkpoint, encoding="utf-8", newline="")
    manifest = Manifest(
        layout=LAYOUT,
        account=log.account,
        position=plan.position,
        known_at=known_at,
        root=log.root_at(plan.position).hex(),
        rows=sum(one.rows for one in written),
        buckets=tuple(written),
        columns=columns(),
        rulebook=_digest(folder / RULEBOOK),
    )
    assert manifest.rows == manifest.position, (
        "positions have no gaps, and every stream has a bucket"
    )
    told = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / MANIFEST).write_bytes(told + b"\n")
    return manifest


def _written(log: Log, place: Place, folder: Path, plan: Plan, processes: int) -> Iterator[Bucket]:
    """The buckets, in the order in which they are done; where there are few, this process writes all.

    Other processes begin with the first, this one with the last, until they meet.
    """
    write = partial(write_bucket, log, folder, plan.position)
    workers = min(processes, plan.buckets_max // BUCKETS_IN_PROCESS) - 1
    if workers < 1:
        yield from map(write, plan.spans(log))
        return
    others = pool(workers, _begin, place, folder, plan.position)
    try:
        waiting, begun = list[Span](), list[Future[Bucket]]()
        # The others start with the first while this one finds the rest.
        for span in plan.spans(log):
            waiting.append(span)
            begun.append(others.submit(_write_alone, span))
        while begun and begun[-1].cancel():  # nobody else has begun it
            begun.pop()
            yield write(waiting.pop())
        for one in begun:
            yield one.result()
    finally:
        others.shutdown(cancel_futures=True)


_opened: list[Callable[[Span], Bucket]] = []
"""Writes a bucket of the log that this process has opened for another one."""


def _begin(place: Place, folder: Path, position: int) -> None:
    _opened.append(partial(write_bucket, place.open(), folder, position))


def _write_alone(span: Span) -> Bucket:
    """A bucket, written by a process that has opened the log itself."""
    (write,) = _opened
    return write(span)


def write_bucket(log: Log, folder: Path, position: int, span: Span) -> Bucket:
    """One file of whole streams, those after the first name up to the second."""
    number, after, last = span
    path = folder / f"bucket-{number:05}.parquet"
    with uncollected():
        rows = log.stored_between(after, last, until=position, at_once=ROWS_AT_ONCE)
        batches = list(_batches(rows))
    table = pa.Table.from_batches(batches, schema=SCHEMA)
    # One row group: whoever reads by row groups still gets whole cases. No dictionaries but for the topics:
    # nothing else repeats.
    parquet.write_table(
        table,
        path,
        compression="zstd",
        use_dictionary=["topic"],
        write_statistics=["stream", "position"],
        row_group_size=max(1, table.num_rows),
    )
    return Bucket(
        file=path.name,
        first=table.column("stream")[0].as_py(),
        last=last,
        rows=table.num_rows,
        size=path.stat().st_size,
        sha256=_digest(path),
    )


def _batches(fetched: Iterable[Sequence[Sequence[Any]]]) -> Iterator[Any]:
    """Rows as columns, many together; of a state, which is nearly all of a row, only its length goes with it."""
    rows, states = list[Sequence[Any]](), list[bytes]()
    for some in fetched:
        states.append(b"".join([row[STATE] for row in some]))
        rows += [
            (position, stream, version, topic, len(state), local_key, moment, leaf)
            for position, stream, version, topic, state, local_key, moment, leaf in some
        ]
        if len(rows) >= ROWS_IN_BATCH:
            yield _batch(rows, states)
            rows, states = [], []
    if rows:
        yield _batch(rows, states)


def _batch(rows: Sequence[Sequence[Any]], states: Sequence[bytes]) -> Any:
    """Rows as columns; a moment is a number until here."""
    arrays = [
        _states(values, states) if field.name == "state" else pa.array(values, type=field.type)
        for values, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _states(lengths: Sequence[int], states: Sequence[bytes]) -> Any:
    """Joined before Arrow has them: they would be copied again as they become more."""
    ends = array("i", accumulate(lengths, initial=0))
    return pa.Array.from_buffers(
        pa.binary(), len(lengths), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(states))]
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _no_clock() -> Any:
    raise AssertionError("a log that is only read gives no moments")
