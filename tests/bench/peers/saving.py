"""Saves the same events with the eventsourcing library as it comes, or with its SQLAlchemy extension."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

AGGREGATES = {"eventsourcing.postgres": 200}
"""Saved in one go, where not a thousand.

With more than some hundred of our events in one call its pipeline on PostgreSQL waits for ever.
"""
BATCH = {"eventsourcing.postgres": 400}
"""Events in one call of the recorder, where not five thousand."""
EVENTS = 3
"""In one commit of a live command."""


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


class Cases(Application[UUID]):
    """The library's own application, nothing changed."""


def main(way: str, place: str, events: str, persistence: str) -> dict[str, Any]:
    """Save the events in this way; gives what it took."""
    app = Cases(env={"PERSISTENCE_MODULE": persistence, **_where(persistence, place)})
    told = [json.loads(line) for line in Path(events).read_text("utf-8").splitlines()]
    count, work = WAYS[way](app, told, persistence)
    begun = time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    app.close()
    return {"seconds": seconds, "count": count}


def _where(persistence: str, place: str) -> dict[str, str]:
    if persistence == "eventsourcing.sqlite":
        return {"SQLITE_DBNAME": place}
    if persistence == "eventsourcing_sqlalchemy":
        return {"SQLALCHEMY_URL": place if "://" in place else f"sqlite:///{place}"}
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(place)
    return {
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts.get("port") or 5432),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts.get("password") or "none"),
    }


def _cases(told: list[Any]) -> list[Case]:
    by_stream: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for stream, body in told:
        by_stream[stream].append(body)
    cases = []
    for name, (first, *more) in by_stream.items():
        case = Case(name=name, told=first)
        for body in more:
            case.tell(told=body)
        cases.append(case)
    return cases


def _save(app: Cases, told: list[Any], persistence: str) -> tuple[int, Callable[[], None]]:
    cases, size = _cases(told), AGGREGATES.get(persistence, 1_000)

    def save() -> None:
        for start in range(0, len(cases), size):
            app.save(*cases[start : start + size])

    return len(told), save


def _insert(app: Cases, told: list[Any], persistence: str) -> tuple[int, Callable[[], None]]:
    """What the recorder alone takes, its rows prepared."""
    size = BATCH.get(persistence, 5_000)
    stored = [
        app.mapper.to_stored_event(one) for case in _cases(told) for one in case.collect_events()
    ]

    def insert() -> None:
        for start in range(0, len(stored), size):
            app.recorder.insert_events(stored[start : start + size])

    return len(stored), insert


def _commit(app: Cases, told: list[Any], _persistence: str) -> tuple[int, Callable[[], None]]:
    bodies = [body for _, body in told]
    cases = []
    for start in range(0, len(bodies) - EVENTS + 1, EVENTS):
        case = Case(name=str(start), told=bodies[start])
        for body in bodies[start + 1 : start + EVENTS]:
            case.tell(told=body)
        cases.append(case)

    def commit() -> None:
        for case in cases:
            app.save(case)

    return len(cases), commit


WAYS = {"save": _save, "insert": _insert, "commit": _commit}

if __name__ == "__main__":
    os.environ.setdefault("IS_SNAPSHOTTING_ENABLED", "n")
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))) + "\n")
