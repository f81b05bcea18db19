"""Bars and sparklines: as long and as high as the numbers, in letters that the terminal has."""

from __future__ import annotations

import pytest

from cli.plots import NARROW, TEXT, WIDE, Pen, pen
from tests.cli.terminal import environment

FULL = Pen(width=8)
PLAIN = Pen(width=8, plain=True)


@pytest.mark.parametrize(
    ("value", "most", "full", "plain"),
    [
        (8, 8, "████████", "########"),
        (4, 8, "████", "####"),
        (1, 16, "▌", "#"),
        (0.01, 8, "▏", "#"),
        (4.5, 8, "████▌", "####"),
        (0, 8, "", ""),
        (-3, 8, "", ""),
        (3, 0, "", ""),
        (9, 8, "████████", "########"),
    ],
)
def test_a_bar_is_as_long_as_its_value(value: float, most: float, full: str, plain: str) -> None:
    """Anything above nothing shows, and nothing is longer than there is room."""
    assert (full, plain) == (FULL.bar(value, most), PLAIN.bar(value, most))


@pytest.mark.parametrize(
    ("values", "full", "plain"),
    [
        ([0, 1, 2, 7], "▁▂▃█", "_.-#"),
        ([1, None, 2], "▅ █", "+ #"),
        ([0, 0], "▁▁", "__"),
        ([], "", ""),
        (list(range(10)), "▃▃▄▅▆▆▇█", "--=+**%#"),
    ],
)
def test_a_sparkline_has_a_letter_for_each_value(
    values: list[float | None], full: str, plain: str
) -> None:
    """What is not known is a blank; where there is too little room the oldest go first."""
    assert (full, plain) == (FULL.spark(values), PLAIN.spark(values))


def test_an_arrow_says_where_it_goes() -> None:
    assert ["↑", "↓", "→", ""] == [FULL.arrow(one) for one in ("rising", "falling", "steady", None)]
    assert ["^", "v", "=", ""] == [
        PLAIN.arrow(one) for one in ("rising", "falling", "steady", None)
    ]


@pytest.mark.parametrize(
    ("columns", "width"), [("40", NARROW), (str(TEXT + 10), 10), ("300", WIDE)]
)
def test_bars_take_what_the_numbers_leave(columns: str, width: int) -> None:
    with environment(COLUMNS=columns):
        assert width == pen().width


def test_a_dumb_terminal_gets_plain_letters() -> None:
    with environment(TERM="dumb"):
        assert pen().plain
