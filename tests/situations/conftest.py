"""Each story has a seller of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import demo, demo_day, demo_ledger
from tests.situations.seller import Seller

__all__ = ["demo", "demo_day", "demo_ledger", "seller"]


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    return Seller(tmp_path)
