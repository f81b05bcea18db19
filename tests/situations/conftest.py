"""Each story has a seller of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.situations.seller import Seller


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    return Seller(tmp_path)
