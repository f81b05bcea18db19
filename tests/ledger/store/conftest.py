"""A log on every store: in a file of one's own, and on a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.store import Log
from tests.ledger.store.invented import opened


@pytest.fixture
def log(store_url: str) -> Iterator[Log]:
    """An empty log, once of each kind."""
    with opened(store_url) as made:
        yield made
