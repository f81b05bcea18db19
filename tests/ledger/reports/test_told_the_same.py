"""Whatever is done for speed: of every report the same facts, keys, digests and errors are told as before."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

import cli.demo
from ledger.errors import LedgerError
from ledger.event import digest_of
from ledger.events import BY_TOPIC
from ledger.events.imports import ReportImported
from ledger.importing import Statement, import_file
from ledger.report import Reading, RowTold, identify
from ledger.reports import REPORT_FORMATS
from ledger.store import open_log
from ledger.store.mapper import EntryMapper
from ledger.table import read_table, unpacked
from tests.bench.making import returns_report
from tests.ledger.reports.files import DRESSES

SHIPPED: Final = Path(str(cli.demo.__file__)).parent / "reports"
SAMPLES: Final = Path(__file__).resolve().parents[2] / "samples"
KEPT: Final = SAMPLES / "told"
DAMAGES: Final = 25
"""How many damaged copies of each report are read."""
SIGNS: Final = (b"\t", b",", b'"', b" ", b"", b"x", b"0", b"-", b"\n", b"\r", b"\xc3\xa9", b"\xa0")


def deliveries() -> Iterator[tuple[str, bytes]]:
    """The reports of the invented seller, and a made one."""
    yield "made.txt", returns_report(500)
    for path in sorted(SHIPPED.iterdir()):
        yield from unpacked(path.read_bytes(), path.name)


def broken() -> Iterator[tuple[str, bytes]]:
    for path in sorted((SAMPLES / "broken").iterdir()):
        if path.suffix in (".txt", ".csv"):
            yield path.name, path.read_bytes()


def is_utf_8(data: bytes) -> bool:
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


def damaged(name: str, data: bytes) -> Iterator[bytes]:
    """Copies of a report in which some signs were replaced, always the same ones."""
    chance = random.Random(name)
    for _ in range(DAMAGES):
        copy = data
        for _ in range(chance.randint(1, 9)):
            place = chance.randint(0, len(copy))
            copy = copy[:place] + chance.choice(SIGNS) + copy[place + chance.randint(0, 1) :]
        yield copy


def told(data: bytes, file: str, marketplace: str | None = None) -> Iterator[str]:
    """Everything that is read in a file, in words: facts under their names, errors with their advice."""
    try:
        table = read_table(data, file, marketplace)
        form = identify(table, REPORT_FORMATS)
        reading = Reading(file=file, marketplace=marketplace)
        yield f"{form.name} {form.unknown(table)}"
        for row in form.read(table, reading):
            yield from _facts(row) if isinstance(row, RowTold) else [f"{row} {row.advice()}"]
        yield f"{sorted(reading.unknown_codes)} {reading.period} {reading.told_at}"
    except LedgerError as error:
        yield f"{error} {error.advice()}"


def _facts(row: RowTold) -> Iterator[str]:
    yield f"{row.rows} {row.stream} {row.keys} {row.told_at} {row.money} {row.personal}"
    for part in row.parts:
        digest = digest_of(part.event, part.occurred_at)
        yield f"{part.suffix} {part.occurred_at} {part.event.TOPIC} {digest}"


def digest(lines: Iterator[str]) -> str:
    told = sha256()
    number = 0
    for number, line in enumerate(lines, 1):  # noqa: B007 - the number of lines is told
        told.update(f"{line}\n".encode(errors="surrogatepass"))
    return f"{number} {told.hexdigest()[:32]}"


def test_every_report_tells_what_it_told(golden: Callable[[Path, str], None]) -> None:
    lines = [
        f"{name}: {digest(told(data, name, marketplace))}"
        for name, data in [*deliveries(), *broken()]
        for marketplace in (None, "DE", "JP")
    ]
    golden(KEPT / "reports.txt", "\n".join(lines) + "\n")


def test_every_report_tells_the_same_in_every_dress(golden: Callable[[Path, str], None]) -> None:
    lines = [
        f"{name} {dress}: {digest(told(dressed(data), name))}"
        for name, data in deliveries()
        for dress, dressed in DRESSES.items()
        if not name.endswith(".csv") and is_utf_8(data)
    ]
    golden(KEPT / "dressed.txt", "\n".join(lines) + "\n")


def test_damaged_reports_give_the_errors_that_they_gave(
    golden: Callable[[Path, str], None],
) -> None:
    lines = []
    for name, data in [*deliveries(), *broken()]:
        copies = damaged(name, data[:20_000])
        lines.append(f"{name}: {digest(line for copy in copies for line in told(copy, name))}")
    golden(KEPT / "damaged.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "the last first"])
def test_the_log_holds_the_bytes_that_it_held(
    turned: bool, sqlite_url: str, golden: Callable[[Path, str], None]
) -> None:
    """Everything but the account of each import, in which the root over sealed lines is another each time."""
    clock = lambda: datetime(2026, 11, 23, tzinfo=UTC)  # noqa: E731
    log = open_log(sqlite_url, "main", event_types=BY_TOPIC, clock=clock)
    mapper = EntryMapper(BY_TOPIC)
    files = sorted(deliveries(), reverse=turned)
    for number, (name, data) in enumerate(files):
        statement = Statement(actor="tests", command_id=f"c{number}", marketplace="DE")
        import_file(log, data, name, statement)
    stored = (
        (entry, mapper.to_stored_event(entry))
        for entry in log.entries()
        if entry.event.TOPIC != ReportImported.TOPIC
    )
    lines = (
        f"{one.originator_id} {one.originator_version} {one.topic} {one.local_key} {one.state!r}"
        for _, one in stored
    )
    golden(KEPT / f"log-{'turned' if turned else 'in-order'}.txt", digest(lines) + "\n")
