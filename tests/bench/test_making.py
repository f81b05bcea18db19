"""A returns report of any size is the same whether it is held or written."""

from __future__ import annotations

from pathlib import Path

from tests.bench.making import returns_report, write_returns


def test_a_report_on_disk_has_the_bytes_of_the_one_in_memory(tmp_path: Path) -> None:
    assert write_returns(tmp_path / "returns.txt", 500).read_bytes() == returns_report(500)


def test_a_later_million_tells_of_other_orders_and_other_units(tmp_path: Path) -> None:
    first, later = (
        write_returns(tmp_path / f"{start}.txt", 500, first=start).read_text().splitlines()[1:]
        for start in (0, 500)
    )

    for column in (1, 11):
        told = {line.split("\t")[column] for line in first}
        assert told.isdisjoint(line.split("\t")[column] for line in later)
