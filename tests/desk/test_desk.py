"""At least a thousand sequences of up to a hundred steps agree with the oracle; more with RETURNS_LEDGER_DESK=N.

A disagreement is told as the shortest story in which it shows.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ledger.recall import Recall
from projections.catching_up import catch_up, rebuild
from projections.views import open_views
from tests import postgres
from tests.desk.drawing import Step, sequences
from tests.desk.ledgers import Clock, Loose, Stored, stored
from tests.desk.machine import BEGINS, Disagreement, Machine, shortest

SEQUENCES: Final = int(os.environ.get("RETURNS_LEDGER_DESK", "1000"))
STORED: Final = max(SEQUENCES // 25, 1)
"""So many go through a file, and half as many through a server: a store takes five times as long."""

drawn = settings(
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # `shortest` shrinks
)


@pytest.mark.slow
@settings(drawn, max_examples=SEQUENCES)
@given(sequences())
def test_whatever_is_told_the_ledger_and_the_oracle_agree(steps: list[Step]) -> None:
    """Refusals, units, money and deadlines, after every step."""
    _agree(steps, _loosely)


@pytest.mark.slow
@settings(drawn, max_examples=STORED)
@given(sequences())
def test_they_agree_through_the_front_door_and_a_file(steps: list[Step]) -> None:
    """With ids that are sent again, files that tell late, views that follow, and a log that can be proved."""
    _agree(steps, _in_a_file)


@pytest.mark.slow
@pytest.mark.postgres
@settings(drawn, max_examples=(STORED + 1) // 2)
@given(sequences())
def test_they_agree_through_the_front_door_and_a_server(steps: list[Step]) -> None:
    _agree(steps, _on_a_server)


def _agree(steps: Sequence[Step], run: Callable[[Sequence[Step]], None]) -> None:
    def disagreement(steps: Sequence[Step]) -> Disagreement | None:
        try:
            run(steps)
        except Disagreement as found:
            return found
        return None

    found = shortest(steps, disagreement)
    if found is not None:
        raise found


def _loosely(steps: Sequence[Step]) -> None:
    clock = Clock(BEGINS)
    Machine(Loose(clock), clock).run(steps)


def _in_a_file(steps: Sequence[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _on_a_store(f"sqlite:///{Path(folder) / 'ledger.db'}", steps)


def _on_a_server(steps: Sequence[Step]) -> None:
    url = postgres.fresh_database()
    try:
        _on_a_store(url, steps)
    finally:
        postgres.drop(url)


def _on_a_store(url: str, steps: Sequence[Step]) -> None:
    clock = Clock(BEGINS)
    with stored(url, clock) as ledger:
        machine = Machine(ledger, clock)
        machine.run(steps)
        try:
            _the_store_holds(ledger, url, clock)
        except AssertionError as error:
            raise Disagreement(str(error), machine.story) from error


def _the_store_holds(ledger: Stored, url: str, clock: Clock) -> None:
    """The log proves itself, and the views that follow it are what a rebuild would make."""
    problems = [f"{one.name}: {one.problems}" for one in ledger.log.verify() if not one.ok]
    assert problems == []
    views = open_views(url, "desk")
    try:
        recall = Recall(ledger.log, clock.moment.date())
        catch_up(recall, views)
        unequal = [one.name for one in rebuild(recall, views, verify=True) if not one.equal]
        assert unequal == []
    finally:
        views.close()
