"""Every question that sellers ask of the rules, with the answer by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from tests.rules.asked import Asked, asked
from tests.rules.asking import NOTHING, which
from tests.rules.changes import CHANGES
from tests.rules.claims import CLAIMS
from tests.rules.disputes import DISPUTES
from tests.rules.keeping import KEEPING
from tests.rules.returns import RETURNS


def _on_the_days_of_change() -> Iterator[Asked]:
    """Which rule holds the day before each change, and on its day."""
    for series, stores, day, before, after in CHANGES:
        store = stores.split()[0]
        for shift, rules in ((-1, before), (0, after)):
            on = (date.fromisoformat(day) + timedelta(days=shift)).isoformat()
            yield asked(
                f"{store}: which rule of {series} holds on {on}?",
                " over ".join(rules.split()) or NOTHING,
                which,
                series,
                store,
                on,
            )


ANSWERS: Final[tuple[Asked, ...]] = (
    *CLAIMS,
    *DISPUTES,
    *RETURNS,
    *KEEPING,
    *_on_the_days_of_change(),
)
