"""Whatever is changed is found, or changes nothing; and no change breaks a verifier."""

from __future__ import annotations

import os

import pytest

from tests.tampering.campaign import Result, campaign, told
from tests.tampering.mutating import CHANGES, FLIP, mutated
from tests.tampering.rewriting import ATTACKS
from tests.tampering.targets import TARGETS

MUTATIONS = int(os.environ.get("RETURNS_LEDGER_TAMPER", "400"))
"""`RETURNS_LEDGER_TAMPER=100000 pytest tests/tampering` tries as many."""


@pytest.fixture(scope="module")
def result() -> Result:
    return campaign(MUTATIONS, jobs=1 if MUTATIONS < 5000 else os.cpu_count() or 1)


def test_everything_that_is_changed_is_found_or_changes_nothing(result: Result) -> None:
    assert result.troubles == [], told(result)


def test_everything_was_tried(result: Result) -> None:
    tried = {one.target for one in result.counted}
    kinds = {kind for one in result.counted for kind, _ in one.outcomes}

    assert tried == set(range(len(TARGETS)))
    assert any(FLIP in kind for kind in kinds)
    assert sum(one.outcomes.total() for one in result.counted) >= MUTATIONS
    assert len({one.name for one in result.attempts}) == len(ATTACKS)


def test_every_byte_is_flipped_before_one_is_flipped_again() -> None:
    import random

    data = bytes(300)
    places = []
    for number in range(375):
        kind, changed = mutated(data, number, random.Random(number))
        if kind == FLIP:
            places += [place for place, byte in enumerate(changed) if byte]

    assert sorted(places) == list(range(300))
    assert len(CHANGES) > 5
