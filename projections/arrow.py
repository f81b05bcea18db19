"""The work of a worker in Arrow: batches of whole cases in, their rows out, for any engine that maps over Arrow.

`fold` takes what a bucket of a dataset holds and gives one table of the schema `RESULT`, whatever the
projections: an engine's map wants one schema, and the digest of a view is over these very lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import msgspec
import pyarrow as pa
from sqlalchemy import BigInteger, MetaData

from ledger.store import StoredCase, StoredRow
from projections.projection import Projection, table_of
from projections.views import RESTS
from projections.work import Folded, Folding, Wanted, by_stream, rows_in

RESULT: Final = pa.schema(
    [
        pa.field("projection", pa.string(), nullable=False),
        pa.field("stream", pa.string(), nullable=False),
        pa.field("place", pa.int64(), nullable=False),
        pa.field("row", pa.binary(), nullable=False),
    ]
)
"""`row` is the JSON array that is kept and hashed, its line end included: the fields, and the place in the stream."""
SHARE: Final = ""
"""In the column `projection`: a row that tells of the share itself, how many entries and until which day.

Beside the projections and the share there is `rests`: what the judgement of each case rests on.
"""
FOLDED: Final = ("position", "stream", "version", "topic", "state", "recorded_at")
"""The columns that folding needs; a proof needs the others."""


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What a share says of itself."""

    entries: int
    latest: tuple[str | None, ...]


def cases_in(batches: Iterable[Any]) -> Iterator[StoredCase]:
    """The whole cases that batches of a dataset hold one after the other; a case may go on in the next batch."""
    for stream, rows in groupby(_rows(batches), key=itemgetter(1)):
        yield stream, list(rows)


def _rows(batches: Iterable[Any]) -> Iterator[StoredRow]:
    for batch in batches:
        columns = [batch.column(name) for name in FOLDED]
        columns[-1] = columns[-1].cast(pa.int64())
        yield from zip(*(column.to_pylist() for column in columns), strict=True)


def fold(batches: Iterable[Any], folding: Folding, asked: Sequence[Wanted]) -> Any:
    """The rows of every projection wanted, as a batch of `RESULT`; the batches together hold whole cases."""
    folded = folding.fold(asked, cases_in(batches))
    told = Shared(entries=folded.entries, latest=tuple(folded.latest))
    projections, streams, places, rows = [SHARE], [""], [0], [msgspec.json.encode(told)]
    for wanted, lines in zip(asked, folded.lines, strict=True):
        made = rows_in(lines)
        projections += [wanted.projection.name] * len(made)
        streams += [row[0] for row in made]
        places += [row[-1] for row in made]
        rows += lines.splitlines(keepends=True)
    for rests in folded.rests:
        kept = list(by_stream(rests))
        projections += [RESTS] * len(kept)
        streams += [stream for stream, _ in kept]
        places += [0] * len(kept)
        rows += [line for _, line in kept]
    arrays = [
        pa.array(values, type=field.type)
        for values, field in zip((projections, streams, places, rows), RESULT, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=RESULT)


def folded_in(result: Any, wanted: Sequence[Wanted]) -> Folded:
    """What a batch of `RESULT` tells, as the local engine has it."""
    lines: defaultdict[str, list[bytes]] = defaultdict(list)
    for name, row in zip(
        result.column("projection").to_pylist(), result.column("row").to_pylist(), strict=True
    ):
        lines[name].append(row)
    (share,) = lines.pop(SHARE)
    told = msgspec.json.decode(share, type=Shared)
    return Folded(
        entries=told.entries,
        latest=told.latest,
        lines=[b"".join(lines[one.projection.name]) for one in wanted],
        rests=[b"".join(lines[RESTS]) if one.projection.stands else b"" for one in wanted],
    )


# --- a view as a table of its own ---------------------------------------------------------------


def schema_of(projection: Projection[Any]) -> Any:
    """The columns of a view in Arrow: texts and whole numbers, as in the database."""
    return pa.schema(
        [
            pa.field(
                column.name,
                pa.int64() if isinstance(column.type, BigInteger) else pa.string(),
                nullable=bool(column.nullable),
            )
            for column in table_of(projection, MetaData()).columns
        ]
    )


def typed(projection: Projection[Any], rows: Sequence[tuple[Any, ...]]) -> Any:
    """Rows of a view as a table with its columns."""
    schema = schema_of(projection)
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [
        pa.array(values, type=field.type) for values, field in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
