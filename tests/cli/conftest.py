"""The invented seller's ledger, for tests that want many orders and every kind of finding."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.demo import ANSWER_KEY, REPORTS
from tests.cli.terminal import environment, typed


@pytest.fixture(scope="session")
def demo_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home into which the invented seller's reports were imported, to be copied and not changed."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with environment(RETURNS_LEDGER_HOME=str(home)):
        said = typed("import", REPORTS, "--account", "demo", "--marketplace", "US", "-q")
    assert said.code == 0, said.err
    return home


@pytest.fixture
def demo(demo_ledger: Path, tmp_path: Path) -> Path:
    """The invented seller's ledger in the test's own home."""
    return Path(shutil.copytree(demo_ledger, tmp_path / "home"))


@pytest.fixture(scope="session")
def demo_day() -> str:
    """The day on which the invented seller asks."""
    import json

    day: str = json.loads(ANSWER_KEY.read_bytes())["as_of"]
    return day
