"""Deadlines, and the calendar that holds them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cli.terminal import typed

FIELDS = [
    "due_on",
    "what",
    "account",
    "order_id",
    "finding_id",
    "amount",
    "currency",
    "rule_id",
    "state",
]

pytestmark = pytest.mark.usefixtures("demo")


def test_a_row_is_a_day_that_matters(demo_day: str) -> None:
    said = typed("due", "--as-of", demo_day)
    days = [row["due_on"] for row in said.rows]

    assert said.code == 3
    assert list(said.rows[0])[: len(FIELDS)] == FIELDS
    assert days == sorted(days)
    assert days[0] >= demo_day
    assert {row["state"] for row in said.rows} == {"open", "waiting", "review"}


def test_what_can_be_filed_has_its_last_day_and_what_waits_its_first(demo_day: str) -> None:
    findings = {row["finding_id"]: row for row in typed("audit", "--as-of", demo_day).rows}
    for row in typed("due", "--as-of", demo_day).rows:
        finding = findings[row["finding_id"]]
        expected = "window_opens" if row["state"] == "waiting" else "window_closes"
        assert row["due_on"] == finding[expected]
        assert (row["amount"], row["currency"]) == (finding["amount_open"], finding["currency"])


def test_only_the_days_to_come_so_soon_where_asked(demo_day: str) -> None:
    last = date.fromisoformat(demo_day) + timedelta(days=14)
    everything = typed("due", "--as-of", demo_day).rows
    expected = [row for row in everything if row["due_on"] <= last.isoformat()]

    assert typed("due", "--as-of", demo_day, "--within", "14d").rows == expected
    assert typed("due", "--as-of", demo_day, "--within", "2w").rows == expected
    assert typed("due", "--as-of", demo_day, "--within", "14").rows == expected


@pytest.mark.parametrize("within", ["soon", "-1d", "d", ""])
def test_a_span_that_is_none_is_a_usage_error(within: str) -> None:
    assert typed("due", f"--within={within}").code == 2


def test_it_ends_0_where_nothing_can_be_filed() -> None:
    said = typed("due", "--as-of", "2030-01-01", "--format", "table")

    assert said.code == 0
    assert "No deadline is ahead." in said.out


# --- the calendar -----------------------------------------------------------------------------


def unfolded(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").split("\r\n")


def test_the_calendar_has_an_event_for_each_day(tmp_path: Path, demo_day: str) -> None:
    path = tmp_path / "deadlines.ics"
    rows = typed("due", "--as-of", demo_day, "--ics", path).rows
    lines = unfolded(path.read_bytes())

    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert [line[-8:] for line in lines if line.startswith("DTSTART;VALUE=DATE:")] == [
        row["due_on"].replace("-", "") for row in rows
    ]
    assert {line for line in lines if line.startswith("DTSTAMP")} == {"DTSTAMP:20261120T120000Z"}


def test_the_same_deadline_has_the_same_name_in_every_run(tmp_path: Path, demo_day: str) -> None:
    def uids() -> list[str]:
        typed("due", "--as-of", demo_day, "--ics", tmp_path / "deadlines.ics")
        lines = unfolded((tmp_path / "deadlines.ics").read_bytes())
        return [line for line in lines if line.startswith("UID:")]

    first = uids()

    assert len(set(first)) == len(first)
    assert first == uids()


def test_the_calendar_may_go_to_standard_output_alone(demo_day: str) -> None:
    said = typed("due", "--as-of", demo_day, "--ics", "-")

    assert said.out.startswith("BEGIN:VCALENDAR\r\n")
    assert said.out.endswith("END:VCALENDAR\r\n")


def test_a_calendar_that_cannot_be_written_is_an_error(tmp_path: Path, demo_day: str) -> None:
    said = typed("due", "--as-of", demo_day, "--ics", tmp_path / "nowhere" / "deadlines.ics")

    assert said.code == 1
    assert "the calendar cannot be written" in said.err
