"""A case judged by what is near it is judged as it is by everything: however orders, items and payments meet."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.case import Case
from ledger.event import ACCOUNT_STREAM
from ledger.judging import judge, rulings
from ledger.nearby import LINKING, links_of, near
from ledger.recall import Recall
from ledger.store import Log
from projections.asking import excerpted
from projections.links import Links
from tests.story import (
    Story,
    Told,
    begin,
    files_of,
    refunded,
    reimbursed,
    replaced,
    returned,
    sold,
    taken_back,
)

DAY: Final = date(2026, 8, 1)
PERIOD: Final = ("2026-05-01", "2026-08-01")
ORDERS: Final = [f"114-000000{number}-000000{number}" for number in range(1, 5)]
ITEMS: Final = [
    {"sku": "LAMP", "fnsku": "X000000001", "asin": "B000000001"},
    {"sku": "LAMP", "fnsku": "X000000002", "asin": "B000000001"},
    {"sku": "LAMP-2", "fnsku": "X000000003", "asin": "B000000003"},
]
MADE: Final = {"sku": "AMZN.GR.LAMP-2-abc", "fnsku": "X000000009", "asin": "B000000009"}
"""A SKU that Amazon made of another."""


def moved(on: str, item: dict[str, str], kind: str, quantity: int, reason: str) -> Told:
    """A row of the inventory ledger."""
    _, month, day = on.split("-")
    cells = {
        "Date": f"{month}/{day}/2026",
        "FNSKU": item["fnsku"],
        "ASIN": item["asin"],
        "MSKU": item["sku"],
        "Event Type": kind,
        "Quantity": str(quantity),
        "Fulfillment Center": "LEX1",
        "Disposition": "SELLABLE",
        "Reason": reason,
        "Country": "US",
        "Unreconciled Quantity": "1" if quantity < 0 else "0",
        "Reconciled Quantity": "0",
    }
    return Told("inventory-ledger", (cells,))


@st.composite
def happened(draw: st.DrawFn, number: int) -> Told:
    """Something about one of few orders and items, so that they meet."""
    order, item = draw(st.sampled_from(ORDERS)), draw(st.sampled_from(ITEMS))
    on = f"2026-05-{draw(st.integers(1, 28)):02}"
    place = draw(st.sampled_from([*ITEMS, MADE]))
    named = draw(st.sampled_from([order, ""]))
    paid = draw(st.sampled_from(["10", "11", f"2{number}"]))
    kinds = {
        "sold": lambda: sold(order, on, sku=item["sku"]),
        "refunded": lambda: refunded(order, on, sku=item["sku"], number=str(number)),
        "returned": lambda: returned(order, on, **item),
        "damaged": lambda: returned(order, on, disposition="DAMAGED", **item),
        "reimbursed": lambda: reimbursed(on, paid, order=named, **item),
        "lost": lambda: reimbursed(on, paid, reason="Lost_Warehouse", **item),
        "taken back": lambda: taken_back(
            on, f"9{number}", of=paid, order=named, fnsku=item["fnsku"]
        ),
        "taken back somehow": lambda: taken_back(on, f"8{number}", of="", fnsku=item["fnsku"]),
        "replaced": lambda: replaced(order, on, by=draw(st.sampled_from(ORDERS)), sku=item["sku"]),
        "restocked": lambda: moved(on, place, "CustomerReturns", 1, ""),
        "found": lambda: moved(on, place, "Adjustments", 1, "F"),
        "missing": lambda: moved(on, item, "Adjustments", -1, "M"),
    }
    return kinds[draw(st.sampled_from(sorted(kinds)))]()


def stories() -> st.SearchStrategy[list[Told]]:
    """Many facts about few things."""
    return st.integers(2, 24).flatmap(
        lambda count: st.tuples(*(happened(number) for number in range(count))).map(list)
    )


def told(folder: str, facts: list[Told]) -> Story:
    """A log of these facts, covered by its reports."""
    story = begin(Path(folder), checked=False)
    for file in files_of(*facts, told_at="2026-08-01", period=PERIOD):
        story.imports_file(file)
    return story


def judged(case: Case, recall: Recall) -> list[Any]:
    """All that is answered about a case."""
    return [judge(case, recall.book, DAY), rulings(case, recall.book, DAY)]


def by_reading(log: Log) -> dict[str, set[str]]:
    """The streams under each link, read from the log."""
    found: dict[str, set[str]] = {}
    for entry in log.entries(topics=LINKING):
        for link in links_of(entry.event):
            found.setdefault(link, set()).add(entry.stream)
    return found


@settings(max_examples=60)
@given(stories())
def test_what_is_near_a_case_decides_it_as_everything_does(facts: list[Told]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = told(folder, facts)
        links = by_reading(story.log)

        def linked(names: Collection[str]) -> set[str]:
            return set().union(*(links.get(name, set()) for name in names))

        recall = Recall(story.log, DAY)
        kept = excerpted(recall, story.views)
        for case in recall.cases():
            if case.stream != ACCOUNT_STREAM:
                everything = judged(case, recall)
                assert everything == judged(case, near(recall, case, linked))
                assert everything == judged(case, near(recall, case, linked, kept))
        story.close()


@settings(max_examples=20)
@given(stories(), stories())
def test_links_that_are_kept_are_those_that_are_read(before: list[Told], after: list[Told]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = told(folder, before)
        Links(story.log, story.views)
        for file in files_of(*after, told_at="2026-08-01", period=PERIOD):
            story.imports_file(file)
        kept, read = Links(story.log, story.views), by_reading(story.log)

        assert all(kept([name]) == streams for name, streams in read.items())
        assert kept([]) == set()
        story.close()
