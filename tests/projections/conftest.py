"""A story of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from projections import moments
from tests.cli.conftest import demo, demo_ledger
from tests.story import Story, begin

__all__ = ["demo", "demo_ledger", "story"]


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """An account that has imported nothing yet; everything is checked after each step.

    However much a small log grows, only what changed is folded again: that is what is to be tried.
    """
    monkeypatch.setattr(moments, "GROWN_MUCH", 10**9)
    told = begin(tmp_path)
    yield told
    told.close()
