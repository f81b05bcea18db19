"""Every store: a file of one's own, and a database on a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.store import Log
from tests import postgres
from tests.ledger.store.invented import opened


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a file that does not exist yet."""
    return f"sqlite:///{tmp_path}/accounts/main/ledger.db"


@pytest.fixture
def server_url() -> Iterator[str]:
    """The address of an empty database on the server."""
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, once of each kind."""
    kind = "sqlite_url" if request.param == "sqlite" else "server_url"
    url: str = request.getfixturevalue(kind)
    return url


@pytest.fixture
def log(store_url: str) -> Iterator[Log]:
    """An empty log, once of each kind."""
    with opened(store_url) as made:
        yield made
