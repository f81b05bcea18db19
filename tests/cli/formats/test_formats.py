"""How the same answer is written down in each format."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from cli.answer import Answer, Column, Line, Row, Section
from cli.formats import FORMATS, csv, json, ndjson, table
from tests.cli.terminal import environment, imported, typed
from tests.registries import modules_in
from tests.story import ORDER, returned


class Debt(Row, frozen=True, kw_only=True):
    """Something owed."""

    order_id: str
    amount: str | None
    currency: str | None
    on: date | None = None
    units: int = 1
    sure: bool = True
    notes: tuple[str, ...] = ()


ROWS = [
    Debt(order_id="114-1", amount="1234.50", currency="USD", on=date(2026, 6, 1), units=1200),
    Debt(order_id="114-2", amount=None, currency=None, sure=False, notes=("a", "b")),
]
COLUMNS = [
    Column("order_id", "order"),
    Column("amount", "amount", right=True, unit="currency"),
    Column("units", "units", right=True, rank=1),
    Column("sure", "sure", rank=2),
    Column("notes", "notes", rank=3, wraps=True),
]


def answer(rows: list[Debt] = ROWS, **more: Any) -> Answer:
    return Answer(
        command="debts",
        kind=Debt,
        rows=rows,
        as_of=date(2026, 6, 2),
        known_at="2026-06-02T00:00:00Z",
        sections=[Section(title="Owed", rows=rows, columns=COLUMNS, tone="good")],
        then=["Ask for it."],
        **more,
    )


def test_every_format_is_listed() -> None:
    names = {module.__name__.rpartition(".")[2] for module in modules_in("cli.formats")}

    assert names == set(FORMATS)


# --- for programs -----------------------------------------------------------------------------


def test_json_is_one_object_with_its_schema_and_dates() -> None:
    assert msgspec.json.decode(json.text(answer())) == {
        "schema": "returns-ledger/debts/1",
        "as_of": "2026-06-02",
        "known_at": "2026-06-02T00:00:00Z",
        "rows": [
            {
                "order_id": "114-1",
                "amount": "1234.50",
                "currency": "USD",
                "on": "2026-06-01",
                "units": 1200,
                "sure": True,
                "notes": [],
            },
            {
                "order_id": "114-2",
                "amount": None,
                "currency": None,
                "on": None,
                "units": 1,
                "sure": False,
                "notes": ["a", "b"],
            },
        ],
    }


def test_json_may_call_its_rows_otherwise_or_be_one_thing() -> None:
    assert "debts" in msgspec.json.decode(json.text(answer(key="debts")))
    assert msgspec.json.decode(json.text(answer(whole=ROWS[0])))["units"] == 1200


def test_ndjson_is_a_row_a_line() -> None:
    lines = ndjson.text(answer()).splitlines()

    assert [msgspec.json.decode(line) for line in lines] == (
        msgspec.json.decode(json.text(answer()))["rows"]
    )
    assert ndjson.text(answer([])) == ""
    assert len(ndjson.text(answer(whole=ROWS[0])).splitlines()) == 1


def test_csv_has_a_header_and_a_line_for_each_row() -> None:
    assert csv.text(answer()) == (
        "order_id,amount,currency,on,units,sure,notes\n"
        "114-1,1234.50,USD,2026-06-01,1200,true,\n"
        "114-2,,,,1,false,a; b\n"
    )


def test_csv_has_a_header_even_where_there_is_no_row() -> None:
    assert csv.text(answer([])) == "order_id,amount,currency,on,units,sure,notes\n"


# --- for people -------------------------------------------------------------------------------


def test_a_table_has_numbers_to_the_right_and_ends_with_what_to_do() -> None:
    assert table.text(answer()) == (
        "Owed\n"
        "order       amount  units  sure  notes\n"
        "──────────────────────────────────────\n"
        "114-1  1234.50 USD  1,200  yes\n"
        "114-2                   1  no    a, b\n"
        "\n"
        "→ Ask for it.\n"
    )


def test_where_it_is_narrow_the_least_wanted_columns_are_left_out_by_name() -> None:
    wide = [*ROWS, Debt(order_id="114-3", amount=None, currency=None, notes=("c" * 30,))]

    assert table.text(answer(wide), width=40) == (
        "Owed\n"
        "order       amount  units  sure\n"
        "───────────────────────────────\n"
        "114-1  1234.50 USD  1,200  yes\n"
        "114-2                   1  no\n"
        "114-3                   1  yes\n"
        "Too narrow for: notes. --format csv has\n"
        "everything.\n"
        "\n"
        "→ Ask for it.\n"
    )


@pytest.mark.parametrize("width", [1, 20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    wide = [Debt(order_id=f"114-{'1' * 30}", amount="1.00", currency="USD", notes=("long " * 40,))]
    shown = table.text(answer(wide), width=width)

    assert max(map(len, shown.splitlines())) <= max(width, table.NARROWEST)


def test_an_id_is_never_cut_short() -> None:
    long = f"114-{'1234567' * 8}"
    shown = table.text(answer([Debt(order_id=long, amount=None, currency=None)]), width=40)

    assert long in "".join(line.strip() for line in shown.splitlines())


def test_prose_is_folded_before_an_id_is() -> None:
    told = [Debt(order_id=f"114-{'1' * 18}", amount="1.00", currency="USD", notes=("long " * 9,))]
    shown = table.text(answer(told), width=60)

    assert told[0].order_id in shown


def test_an_empty_answer_says_so() -> None:
    assert table.text(answer([], empty="Nothing is owed.")) == "Nothing is owed.\n→ Ask for it.\n"


def test_more_rows_than_anybody_reads_are_counted() -> None:
    many = [Debt(order_id=str(number), amount=None, currency=None) for number in range(1500)]
    shown = table.text(answer(many))

    assert "500 more rows are not shown here; --format csv has them all.\n" in shown


def test_prose_is_indented_and_wrapped() -> None:
    told = Answer(
        command="x",
        kind=Debt,
        rows=(),
        empty="",
        sections=[Section(lines=[Line("one two three four five six seven eight nine", "", 4)])],
    )

    assert table.text(told, width=40) == ("    one two three four five six seven\n    eight nine\n")


def test_what_could_steer_the_terminal_is_written_out() -> None:
    evil = [Debt(order_id="\x1b]0;owned\x07[red]x", amount="1", currency="U\x9bSD")]
    shown = table.text(answer(evil), colour=True)

    assert r"\x1b]0;owned\x07[red]x" in shown
    assert r"U\x9bSD" in shown


def test_colour_is_only_where_it_is_wanted() -> None:
    assert "\x1b[" in table.text(answer(), colour=True)
    assert "\x1b[" not in table.text(answer())


# --- which one --------------------------------------------------------------------------------


@pytest.fixture
def an_order(tmp_path: Any) -> None:
    imported(tmp_path / "files", returned(ORDER, "2026-06-20"))


@pytest.mark.usefixtures("an_order")
def test_a_terminal_gets_a_table_and_a_pipe_lines_of_json() -> None:
    assert typed("status", terminal=True).out.startswith("order")
    assert typed("status").row["order_id"] == ORDER


@pytest.mark.usefixtures("an_order")
def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def coloured(*, terminal: bool, **settings: str) -> bool:
        with environment(**settings):
            return "\x1b[" in typed("status", "--format", "table", terminal=terminal).out

    assert not coloured(terminal=True)  # NO_COLOR is set for every test
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    assert coloured(terminal=True)
    assert not coloured(terminal=False)
    assert coloured(terminal=False, FORCE_COLOR="1")
    assert not coloured(terminal=True, TERM="dumb")
    assert not coloured(terminal=True, NO_COLOR="1", FORCE_COLOR="1")
