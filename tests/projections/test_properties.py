"""What must hold whatever is told, in whatever order, on whichever database."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections import ELIGIBILITY, PROJECTIONS, STATUS, catching_up
from tests import postgres
from tests.story import (
    File,
    Story,
    Told,
    files_of,
    ordered,
    refunded,
    reimbursed,
    replaced,
    requested,
    returned,
    settled,
    shipped,
    sold,
    taken_back,
)

EXAMPLES = 25
ORDERS = [f"114-000000{n}-000000{n}" for n in range(1, 4)]
SKUS = ["SKU-1", "SKU-2"]
ASINS = {"SKU-1": "B000000001", "SKU-2": "B000000002"}
FNSKUS = {"SKU-1": "X000000001", "SKU-2": "X000000002"}
DAYS = [f"2026-06-{day:02}" for day in range(1, 31, 3)]

orders = st.sampled_from(ORDERS)
skus = st.sampled_from(SKUS)
days = st.sampled_from(DAYS)
prices = st.sampled_from(["10.00", "19.99", "20.00", "60.00"])
ids = st.sampled_from(["1", "2", "3"])


@st.composite
def facts(draw: st.DrawFn) -> Told:
    """One row of one report about one of a few orders, or a transaction of the settlement."""
    order, sku, on = draw(orders), draw(skus), draw(days)
    asin, fnsku = ASINS[sku], FNSKUS[sku]
    price = draw(prices)
    quantity = draw(st.integers(1, 3))
    kind = draw(st.integers(0, 9))
    match kind:
        case 0:
            status = draw(st.sampled_from(["Shipped", "Cancelled"]))
            return ordered(
                order, on, sku=sku, asin=asin, quantity=quantity, price=price, status=status
            )
        case 1:
            return shipped(order, on, sku=sku, quantity=quantity, price=price)
        case 2:
            return sold(order, on, sku=sku, quantity=quantity, price=price)
        case 3:
            doors = st.sampled_from(["Refund", "A-to-z Guarantee Refund"])
            return refunded(
                order, on, sku=sku, principal=price, number=draw(ids), transaction=draw(doors)
            )
        case 4:
            disposition = draw(st.sampled_from(["SELLABLE", "DAMAGED", "CUSTOMER_DAMAGED"]))
            return returned(
                order,
                on,
                sku=sku,
                asin=asin,
                fnsku=fnsku,
                disposition=disposition,
                plate=draw(st.sampled_from(["", "", "LPN1", "LPN2"])),
                status=draw(st.sampled_from(["Reimbursed", "Unit returned to inventory"])),
            )
        case 5:
            where = draw(st.sampled_from([order, ""]))
            return reimbursed(
                on,
                draw(ids),
                order=where,
                sku=draw(st.sampled_from([sku, "", f"amzn.gr.{sku}"])),
                asin=asin,
                fnsku=fnsku,
                cash=draw(st.sampled_from(["0", "1", "2", ""])),
                inventory=draw(st.sampled_from(["0", "1"])),
            )
        case 6:
            return taken_back(on, f"9{draw(ids)}", of=draw(ids), fnsku=fnsku)
        case 7:
            return requested(
                order,
                on,
                sku=sku,
                asin=asin,
                status=draw(st.sampled_from(["Pending", "Approved", "Closed"])),
                delivered=draw(st.sampled_from(["", "2026-06-30"])),
                refunded=draw(st.sampled_from(["", price])),
            )
        case 8:
            return replaced(order, on, by=draw(orders), sku=sku)
        case _:
            return settled(
                on,
                kind=draw(st.sampled_from(["FBA Inventory Reimbursement", "other-transaction"])),
                what=draw(st.sampled_from(["BASE_FEE", "Shipping label purchase for return"])),
                amount=draw(st.sampled_from(["-3.00", "5.00"])),
                order=order,
                sku=sku,
            )


@st.composite
def downloads(draw: st.DrawFn) -> list[File]:
    """Report files that overlap: what is told in one may be told again, or otherwise, in the next."""
    pool = draw(st.lists(facts(), min_size=1, max_size=12))
    files = []
    for day in sorted(draw(st.lists(st.integers(1, 28), min_size=1, max_size=4))):
        told = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=8))
        files += files_of(*told, told_at=f"2026-07-{day:02}")
    return files


@contextmanager
def told(url: str, files: Sequence[File], *, checked: bool = False) -> Iterator[Story]:
    """A ledger into which these files were imported, caught up after each one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catching_up, "GROWN_MUCH", 10**9)
        story = Story(url, checked=checked)
        try:
            for file in files:
                story.imports_file(file)
                story.digests()
            yield story
        finally:
            story.close()


