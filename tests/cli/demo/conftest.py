"""The files that ship in the package, and the answers that ship beside them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.demo import ANSWER_KEY, REPORTS


@pytest.fixture(scope="session")
def shipped_files() -> dict[str, bytes]:
    """The reports in the package, by name."""
    return {path.name: path.read_bytes() for path in sorted(REPORTS.iterdir())}


@pytest.fixture(scope="session")
def key() -> dict[str, Any]:
    """The answer key in the package."""
    told: dict[str, Any] = json.loads(ANSWER_KEY.read_text("utf-8"))
    return told
