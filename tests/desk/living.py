"""A seller's life at the desk, lived to its end by a ledger that refuses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from hypothesis import HealthCheck, Phase, settings

from ledger.book import Book
from tests.desk.drawing import Step
from tests.desk.ledgers import Clock, Loose
from tests.desk.machine import BEGINS, Machine

of_a_life: Final = settings(
    max_examples=25,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
"""Few, as each is long; to make one shorter takes longer than it helps."""


def lived(steps: Sequence[Step]) -> tuple[Machine, date, Book]:
    """The machine after these steps, its day, and the book on that day."""
    clock = Clock(BEGINS)
    machine = Machine(Loose(clock), clock)
    machine.run(list(steps))
    today = clock.moment.date()
    return machine, today, machine.ledger.book(today)
