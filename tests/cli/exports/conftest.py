"""One export of the invented seller's whole ledger, in every form, for all to read and none to change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import environment, typed

FORMS = "csv,ndjson,parquet,xlsx,sqlite"


@pytest.fixture(scope="session")
def whole(demo_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder."""
    folder = tmp_path_factory.mktemp("whole")
    home = shutil.copytree(demo_ledger, folder / "home")
    with environment(RETURNS_LEDGER_HOME=str(home)):
        said = typed("export", "--all", "--with", FORMS, "-o", folder / "pack", "-q")
    assert said.code == 0, said.err
    return folder / "pack"


@pytest.fixture(scope="session")
def manifest(whole: Path) -> Any:
    """What it says of itself."""
    return json.loads((whole / "manifest.json").read_bytes())


def lines(path: Path) -> list[Any]:
    """What each line of JSON says."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]
