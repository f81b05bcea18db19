"""A batch: many commands of the desk, each line checked whole, each recorded once."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.cli.terminal import Said, typed

ORDER = "302-1234567-1234567"
TELL = {
    "command": "order tell",
    "id": "b-1",
    "order": ORDER,
    "sku": "MUG",
    "price": "49.90 EUR",
    "marketplace": "DE",
    "at": "2026-11-02",
}
RECEIVE = {"command": "return receive", "id": "b-2", "order": ORDER, "at": "2026-11-10"}
NOTE = {"command": "note", "id": "b-3", "thing": ORDER, "text": "the box was open"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "batch.ndjson"


def sent(file: Path, *lines: dict[str, Any] | str, options: tuple[str, ...] = ()) -> Said:
    """A batch of lines, as it is typed."""
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("".join(f"{line}\n" for line in text), encoding="utf-8")
    return typed("batch", file, *options)


def states(said: Said) -> list[str]:
    return [row["state"] for row in said.rows]


def positions() -> int:
    """How many entries the one account has; none where there is no account."""
    return sum(row["entries"] for row in typed("account", "list").rows)


# --- what is recorded -------------------------------------------------------------------------


def test_an_order_may_be_called_so_where_any_thing_may_be_meant(file: Path) -> None:
    note = {("order" if name == "thing" else name): value for name, value in NOTE.items()}
    said = sent(file, TELL, note)
    both = sent(file, {**note, "id": "b-4", "thing": ORDER})

    assert states(said) == ["recorded"] * 2
    assert (1, ["refused"]) == (both.code, states(both))


def test_each_line_is_recorded_and_told_in_a_row(file: Path) -> None:
    said = sent(file, TELL, "", RECEIVE, NOTE)

    assert said.code == 0
    assert states(said) == ["recorded"] * 3
    assert [row["line"] for row in said.rows] == [1, 3, 4]
    assert [row["event"] for row in said.rows] == ["OrderTold", "UnitsReceived", "NoteAdded"]
    assert [row["position"] for row in said.rows] == [3, 4, 5]
    assert list(said.rows[0]) == [
        "line",
        "id",
        "command",
        "state",
        "position",
        "stream",
        "event",
        "summary",
        "name",
        "cautions",
        "error",
        "advice",
    ]


def test_a_batch_that_is_sent_again_adds_nothing(file: Path) -> None:
    sent(file, TELL, RECEIVE)
    before = positions()

    assert states(sent(file, TELL, RECEIVE, NOTE)) == ["repeated", "repeated", "recorded"]
    assert positions() == before + 1


def test_one_that_was_cut_short_goes_on_where_it_stopped(file: Path) -> None:
    too_many = {**RECEIVE, "quantity": 5}
    first = sent(file, TELL, too_many, NOTE)

    assert first.code == 1
    assert states(first) == ["recorded", "refused", "left"]
    assert states(sent(file, TELL, RECEIVE, NOTE)) == ["repeated", "recorded", "recorded"]


def test_keep_going_records_what_can_be(file: Path) -> None:
    said = sent(file, TELL, {**RECEIVE, "quantity": 5}, NOTE, "{", options=("--keep-going",))

    assert said.code == 1
    assert states(said) == ["recorded", "refused", "recorded", "refused"]
    assert "row 2: 1 of MUG were ordered" in said.err
    assert said.rows[1]["error"].startswith("1 of MUG were ordered")
    assert said.rows[1]["advice"]


def test_each_line_says_who_and_when(file: Path) -> None:
    sent(file, TELL, {**RECEIVE, "actor": "warehouse"}, NOTE)
    told = typed("story", ORDER).rows

    assert [row["actor"] for row in told] == ["seller", "warehouse", "seller"]
    assert [row["occurred_at"] for row in told] == [
        "2026-11-02",
        "2026-11-10",
        "2026-11-20T12:00:00Z",
    ]


def test_a_try_tries_each_line_on_those_before_it(file: Path) -> None:
    sent(file, TELL)
    before = positions()
    graded = {
        "command": "return grade",
        "id": "b-4",
        "order": ORDER,
        "condition": "used",
        "evidence": [str(file)],
    }
    tried = sent(file, TELL, RECEIVE, graded, {**RECEIVE, "id": "b-5"}, options=("--dry-run",))

    assert tried.code == 1
    assert states(tried) == ["repeated", "rehearsed", "rehearsed", "refused"]
    assert tried.rows[1]["position"] is None
    assert positions() == before


def test_a_try_of_a_batch_that_begins_an_account_begins_none(file: Path) -> None:
    assert states(sent(file, TELL, RECEIVE, options=("--dry-run",))) == ["rehearsed"] * 2
    assert typed("account", "list").rows == []


def test_a_batch_comes_from_standard_input_too(file: Path) -> None:
    with patch("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(TELL).encode()))):
        assert typed("batch", "-").row["state"] == "recorded"


def test_a_batch_of_nothing_says_so(file: Path) -> None:
    sent(file, TELL)

    assert "The batch holds no line." in sent(file, options=("--format", "table")).out


def test_a_table_shows_what_became_of_each_line(file: Path) -> None:
    shown = sent(file, TELL, {**RECEIVE, "quantity": 5}, NOTE, options=("--format", "table")).out

    assert "recorded" in shown
    assert "left" in shown
    assert "send the whole batch again" in shown


# --- what is checked before -------------------------------------------------------------------


def test_nothing_is_recorded_where_a_line_cannot_be_understood(file: Path) -> None:
    said = sent(file, TELL, RECEIVE, "oops")

    assert said.code == 1
    assert states(said) == ["left", "left", "refused"]
    assert typed("account", "list").rows == []


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({**TELL, "colour": "blue"}, "colour", "there is no such field (found 'blue')"),
    ({**TELL, "account": "other"}, "account", "there is no such field (found 'other')"),
    ({**TELL, "dry_run": True}, "dry_run", "there is no such field (found 'true')"),
    ({**TELL, "quantity": "2"}, "quantity", "it is not a whole number"),
    ({**TELL, "quantity": True}, "quantity", "it is not a whole number"),
    ({**TELL, "quantity": 0}, "quantity", "0 is not in the range 1<=x<=1000000"),
    ({**TELL, "sku": 7}, "sku", "it is not a text"),
    ({**TELL, "price": 49.90}, "price", "it is not a text"),
    ({**TELL, "price": "much"}, "price", "'much' is no amount"),
    ({**TELL, "marketplace": "XX"}, "marketplace", "'XX' is no Amazon store"),
    ({**TELL, "programme": "FBX"}, "programme", "'FBX' is not one of"),
    ({**TELL, "at": "soon"}, "at", "'soon' is neither a day nor a moment"),
    ({**RECEIVE, "scan_wrong": "yes"}, "scan_wrong", "it is not true or false"),
    ({"command": "terms contact", "id": "1", "way": "email"}, "way", "it is not a list"),
    ({"command": "terms contact", "id": "1", "way": [1]}, "way", "it is not a list"),
    ({"command": "terms contact", "id": "1"}, "way", "it is missing"),
    ({**TELL, "id": None}, "id", "it is missing"),
    ({**TELL, "order": ""}, "order", "it is empty"),
    ({"id": "1"}, "command", "it says no command"),
    ({"command": "order sell", "id": "1"}, "command", "there is no such command"),
    ({"command": 5, "id": "1"}, "command", "there is no such command"),
    ({"command": "batch", "id": "1"}, "command", "there is no such command"),
    (
        {"command": "message threat", "id": "1", "order": ORDER, "text": "unhappy"},
        "text",
        "a buyer's words are not taken here",
    ),
)


@pytest.mark.parametrize(
    ("line", "field", "message"),
    WRONG,
    ids=[f"{number}-{field}" for number, (_, field, _) in enumerate(WRONG)],
)
def test_what_is_wrong_is_said_with_line_and_field(
    file: Path, line: dict[str, Any], field: str, message: str
) -> None:
    said = sent(file, NOTE, line)

    assert said.code == 1
    assert f"batch.ndjson, row 2, column '{field}': {message}" in said.err
    assert states(said) == ["left", "refused"]


def test_everything_that_is_wrong_with_a_line_is_said_at_once(file: Path) -> None:
    said = sent(file, {**TELL, "quantity": "2", "colour": 1, "price": "much", "id": None})

    assert said.err.count("row 1, column") == 4


@pytest.mark.parametrize("line", ["oops", "[1]", '"order tell"', "{", "7"])
def test_what_is_no_json_object_is_refused(file: Path, line: str) -> None:
    said = sent(file, line)

    assert said.code == 1
    assert "row 1: it is no" in said.err


def test_a_file_that_is_not_there_or_no_text_is_an_error(file: Path) -> None:
    assert "it cannot be read" in typed("batch", file).err
    file.write_bytes(b"\xff\xfe{")
    assert "it is not UTF-8" in typed("batch", file).err


def test_a_usage_error_within_a_line_is_that_lines_refusal(file: Path) -> None:
    refund = {"command": "refund give", "id": "r-1", "order": ORDER, "by": "seller"}
    said = sent(file, TELL, {**refund, "trigger": "manual"}, NOTE, options=("--keep-going",))

    assert states(said) == ["recorded", "refused", "recorded"]
    assert "row 2: A refund is told either whole" in said.err


# --- what an error may show -------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {**NOTE, "txt": "Ulrika Svensson lives there"},
        {**TELL, "price": "Ulrika Svensson lives there"},
        {**TELL, "marketplace": "Ulrika Svensson lives there"},
        {**RECEIVE, "quantity": "Ulrika Svensson lives there"},
        {**RECEIVE, "at": "Ulrika Svensson lives there"},
        {**NOTE, "thing": "Ulrika Svensson lives there"},
    ],
    ids=["unknown field", "price", "marketplace", "number", "day", "thing"],
)
def test_of_a_refused_value_one_word_is_shown(file: Path, wrong: dict[str, Any]) -> None:
    said = sent(file, TELL | {"id": "first"}, wrong, options=("--keep-going",))

    assert "refused" in states(said)
    assert "Svensson" not in said.err + said.out


def test_the_same_mistake_in_many_lines_is_told_once(file: Path) -> None:
    lines = [{**NOTE, "id": f"n-{number}", "txt": "no"} for number in range(300)]
    said = sent(file, *lines)

    assert said.err.count("there is no such field") == 1
    assert "as in 299 more lines" in said.err
    assert states(said) == ["refused"] * 300
