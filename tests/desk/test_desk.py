"""At least a thousand sequences of up to a hundred steps agree with the oracle; more with RETURNS_LEDGER_DESK=N."""

from __future__ import annotations

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings

from tests.desk.drawing import Step, sequences
from tests.desk.ledgers import Clock, Loose
from tests.desk.machine import BEGINS, Machine

SEQUENCES: Final = int(os.environ.get("RETURNS_LEDGER_DESK", "1000"))


@pytest.mark.slow
@settings(max_examples=SEQUENCES, suppress_health_check=[HealthCheck.too_slow])
@given(sequences())
def test_whatever_is_told_the_ledger_and_the_oracle_agree(steps: list[Step]) -> None:
    """Refusals, units, money and deadlines, after every step."""
    clock = Clock(BEGINS)
    Machine(Loose(clock), clock).run(steps)
