"""What was measured is kept until its figure is measured again, and the page is written of all of it."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from tests.bench import results
from tests.bench.page import write_page
from tests.bench.results import Line
from tests.bench.running import Failed, Run, Side, by_turns, run

MEBIBYTE = 2**20


def line(figure: str, value: float, *, target: float | None = 0.5, at_most: bool = False) -> Line:
    return Line(
        figure=figure,
        what=f"what {figure} is",
        size="10 rows",
        value=value,
        unit="rows/s",
        low=value,
        high=value,
        against="the limit",
        limit=100.0,
        target=target,
        at_most=at_most,
        runs=5,
    )


def test_a_figure_measured_again_takes_the_place_of_all_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    results.keep(file, [line("import", 1), line("import", 2), line("live", 3)])

    results.keep(file, [line("import", 4)])

    assert [3, 4] == [one.value for one in results.read(file)]


@pytest.mark.parametrize(
    ("value", "at_most", "reached"), [(50, False, True), (49, False, False), (51, True, False)]
)
def test_a_target_is_reached_or_it_is_not(value: float, at_most: bool, reached: bool) -> None:
    assert line("one", value, at_most=at_most).reached is reached


def test_the_page_says_of_each_figure_whether_it_is_reached_and_when_it_was_measured(
    tmp_path: Path,
) -> None:
    told = [
        msgspec.structs.replace(line("live", 10), commit="abc1234", when="2026-11-29 02:30"),
        line("import", 90),
        line("import", 5, target=None),
    ]

    write_page(tmp_path / "page.md", told, ["import", "live"])

    page = (tmp_path / "page.md").read_text("utf-8")
    targets, besides = page.split("## Besides")
    assert targets.index("what import is") < targets.index("what live is")
    assert "| 0.100 | at least 0.5 | **no** |" in targets
    assert "| 0.900 | at least 0.5 | yes" in targets
    assert "| 0.050 |" in besides
    assert "| live | 5 | abc1234 | 2026-11-29 02:30 |" in besides


def test_a_side_is_the_median_of_its_runs_and_its_largest_memory() -> None:
    side = Side([Run(seconds, 12, memory, {}) for seconds, memory in ((3, 5), (1, 9), (2, 7))])

    assert (2, 6.0, (4.0, 12.0), 9) == (side.seconds, side.rate, side.rates, side.memory)


def test_sides_take_turns() -> None:
    order: list[str] = []

    def noted(name: str, number: int) -> Run:
        order.append(f"{name}{number}")
        return Run(1, 1, 0, {})

    by_turns({"a": lambda n: noted("a", n), "b": lambda n: noted("b", n)}, 2)

    assert ["a0", "b0", "a1", "b1"] == order


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is told under /proc")
def test_the_memory_of_a_process_is_counted_with_that_of_its_children(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    hold = f"held = bytearray({40 * MEBIBYTE}); import time; time.sleep(1)"
    script.write_text(
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {hold!r}])\n"
        f"{hold}\nchild.wait()\n"
        'print(\'{"seconds": 1.5, "count": 3, "more": "said"}\')\n'
    )

    told = run([sys.executable, script], {}, {})

    assert (1.5, 3, {"more": "said"}) == (told.seconds, told.count, told.told)
    assert told.memory > 80 * MEBIBYTE


def test_a_process_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("raise SystemExit('no disk left')")

    with pytest.raises(Failed, match="no disk left"):
        run([sys.executable, script], {}, {})


def test_what_is_reached_with_less_than_the_target_speaks_of_is_not_called_reached(
    tmp_path: Path,
) -> None:
    page = tmp_path / "page.md"
    small = msgspec.structs.replace(line("import", 90), size="300,000 rows")
    write_page(page, [small], ["import"])
    few = page.read_text(encoding="utf-8")
    write_page(page, [msgspec.structs.replace(small, size="1,000,000 rows")], ["import"])

    assert "| yes, but of less than 1,000,000 rows |" in few
    assert "| yes |" in page.read_text(encoding="utf-8")
