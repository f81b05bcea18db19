"""The rows of single cases, each made with a book of those cases alone that it can depend on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from ledger.nearby import Linked, near
from ledger.recall import Recall
from projections import PROJECTIONS
from projections.moments import last_told
from projections.projection import EVER, Projection
from projections.views import values_of


def rows_of(
    recall: Recall,
    streams: Collection[str],
    linked: Linked,
    *,
    as_of: date | None = None,
    only: Collection[Projection[Any]] = PROJECTIONS,
) -> Iterator[tuple[Projection[Any], tuple[Any, ...]]]:
    """What `catching_up.rows_at` gives for these streams, without reading the whole log.

    The recall says which log and which moment; the day is the one asked about, else that of the live tables.
    """
    position = recall.log.position()
    for projection in only:
        day = as_of or (EVER if not projection.judges else None)
        day = day or last_told(recall.log, position, recall.known_at)
        told = recall if recall.as_of == day else Recall(recall.log, day, recall.known_at)
        for case in told.cases(streams):
            book = near(told, case, linked).book
            for place, row in enumerate(projection.rows(case, book), 1):
                yield projection, values_of(row, place)
