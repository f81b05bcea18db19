"""What the verifiers of other people need."""

from __future__ import annotations

import pytest

from tests.verifiers.tools import Go, built


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Go:
    """Go's golang.org/x/mod/sumdb, which guards the modules of every Go program."""
    return Go(built(tmp_path_factory.mktemp("go")))
