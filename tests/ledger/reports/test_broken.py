"""Broken files: each is refused with one clear message, kept beside it in the samples."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.report import Reading, RowTold, identify
from ledger.reports import REPORT_FORMATS
from ledger.table import read_table, unpacked

BROKEN: Final = Path(__file__).resolve().parents[2] / "samples" / "broken"
FILES: Final = tuple(sorted(path for path in BROKEN.iterdir() if path.suffix != ".message"))
SECONDS_MAX: Final = 5.0
LENGTH_MAX: Final = 700


def troubles(data: bytes, file: str) -> list[LedgerError]:
    """What is wrong with a delivery: the error that ends the reading, or those of its rows."""
    found: list[LedgerError] = []
    try:
        for name, content in unpacked(data, file):
            table = read_table(content, name)
            form = identify(table, REPORT_FORMATS)
            facts = form.read(table, Reading(file=name))
            found += [fact for fact in facts if not isinstance(fact, RowTold)]
    except LedgerError as error:
        found.append(error)
    return found


def message(error: LedgerError) -> str:
    return f"{error}\n{error.advice()}\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_broken_file_gives_one_clear_message(
    path: Path, golden: Callable[[Path, str], None]
) -> None:
    started = time.monotonic()
    (error,) = troubles(path.read_bytes(), path.name)

    golden(path.with_name(f"{path.name.partition('.')[0]}.message"), message(error))
    assert (error.file or "").startswith(path.name.removesuffix(".gz"))
    assert error.advice().endswith(".")
    assert len(message(error)) < LENGTH_MAX
    assert time.monotonic() - started < SECONDS_MAX


def test_no_message_is_left_of_a_file_that_is_gone() -> None:
    named = {path.name.partition(".")[0] for path in FILES}

    assert {path.stem for path in BROKEN.glob("*.message")} == named
    assert len(named) == len(FILES)


@pytest.mark.parametrize(
    ("before", "piece", "row"),
    [
        ("", "x", 1),
        ("", "x\t", 1),
        ("return-date\torder-id\n", "\t", 2),
        ('"return-date","order-id"\n"', "x,", 2),
    ],
    ids=["a header", "a header of many cells", "a row of tabs", "an open quotation"],
)
def test_a_line_without_end_gives_one_short_message_at_once(
    before: str, piece: str, row: int
) -> None:
    """Two hundred megabytes: its cells would fill the memory before anything is refused."""
    data = (before + piece * (200_000_000 // len(piece)) + "\n").encode()
    started = time.monotonic()
    (error,) = troubles(data, "june.txt")

    assert error.row == row
    assert "a line of 200,000,00" in error.message
    assert len(message(error)) < LENGTH_MAX
    assert time.monotonic() - started < SECONDS_MAX


PIECES: Final = st.sampled_from(
    [
        *(path.read_bytes()[:400] for path in FILES),
        b"\t",
        b",",
        b'"',
        b"\r\n",
        b"\x00",
        b"\xff\xfe",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        "é".encode("cp1252"),
        "é".encode(),
    ]
)


@given(st.lists(PIECES | st.binary(max_size=40), max_size=12).map(b"".join))
def test_whatever_the_bytes_are_no_other_error_escapes(data: bytes) -> None:
    """Anything but a LedgerError is a defect of ours."""
    troubles(data, "june.txt")


@given(
    st.sampled_from(FILES).map(Path.read_bytes),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
)
def test_no_damage_to_a_file_lets_another_error_escape(
    data: bytes, damage: list[tuple[int, int]]
) -> None:
    damaged = bytearray(data)
    for place, byte in damage:
        if place < len(damaged):
            damaged[place] = byte

    troubles(bytes(damaged), "june.txt")
