"""The invented seller's log with keys of its own, and ways to look into a pack."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.events import BY_TOPIC
from ledger.keystore import KeyStore
from ledger.store import CheckpointStore, Log, Notary, open_log

MOMENT = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def log(demo: Path) -> Iterator[Log]:
    """The invented seller's."""
    url = f"sqlite:///{demo}/accounts/demo/ledger.db"
    opened = open_log(url, "demo", event_types=BY_TOPIC, clock=lambda: MOMENT)
    yield opened
    opened.close()


@pytest.fixture
def notary(tmp_path: Path) -> Iterator[Notary]:
    """One who signs for the log, the same key in every test."""
    with KeyStore(tmp_path / "keys.db", master=lambda: bytes(32), clock=lambda: MOMENT) as keys:
        memory = CheckpointStore(tmp_path / "checkpoints.db")
        told: Any = keys
        yield Notary(told, memory, lambda: "2027-01-01T00:00:00Z", "seller")


def files_in(pack: Path) -> dict[str, bytes]:
    """Every file of a pack, whichever kind it is."""
    if pack.is_dir():
        found = [path for path in pack.rglob("*") if path.is_file()]
        return {path.relative_to(pack).as_posix(): path.read_bytes() for path in found}
    with zipfile.ZipFile(pack) as read:
        return {name: read.read(name) for name in read.namelist()}


def lines_in(data: bytes) -> list[Any]:
    """What each line of JSON says."""
    return [json.loads(line) for line in data.splitlines()]
