"""How fast it is handed out and made again: exports, backups, and the proof of one entry in a long log."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cli.exports import Asked, fill
from cli.packs import Pack
from cli.packs.adopting import adopt
from cli.packs.reading import opened
from ledger.events import BY_TOPIC
from ledger.keystore import KeyStore
from ledger.store import CheckpointStore, Log, Notary, open_log
from ledger.verify import verify_pack
from tests.bench.growing import grow
from tests.bench.growing_tree import upkeep
from tests.bench.page import Figure

PROOFS = 200
PROOF_SECONDS_MAX = 0.050
"""What was promised for the proof of one entry in a log of a million."""


def handing_out(log: Log, url: str, database: str, folder: Path, runs: int) -> Iterator[Figure]:
    """An export, a backup, its verification and a restoration of one log, beside its bare lines."""
    entries = log.position()
    with notary_in(folder) as notary:
        lines = [timed(partial(_lines, log, folder / "lines")) for _ in range(runs)]
        limit = entries / statistics.median(lines)
        works: dict[str, Callable[[int], object]] = {
            "export of everything": partial(_export, log, notary, folder),
            "backup": partial(_backup, log, notary, folder),
            "verification of that backup": lambda run: _verified(folder / f"backup{run}.zip"),
            "log restored of it": partial(_restored, url, folder),
        }
        for what, work in works.items():
            times = [timed(partial(work, run)) for run in range(runs)]
            yield Figure(
                f"{what}, {database}",
                entries / statistics.median(times),
                "entries/s",
                limit,
                "the lines alone, read and written",
            )


def proofs(url: str, database: str, entries: int, folder: Path) -> Iterator[Figure]:
    """One entry and its proof out of a long log, at once after it was opened; what its tree cost."""
    with log_in(url, "long") as log:
        appending = timed(partial(grow, log, entries))
        size = log.position()
        yield from upkeep(log, database, appending, folder)
    chance = random.Random(7)
    times = []
    for _ in range(PROOFS):
        with log_in(url, "long") as log:
            times.append(timed(partial(_proof, log, chance.randrange(1, size + 1), size)))
    yield Figure(
        f"one entry with its proof out of {entries:,}, {database}",
        1 / statistics.median(times),
        "a second",
        1 / PROOF_SECONDS_MAX,
        "50 ms for each, as promised",
    )


def _proof(log: Log, position: int, size: int) -> None:
    assert log.lines_at([position])
    assert log.inclusion(position, size)


def _lines(log: Log, file: Path) -> None:
    with file.open("wb") as written:
        for line in log.raw_lines():
            written.write(line + b"\n")


def _export(log: Log, notary: Notary, folder: Path, run: int) -> None:
    with Pack(
        kind="export", log=log, notary=notary, question={}, output=folder / f"export{run}"
    ) as pack:
        fill(pack, Asked(forms=("csv",)), [], lambda doing, done: None)


def _backup(log: Log, notary: Notary, folder: Path, run: int) -> None:
    output = folder / f"backup{run}.zip"
    with Pack(kind="backup", log=log, notary=notary, question={}, output=output) as pack:
        pack.entries()
        pack.every_original()


def _verified(pack: Path) -> None:
    assert verify_pack(pack).ok


def _restored(url: str, folder: Path, run: int) -> None:
    with opened(folder / f"backup{run}.zip") as pack, log_in(url, f"restored{run}") as log:
        adopt(pack, log)


@contextmanager
def notary_in(folder: Path) -> Iterator[Notary]:
    """Who signs, with keys in that folder."""

    def now() -> datetime:
        return datetime.now(UTC)

    with KeyStore(folder / "keys.db", master=lambda: bytes(32), clock=now) as keys:
        memory = CheckpointStore(folder / "checkpoints.db")
        yield Notary(keys, memory, lambda: now().isoformat(), "bench")


@contextmanager
def log_in(url: str, account: str) -> Iterator[Log]:
    """The log of an account, in a file of its own on SQLite."""
    place = url.replace("ledger.db", f"{account}/ledger.db") if url.startswith("sqlite") else url
    log = open_log(place, account, event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))
    try:
        yield log
    finally:
        log.close()


def timed(work: Callable[[], Any]) -> float:
    """The seconds that it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
