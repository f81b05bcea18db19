"""What a slip of the hand, or of a script, must not record: it is refused, or read as it was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.terminal import Said, typed

ORDER = "302-1234567-1234567"
TELL = {
    "command": "order tell",
    "id": "m-1",
    "order": ORDER,
    "sku": "MUG",
    "price": "49.90 EUR",
    "marketplace": "DE",
    "at": "2026-11-02",
}
NOTE = {"command": "note", "id": "m-2", "thing": ORDER, "text": "the box was open"}
MUG = ("--sku", "MUG", "--price", "49.90 EUR", "--marketplace", "DE", "--at", "2026-11-02")


def told() -> Said:
    return typed("order", "tell", ORDER, *MUG)


def entries() -> int:
    return sum(row["entries"] for row in typed("account", "list").rows)


@pytest.mark.parametrize(
    "words",
    [
        ("order", "deliver", ""),
        ("message", "received", ""),
        ("message", "received", ORDER, "--message", " "),
        ("claim", "file", "", "--type", "a_to_z"),
        ("note", "", "the box was open"),
        ("hold", "place", "", "--why", "a claim"),
        ("product", "describe", "", "--category", "toys"),
        ("product", "describe", "MUG", "--category", ""),
        ("product", "cost", "", "5 EUR"),
        ("terms", "returnless", ""),
        ("return", "request", ORDER, "--id", " "),
    ],
    ids=" ".join,
)
def test_an_empty_word_is_refused_and_nothing_goes_to_the_account(words: tuple[str, ...]) -> None:
    """A script whose variable was not set must not record an order's note with the account."""
    told()
    before = entries()
    said = typed(*words)

    assert said.code == 2
    assert "it is empty" in said.err
    assert entries() == before


@pytest.mark.parametrize(
    "words",
    [
        ("order", "tell", ORDER, *MUG, "--quantity", str(10**24)),
        ("terms", "returns", "--window-days", str(10**11)),
        ("return", "grade", ORDER, "--condition", "used", "--grams", str(10**24)),
    ],
    ids=lambda words: words[-2],
)
def test_a_number_that_no_view_can_hold_is_refused(words: tuple[str, ...]) -> None:
    said = typed(*words)

    assert said.code == 2
    assert "is not in the range" in said.err


def test_no_days_at_all_are_terms_too() -> None:
    said = typed("terms", "returns", "--window-days", "0")

    assert said.code == 0
    assert said.row["summary"] == "The seller's terms for returns: 0 days."


def test_a_batch_may_begin_with_the_mark_of_unicode(tmp_path: Path) -> None:
    """As PowerShell and Excel write it."""
    file = tmp_path / "batch.ndjson"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(TELL).encode() + b"\r\n")

    assert [row["state"] for row in typed("batch", file).rows] == ["recorded"]


@pytest.mark.parametrize("sign", ["\u2028", "\x85"])
def test_only_a_line_feed_ends_a_line_of_a_batch(tmp_path: Path, sign: str) -> None:
    """JSON lets other ends of lines stand inside a text."""
    file = tmp_path / "batch.ndjson"
    note = {**NOTE, "text": f"open{sign}and empty"}
    lines = [json.dumps(TELL), json.dumps(note, ensure_ascii=False), "oops"]
    file.write_text("\n".join(lines), encoding="utf-8")
    out = typed("batch", file, "--keep-going").out
    rows = [json.loads(row) for row in out.split("\n") if row]

    assert [(row["line"], row["state"]) for row in rows] == [
        (1, "recorded"),
        (2, "recorded"),
        (3, "refused"),
    ]


def test_evidence_that_is_named_twice_is_one_file(tmp_path: Path) -> None:
    told()
    typed("return", "receive", ORDER, "--at", "2026-11-10")
    picture = tmp_path / "scratch.jpg"
    picture.write_bytes(b"a scratch")
    twice = ("--evidence", picture, "--evidence", picture)
    graded = typed("return", "grade", ORDER, "--condition", "used", *twice).rows
    attached = typed("evidence", "attach", ORDER, picture, picture).rows

    assert graded[-1]["summary"].endswith("1 file shows it.")
    assert len(attached) == 1


def test_an_empty_file_shows_nothing(tmp_path: Path) -> None:
    told()
    picture = tmp_path / "scratch.jpg"
    picture.touch()
    said = typed("evidence", "attach", ORDER, picture)

    assert said.code == 1
    assert "it is empty, and shows nothing" in said.err