@contextmanager
def file_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'ledger.db'}"


@settings(max_examples=EXAMPLES)
@given(downloads())
def test_caught_up_is_rebuilt_and_postings_sum_to_zero_after_every_file(files: list[File]) -> None:
    """Row for row, by the digest over all of them; every check of a story is made after each file."""
    with file_url() as url, told(url, files, checked=True) as story:
        story.check()


@settings(max_examples=EXAMPLES)
@given(downloads(), st.randoms(use_true_random=False), st.data())
def test_the_order_in_which_files_arrive_does_not_matter(
    files: list[File], random: object, data: st.DataObject
) -> None:
    """Nor how often each of them does."""
    again = data.draw(st.lists(st.sampled_from(files), max_size=3))
    other = data.draw(st.permutations([*files, *again]))
    with (
        file_url() as one_url,
        file_url() as other_url,
        told(one_url, files) as one,
        told(other_url, other) as another,
    ):
        for projection in PROJECTIONS:
            assert one.rows(projection) == another.rows(projection)


@pytest.mark.postgres
@settings(max_examples=6)
@given(downloads())
def test_the_same_files_make_the_same_rows_on_every_database(files: list[File]) -> None:
    server = postgres.fresh_database()
    try:
        with file_url() as url, told(url, files) as one, told(server, files) as other:
            assert one.digests() == other.digests()
    finally:
        postgres.drop(server)


FATES = ["kept", "missing", "missing, paid", "restocked", "damaged", "damaged, paid", "paid, back"]


@st.composite
def fates(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    """Orders and what became of each of their units."""
    return [
        (order, draw(st.lists(st.sampled_from(FATES), min_size=1, max_size=4))) for order in ORDERS
    ]


def happenings(order: str, units: list[str]) -> Iterator[Told]:
    """What the reports tell of an order whose units had these fates."""
    price = 20 * len(units)
    yield sold(order, "2026-05-01", quantity=len(units), price=f"{price}.00")
    for number, fate in enumerate(units):
        on = f"2026-05-{number + 10}"
        name = f"{order[-1]}{number}"
        if fate != "kept":
            yield refunded(order, on, number=name)
        if fate in ("restocked", "paid, back"):
            yield returned(order, on)
        if fate.startswith("damaged"):
            yield returned(order, on, disposition="DAMAGED")
        if fate.endswith("paid") or fate == "paid, back":
            yield reimbursed(f"2026-06-{number + 10}", name, order=order)
        if fate == "paid, back":
            yield taken_back(f"2026-06-{number + 20}", f"9{name}", of=name)


@settings(max_examples=EXAMPLES)
@given(fates())
def test_a_unit_is_restocked_paid_for_or_open_and_never_two_of_them(
    orders: list[tuple[str, list[str]]],
) -> None:
    """What is claimed, what was paid and what is in stock again never exceed what was refunded.

    Where units of an order met different fates, a payment may be for either of two: both are in review, and
    neither is open. A unit that was paid too little is paid: what is asked for is the rest.
    """
    period = ("2026-05-01", "2026-07-10")
    all_told = [one for order, units in orders for one in happenings(order, units)]
    files = files_of(*all_told, told_at="2026-07-10", period=period)
    with file_url() as url, told(url, files) as story:
        claimed: defaultdict[str | None, int] = defaultdict(int)
        in_review: defaultdict[str | None, int] = defaultdict(int)
        for finding in story.rows(ELIGIBILITY):
            if finding.standing == "open":
                claimed[finding.order_id] += finding.quantity
            if finding.standing == "review" and finding.claim_type != "underpaid":
                in_review[finding.order_id] += finding.quantity
        rows = {row.order_id: row for row in story.rows(STATUS)}
        for order, units in orders:
            row = rows[order]
            restocked = sum(fate in ("restocked", "paid, back") for fate in units)
            paid = sum(fate.endswith(", paid") for fate in units)
            refunds = sum(fate != "kept" for fate in units)
            assert (len(units), refunds, paid) == (
                row.units_shipped,
                row.units_refunded,
                row.units_reimbursed,
            )
            assert claimed[order] + row.units_reimbursed + restocked <= row.units_refunded
            assert row.units_refunded <= len(units)
            if len(set(units) - {"kept"}) <= 1:
                settled_units = claimed[order] + in_review[order] + row.units_reimbursed
                assert settled_units + restocked <= row.units_refunded
