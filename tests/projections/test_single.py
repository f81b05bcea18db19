"""The rows of a single case are those that a look at the whole log would give."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.events import BY_TOPIC
from ledger.recall import Recall
from ledger.store import open_log
from projections.catching_up import rows_at
from projections.links import Links
from projections.single import rows_of
from projections.views import open_views

MOMENT = datetime(2027, 1, 1, tzinfo=UTC)
Rows = dict[tuple[str, str], list[tuple[Any, ...]]]


@pytest.mark.parametrize("as_of", [None, date(2026, 10, 1)])
def test_every_case_by_itself_has_the_rows_that_it_has_among_all(
    demo: Path, as_of: date | None
) -> None:
    url = f"sqlite:///{demo}/accounts/demo/ledger.db"
    log = open_log(url, "demo", event_types=BY_TOPIC, clock=lambda: MOMENT)
    expected: Rows = defaultdict(list)
    for projection, values in rows_at(log, log.position(), log.recorded_at(), as_of=as_of):
        expected[projection.name, values[0]].append(values)
    alone: Rows = defaultdict(list)
    with closing(open_views(url, "demo")) as views:
        linked = Links(log, views)
        recall = Recall(log, as_of or date.max)
        for stream in log.changed_streams(0):
            for projection, values in rows_of(recall, [stream], linked, as_of=as_of):
                alone[projection.name, values[0]].append(values)
    log.close()

    assert len(expected) > 300
    assert expected == alone
