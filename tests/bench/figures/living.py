"""Live commands: a few events a commit, durable and sealed when the command answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tests.bench.bench import ACCOUNT, Bench
from tests.bench.results import Line, rate
from tests.bench.running import Run, by_turns

COMMITS: Final = 2_000
PEERS: Final = ("eventsourcing.sqlite", "eventsourcing_sqlalchemy")


def live(bench: Bench) -> Iterator[Line]:
    """Three entries a commit, one order after the other."""
    stores: list[str] = []
    commits = min(COMMITS, bench.rows)

    def ours(number: int) -> Run:
        stores.append(f"sqlite:///{bench.fresh('live')}/ledger.db")
        return bench.task("commit", url=stores[-1], account=ACCOUNT, commits=commits)

    def raw(number: int) -> Run:
        target = f"{bench.fresh('raw')}/raw.db"
        return bench.task("commit-raw", source=stores[-1], account=ACCOUNT, target=target)

    events = bench.fresh("events") / "events.jsonl"

    def peer(module: str) -> Run:
        if not events.exists():
            bench.task("dump", url=stores[-1], account=ACCOUNT, file=str(events), rows=commits * 3)
        place = f"{bench.fresh('peer')}/events.db"
        return bench.peer(
            "saving", way="commit", place=place, events=str(events), persistence=module
        )

    sides: dict[str, Callable[[int], Run]] = {"live": ours, "raw": raw}
    if bench.has_peers:
        for module in PEERS:
            sides[module] = lambda _, module=module: peer(module)  # type: ignore[misc]
    done = by_turns(sides, bench.runs)
    said = {
        "raw": "sqlite3 commits of the same rows (WAL, synchronous FULL)",
        **{module: f"{module}: save of one aggregate with three events" for module in PEERS},
    }
    for name in list(sides)[1:]:
        yield rate(
            "live",
            "commits of 3 events each, SQLite",
            f"{commits:,} commits",
            "commits/s",
            done["live"],
            said[name],
            done[name],
            0.7 if name == "raw" else None,
            "with their proofs",
        )
    bench.clear()
