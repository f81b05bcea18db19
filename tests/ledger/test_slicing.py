"""A large file is read in slices: nobody can tell it from one that was read whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import msgspec
import pytest

from ledger import comparing, gathering
from ledger.content import Content
from ledger.errors import LedgerError
from ledger.event import Entry
from ledger.events import BY_TOPIC
from ledger.events.personal import PersonalTold
from ledger.glancing import plainly
from ledger.importing import FileResult, Statement, import_file, imports_of
from ledger.keystore import KeyStore
from ledger.persons import opened
from ledger.reading import read_file
from ledger.sealing import opener
from ledger.slicing import Cutting, NotSliced, sheet_of, slices
from ledger.spool import Spool, packed_run
from ledger.store import Log, open_log, root_of_lines
from ledger.telling import Scribe
from tests.bench.making import returns_report
from tests.ledger.test_sealing import digest_of, plain, quoted, row

MOMENT: Final = datetime(2026, 12, 1, tzinfo=UTC)
WHOLE: Final = Cutting(sliced_from=1 << 30)
SLICED: Final = Cutting(sliced_from=0, slice_bytes=700, processes=0)
STATED: Final = Statement(actor="seller", command_id="c", marketplace="US")
ROWS: Final = [
    row(f"Ring {number}, Erika Berg" if number % 3 else "", f"114-00000{number % 17:02}-0000001")
    for number in range(60)
]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with_clock = open_log(
        f"sqlite:///{tmp_path}/ledger.db", "bulk", event_types=BY_TOPIC, clock=lambda: MOMENT
    )
    yield with_clock
    with_clock.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Log]:
    with_clock = open_log(
        f"sqlite:///{tmp_path}/other.db", "bulk", event_types=BY_TOPIC, clock=lambda: MOMENT
    )
    yield with_clock
    with_clock.close()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    with KeyStore(tmp_path / "keys.db", master=lambda: bytes(32), clock=lambda: MOMENT) as made:
        yield made


def imported(
    log: Log, data: bytes | Path, cutting: Cutting, keys: KeyStore | None = None
) -> tuple[FileResult, list[str]] | str:
    statement = Statement(actor="seller", command_id="c", marketplace="US", keep_going=True)
    try:
        done = import_file(log, data, "june.txt", statement, keys=keys, cutting=cutting)
        return msgspec.structs.replace(done, problems=()), list(map(str, done.problems))
    except LedgerError as error:
        return str(error)


def words(log: Log, keys: KeyStore) -> list[tuple[str, int, str]]:
    told: list[Entry] = list(log.entries(topics=[PersonalTold.TOPIC]))
    clear = opened(told, keys, why="test")
    return [
        (one.stream, one.version, text)
        for one in told
        for text in clear[one.position or 0].values()
    ]


TEXT: Final = plain(*ROWS)
QUOTED: Final = quoted(*ROWS)
ODD: Final = {
    "as Amazon writes it": TEXT.encode(),
    "line feeds": TEXT.replace("\r\n", "\n").encode(),
    "no end of the last line": TEXT.rstrip("\r\n").encode(),
    "cut off": TEXT[: TEXT.rfind("SELLABLE")].encode(),
    "carriage returns alone": TEXT.replace("\r\n", "\r").encode(),
    "a carriage return in a row": TEXT.replace("Mug", "M\rug", 3).encode(),
    "quoted": QUOTED.encode(),
    "quoted, Windows-1252": QUOTED.replace("Berg", "Bergström").encode("cp1252"),
    "quoted, no end of the last line": QUOTED.rstrip("\r\n").encode(),
    "quoted, cut off": QUOTED[: QUOTED.rfind("SELLABLE")].encode(),
    "quoted, cut off between two cells": QUOTED[: QUOTED.rfind(',"SELLABLE')].encode(),
    "quoted, a separator in a cell": QUOTED.replace("Mug", "Mug, blue").encode(),
    "quoted, a quotation mark in a cell": QUOTED.replace("Mug", 'Mug 5""').encode(),
    "quoted, a line feed in a cell": QUOTED.replace("Mug", "M\nug", 3).encode(),
    "quoted, an end of line in a cell": QUOTED.replace("Mug", "M\r\nug", 1).encode(),
    "quoted, a cell is not closed": QUOTED.replace('Mug"', "Mug", 1).encode(),
    "quoted, a cell longer than any": QUOTED.replace("Mug", "M" * 200_000, 1).encode(),
    "quoted, a blank line": QUOTED.replace("\r\n", "\r\n\r\n", 4).encode(),
    "quoted, blank cells at the end of each row": QUOTED.replace("\r\n", ",,\r\n").encode(),
    "quoted, the header again": (QUOTED + QUOTED).encode(),
    "quoted, a column that nobody knows": QUOTED.replace("product-name", "what").encode(),
    "quoted, rows that cannot be read": QUOTED.replace('"1"', '"one"', 5).encode(),
    "blank cells at the end of each row": TEXT.replace("\r\n", "\t\t\r\n").encode(),
    "of one row": TEXT.replace("Mug", "Mug\tand more", 1).encode(),
    "the header again": (TEXT + TEXT).encode(),
    "Windows-1252": TEXT.replace("Berg", "Bergström").encode("cp1252"),
    "UTF-8 with a mark": TEXT.replace("Berg", "Bergström").encode("utf-8-sig"),
    "UTF-16": TEXT.encode("utf-16"),
    "rows that cannot be read": TEXT.replace("\t1\t", "\tone\t", 5).encode(),
    "days to come": TEXT.replace("2026-06-02T", "2027-01-14T", 30).encode(),
    "quoted, days to come": QUOTED.replace("2026-06-02T", "2099-01-14T", 5).encode(),
    "a day before Amazon began": TEXT.replace("2026-06-02T", "1926-06-02T", 1).encode(),
    "a token in it": TEXT.replace("Mug", f"sealed:{'A' * 40}", 1).encode(),
    "a zero byte": TEXT.replace("Mug", "M\0ug", 1).encode(),
    "a column that nobody knows": TEXT.replace("product-name", "what").encode(),
    "no rows": plain().encode(),
    "nothing": b"",
    "another report": TEXT.replace("return-date", "day").encode(),
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())
def test_slices_tell_what_the_whole_file_tells(log: Log, other: Log, data: bytes) -> None:
    whole, sliced = imported(log, data, WHOLE), imported(other, data, SLICED)
    sealed = [one.sealed for one in imports_of(log)]

    assert whole == sliced
    assert [one.sealed is None for one in imports_of(other)] == [one is None for one in sealed]
    if not any(sealed):
        assert list(log.raw_lines()) == list(other.raw_lines())


@pytest.mark.parametrize("name", ["quoted", "quoted, a separator in a cell", "Windows-1252"])
def test_a_file_whose_rows_are_lines_is_read_in_slices(log: Log, name: str) -> None:
    with patch.object(gathering, "_Whole") as whole:
        result = imported(log, ODD[name], SLICED)

    assert not whole.called
    assert result[0].new == len(ROWS)  # type: ignore[union-attr]


def test_of_a_file_that_is_mostly_known_only_what_is_new_is_read_in_full(
    log: Log, other: Log
) -> None:
    lines = returns_report(60).splitlines(keepends=True)
    with patch.object(Scribe, "in_brief", autospec=True, side_effect=Scribe.in_brief) as in_brief:
        for here, cutting in ((log, SLICED), (other, WHOLE)):
            imported(here, b"".join(lines[:41]), cutting)
            result = imported(here, b"".join(lines), cutting)
            assert (20, 40) == (result[0].new, result[0].unchanged)  # type: ignore[union-attr]

    assert in_brief.called
    assert list(log.raw_lines()) == list(other.raw_lines())


def test_rows_that_readers_saw_in_the_log_are_not_compared_again(log: Log) -> None:
    lines = returns_report(60)
    imported(log, lines, SLICED)
    with patch.object(comparing, "plainly", autospec=True, side_effect=plainly) as compared:
        result = imported(log, lines + b"\r\n", SLICED)

    assert (0, 60) == (result[0].new, result[0].unchanged)  # type: ignore[union-attr]
    assert not compared.called


def test_another_unit_of_an_order_that_readers_saw_is_new(log: Log, other: Log) -> None:
    lines = returns_report(60).splitlines(keepends=True)
    order, another = lines[1].split(b"\t")[1], lines[-1].split(b"\t")[1]
    second = lines[-1].replace(another, order).replace(b"LPNBN", b"LPNBX")
    for here, cutting in ((log, SLICED), (other, WHOLE)):
        imported(here, b"".join(lines), cutting)
        result = imported(here, b"".join([*lines, second]), cutting)
        assert (1, 60) == (result[0].new, result[0].unchanged)  # type: ignore[union-attr]

    assert list(log.raw_lines()) == list(other.raw_lines())


def test_rows_that_readers_saw_are_compared_where_somebody_has_appended_meanwhile(
    log: Log, other: Log
) -> None:
    lines = returns_report(60)
    otherwise = lines.replace(b"\tDEFECTIVE\t", b"\tSELLABLE\t")
    for here, cutting in ((log, SLICED), (other, WHOLE)):
        imported(here, lines, cutting)
        july = iter([("july.txt", otherwise, "2026-06-30")])

        def meanwhile(stage: str, _rows: int, july: Iterator[Any] = july, here: Log = here) -> None:
            if stage == "read":
                for name, data, told_at in july:
                    import_file(here, data, name, msgspec.structs.replace(STATED, told_at=told_at))

        import_file(here, lines + b"\r\n", "june.txt", STATED, progress=meanwhile, cutting=cutting)

    assert list(log.raw_lines()) == list(other.raw_lines())
    assert 60 < log.position() - len(imports_of(log))


def test_what_is_personal_is_sealed_in_slices_and_told_in_the_order_of_the_streams(
    log: Log, other: Log, keys: KeyStore
) -> None:
    data = TEXT.encode()
    imported(log, data, WHOLE, keys)
    imported(other, data, SLICED, keys)
    (told,) = imports_of(other)
    kept = other.kept(told.digest)
    other.opens = opener(other, keys, "test")

    assert words(log, keys) == words(other, keys)
    assert b"Erika" not in kept
    assert (digest_of(kept), root_of_lines(kept).hex()) == (told.sealed, told.root)
    assert other.original(told.digest) == data


def test_other_processes_read_what_this_one_reads(log: Log, other: Log, tmp_path: Path) -> None:
    path = tmp_path / "june.txt"
    path.write_bytes(TEXT.encode())
    there = Cutting(sliced_from=0, slice_bytes=2000, processes=2)

    assert imported(log, path, there) == imported(other, path.read_bytes(), WHOLE)
    assert imported(log, TEXT.encode() + b"\r\n", there) == imported(
        other, TEXT.encode() + b"\r\n", WHOLE
    )
    assert [line for line in log.raw_lines() if b"imported" not in line] == [
        line for line in other.raw_lines() if b"imported" not in line
    ]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "june.txt"
    path.write_bytes(TEXT.encode())
    statement = Statement(actor="seller", command_id="c")
    with Content(path) as content:
        sheet = sheet_of(content, "june.txt", statement, content.digest(), "?")
        cut = slices(content, sheet, 700)
        next(cut)
        path.write_bytes(TEXT.replace("SELLABLE", "DEFECTIV").encode())
        with pytest.raises(LedgerError, match="changed while it was read"):
            list(cut)


def test_a_slice_is_whole_lines() -> None:
    statement = Statement(actor="seller", command_id="c")
    with Content(TEXT.encode()) as content:
        sheet = sheet_of(content, "june.txt", statement, content.digest(), "?")
        cut = list(slices(content, sheet, 700))

        assert b"".join(one.data for one in cut) == content.read(sheet.begin)
        assert all(one.data.endswith(b"\n") for one in cut)
        assert [one.lines_before for one in cut][:2] == [1, 1 + cut[0].data.count(b"\n")]
        with pytest.raises(NotSliced):
            list(slices(content, sheet, 10))


def test_a_spool_gives_rows_back_in_order_and_those_of_one_name_together() -> None:
    rows = [(f"order/{number * 7919 % 997:03}", number, b"x" * 50) for number in range(30_000)]
    spool = Spool()
    for start in range(0, len(rows), 1000):
        spool.add(packed_run(rows[start : start + 1000]))
    batches = list(spool.batches())
    spool.close()

    assert [row for batch in batches for row in batch] == sorted(rows)
    assert len(batches) > 3
    assert all(a[-1][0] < b[0][0] for a, b in pairwise(batches))


def test_a_file_is_read_as_before_where_nobody_says_otherwise() -> None:
    assert read_file(TEXT.encode(), "f", Statement(actor="s", command_id="c")).rows == 60
