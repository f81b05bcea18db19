"""A view made as the eventsourcing library makes it: each event with its position in a transaction of its own.

What its ProjectionRunner does; that one cannot follow SQLite, so the events are read from the notification log.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.sqlite import SQLiteDatastore, SQLiteTrackingRecorder

PAGE = 1_000


class Case(Aggregate):
    """An order, of which things are told."""

    @event("Begun")
    def __init__(self, name: str, told: dict[str, Any]) -> None:
        self.name = name
        self.last = told

    @event("Told")
    def tell(self, told: dict[str, Any]) -> None:
        """One thing more."""
        self.last = told


class Counted(SQLiteTrackingRecorder):
    """How often each order was told of, and what was told last."""

    def construct_create_table_statements(self) -> list[str]:
        """One table of two columns beside the library's own."""
        made = super().construct_create_table_statements()
        return [*made, "CREATE TABLE told (name TEXT PRIMARY KEY, times INTEGER)"]

    def tell(self, name: str, tracking: Tracking) -> None:
        """One event, once."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO told VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET times = times + 1",
                (name,),
            )


def main(place: str, events: str) -> dict[str, Any]:
    """Save the events, and then make the view of them; gives what the view took."""
    app: Application[UUID] = Application(
        env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": place}
    )
    cases: dict[str, Case] = {}
    lines = Path(events).read_text("utf-8").splitlines()
    for name, body in map(json.loads, lines):
        if name in cases:
            cases[name].tell(told=body)
        else:
            cases[name] = Case(name=name, told=body)
    app.save(*cases.values())
    view = Counted(SQLiteDatastore(f"{place}-view"))
    view.create_table()
    begun = time.perf_counter()
    count = start = 0
    while found := app.recorder.select_notifications(start + 1, PAGE):
        for one in found:
            app.mapper.to_domain_event(one)
            view.tell(str(one.originator_id), Tracking("cases", one.id))
            count, start = count + 1, one.id
    return {"seconds": time.perf_counter() - begun, "count": count}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))) + "\n")
