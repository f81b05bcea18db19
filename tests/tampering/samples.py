"""What is tampered with: one small ledger, and one of everything that it hands out."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.cli.commands.test_remedy import lamp
from tests.cli.terminal import Said, environment, imported, typed
from tests.ledger.test_sealing import plain, row
from tests.story import ORDER, OTHER_ORDER, refunded, returned, sold

ACCOUNT = "default"
SPRING = "2026-03-11"
TOLD_AT = ("--told-at", "2026-10-01")


class Samples(NamedTuple):
    """A folder with a home and all that was handed out of it."""

    folder: Path

    @property
    def home(self) -> Path:
        """The home as its owner has it now."""
        return self.folder / "home"

    @property
    def earlier(self) -> Path:
        """The same home as it was before the last command."""
        return self.folder / "earlier"

    @property
    def key(self) -> str:
        """The log's key, as somebody was told it by another way."""
        return (self.folder / "key").read_text()

    def file(self, name: str) -> Path:
        """Something that was handed out."""
        return self.folder / name


def typed_in(home: Path, *words: str | Path) -> Said:
    """Type a command in a home."""
    with environment(RETURNS_LEDGER_HOME=str(home)):
        return typed(*words)


def made(folder: Path) -> Samples:
    """Tell a ledger a few things, and hand out one of everything."""
    samples = Samples(folder)
    with environment(RETURNS_LEDGER_HOME=str(samples.home)):
        lamp(folder)
        told = (sold(OTHER_ORDER, "2026-02-01"), refunded(OTHER_ORDER, "2026-02-10"))
        imported(folder / "files", *told, account=ACCOUNT)
        _tell_what_is_personal(folder)
        done("export", "--all", "-o", folder / "before.zip")
        done("checkpoint", "make", "-o", folder / "before.checkpoint")
        shutil.copytree(samples.home, samples.earlier)
        imported(folder / "more", returned(OTHER_ORDER, "2026-02-20"), account=ACCOUNT)
        done("export", "--all", "-o", folder / "export.zip")
        done("export", "--order", ORDER, "-o", folder / "order.zip")
        done("dossier", ORDER, "--as-of", SPRING, "-o", folder / "dossier.zip")
        for name in ("export", "dossier"):
            shutil.unpack_archive(folder / f"{name}.zip", folder / name)
        done("checkpoint", "make", "-o", folder / "checkpoint")
        done("prove", "entry", "5", "-o", folder / "entry.tlog-proof")
        file = next((folder / "files").iterdir()).name
        done("prove", "row", file, "2", "-o", folder / "row.json")
        done("prove", "growth", folder / "before.checkpoint", "-o", folder / "growth.json")
        (folder / "key").write_text(typed("checkpoint", "keys").row["vkey"])
    for database in samples.home.rglob("*.db"):
        settled(database)
    return samples


def _tell_what_is_personal(folder: Path) -> None:
    """A report with a buyer's words, and a picture with their address: both are kept sealed."""
    (folder / "personal.txt").write_bytes(plain(row("Leave it with Ulrika Bergqvist")).encode())
    (folder / "label.png").write_bytes(b"\x89PNG a label with an address")
    done("import", folder / "personal.txt", "--account", ACCOUNT, "--marketplace", "US", *TOLD_AT)
    done("evidence", "attach", ORDER, folder / "label.png", "--personal", "--at", SPRING)


def done(*words: str | Path) -> None:
    """A command that ends well."""
    said = typed(*words)
    assert said.code in (0, 3), said.err


def settled(database: Path) -> None:
    """All of a database is in its one file."""
    with contextlib.closing(sqlite3.connect(database)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for ending in ("-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


@contextlib.contextmanager
def copied(home: Path, folder: Path) -> Iterator[Path]:
    """A home to do harm to."""
    copy = folder / "harmed"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy)
    yield copy
    shutil.rmtree(copy)
