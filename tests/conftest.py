"""What every test may ask for: an environment of its own, an empty store, and golden files."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import postgres

WIDTH = 120
"""Columns of the terminal that every test sees."""

LONG = (
    "tests/desk/test_desk.py",
    "tests/ledger/test_import_properties.py",
    "tests/projections/test_properties.py",
    "tests/projections/test_single.py",
    "tests/properties",
    "tests/situations/test_rebuilt_for_an_appeal.py",
    "tests/test_examples.py",
)
"""Where the tests are that take longest: they are begun first, so that no process ends with one by itself."""

hypothesis.settings.register_profile("usual", deadline=None, print_blob=True)
hypothesis.settings.register_profile("thorough", deadline=None, print_blob=True, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate",
        action="store_true",
        help="write the golden files anew; read the difference before committing it",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the order that chance gave them, the long ones before the others."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not look through all of it time and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the ledger, the settings or the terminal of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("RETURNS_LEDGER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RETURNS_LEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with the file that keeps it; `--regenerate` writes the file instead."""

    def compare(kept: Path, actual: str) -> None:
        if request.config.getoption("--regenerate"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(actual, encoding="utf-8", newline="")
            return
        expected = kept.read_bytes().decode("utf-8") if kept.exists() else ""

        assert expected == actual, f"{kept.name} differs; --regenerate writes it anew"

    return compare


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a file that does not exist yet."""
    return f"sqlite:///{tmp_path}/accounts/main/ledger.db"


@pytest.fixture
def server_url() -> Iterator[str]:
    """The address of an empty database on the PostgreSQL server."""
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, once of each kind."""
    kind = "sqlite_url" if request.param == "sqlite" else "server_url"
    url: str = request.getfixturevalue(kind)
    return url
