"""How what is typed becomes a day, a moment or a span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest

from cli.options import Instant, Within


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-01T12:00:00Z", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("2026-05-01T12:00:00+02:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01", datetime(2026, 5, 1, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_moment_is_understood_in_utc(text: str, moment: datetime) -> None:
    assert Instant().convert(text, None, None) == moment


@pytest.mark.parametrize("text", ["now", "2026-05-01T12:00:00", "2026-13-01", "", "9999-99-99"])
def test_a_moment_without_a_zone_or_sense_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Instant().convert(text, None, None)


@pytest.mark.parametrize(("text", "days"), [("14d", 14), ("2w", 14), ("14", 14), ("0d", 0)])
def test_a_span_counts_days(text: str, days: int) -> None:
    assert Within().convert(text, None, None) == timedelta(days=days)
