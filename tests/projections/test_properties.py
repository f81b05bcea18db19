"""What must hold whatever is told, in whatever order, on whichever database."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.event import Deed, order_stream
from ledger.events.arrivals import UnitsReceived
from ledger.events.claims import ClaimDecided, ClaimFiled, ClaimPaid, ClaimPaymentReversed
from ledger.events.deliveries import OrderDispatched, OrderTold
from ledger.events.refunds import ConcessionGranted, RefundGiven, RefundPart, ReplacementSent
from ledger.events.requests import (
    DeclineOverridden,
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
    ReturnLabelIssued,
)
from ledger.values import Money
from projections import ELIGIBILITY, LIABILITY, PROJECTIONS, STATUS, moments
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
        patch.setattr(moments, "GROWN_MUCH", 10**9)
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


# --- what the seller tells ----------------------------------------------------------------------


class Said(NamedTuple):
    """Something that the seller tells of an order, and when it happened."""

    order: str
    on: str
    deed: Deed


def dollars(text: str) -> Money:
    return Money.of(text, "USD")


@st.composite
def sayings(draw: st.DrawFn) -> Said:
    """One thing about one of the few orders, whether or not it makes sense where it is told."""
    order, sku, on = draw(orders), draw(skus), draw(days)
    of: dict[str, Any] = {"order_id": order, "sku": sku}
    amount = dollars(draw(prices))
    claim = f"C-{draw(ids)}"
    door: Any = draw(st.sampled_from(["fba", "safe_t", "a_to_z", "carrier"]))
    number = draw(st.sampled_from([None, "1", "2"]))
    parts = (RefundPart(draw(st.sampled_from(["item", "shipping"])), amount),)
    trigger: Any = draw(st.sampled_from(["manual", "a_to_z", "returnless", "goodwill"]))
    kind: Any = draw(st.sampled_from(["partial_refund", "voucher"]))
    label: Any = draw(st.sampled_from(["amazon_prepaid", "own_domestic"]))
    deed = draw(
        st.sampled_from(
            [
                OrderTold(**of, quantity=2, marketplace="US", price=amount),
                OrderDispatched(**of, postage=amount),
                RequestReceived(**of),
                ReturnAuthorized(**of),
                ReturnDeclined(**of, rule_id="r"),
                DeclineOverridden(**of),
                ReturnFirstScanned(**of),
                ReturnLabelIssued(**of, payer="seller", kind=label, cost=amount),
                UnitsReceived(**of, quantity=2),
                RefundGiven(**of, by="seller", trigger=trigger, parts=parts),
                ConcessionGranted(**of, kind=kind, amount=amount, why="w"),
                ReplacementSent(**of, cost=amount),
                ClaimFiled(claim=claim, claim_type=door, door=door, sku=sku),
                ClaimDecided(claim=claim, outcome="granted", funded_by="amazon"),
                ClaimPaid(claim=claim, amount=amount, reimbursement_id=number),
                ClaimPaymentReversed(claim=claim, amount=amount, reimbursement_id=number),
            ]
        )
    )
    return Said(order, on, deed)


def tell(story: Story, steps: Sequence[File | Said]) -> None:
    """One step after the other; the tables are caught up after each."""
    for step in steps:
        if isinstance(step, File):
            story.imports_file(step)
        else:
            story.appends(order_stream(step.order), step.deed, occurred_at=step.on)
        story.digests()


@settings(max_examples=EXAMPLES)
@given(downloads(), st.lists(sayings(), max_size=8), st.data())
def test_caught_up_is_rebuilt_whatever_the_seller_tells_between_two_files(
    files: list[File], said: list[Said], data: st.DataObject
) -> None:
    """And every event's postings sum to zero: every check of a story is made after each step."""
    steps: list[File | Said] = data.draw(st.permutations([*files, *said]))
    with file_url() as url, told(url, [], checked=True) as story:
        tell(story, steps)


TWICE = ["asked", "back", "refunded", "conceded", "safe_t", "fba", "label"]


def both_tell(order: str, what: Sequence[str]) -> tuple[list[Told], list[Said]]:
    """What the reports tell of an order of three units, and the same in the seller's words."""
    reports = [sold(order, "2026-05-01", quantity=3, price="60.00", by="MFN")]
    said: list[Said] = []

    def say(on: str, *deeds: Deed) -> None:
        said.extend(Said(order, on, deed) for deed in deeds)

    of: dict[str, Any] = {"order_id": order, "sku": "SKU-1"}
    claim: Any = {"claim": "C-1", "sku": "SKU-1"}
    if "asked" in what or "back" in what:
        delivered = "2026-05-12" if "back" in what else ""
        reports.append(requested(order, "2026-05-08", delivered=delivered))
        say("2026-05-08", RequestReceived(**of))
    if "back" in what:
        say("2026-05-12", UnitsReceived(**of))
    if "refunded" in what:
        reports.append(refunded(order, "2026-05-14", number=f"1{order[-1]}", by="MFN"))
        parts = (RefundPart("item", dollars("20.00")),)
        say("2026-05-13", RefundGiven(**of, by="seller", trigger="manual", parts=parts))
    if "conceded" in what:
        kept = [("ItemPrice", "Goodwill", "-5.00")]
        reports.append(
            refunded(
                order, "2026-05-20", principal="0.00", number=f"2{order[-1]}", by="MFN", more=kept
            )
        )
        say(
            "2026-05-19",
            ConcessionGranted(**of, kind="partial_refund", amount=dollars("5.00"), why="w"),
        )
    if "safe_t" in what:
        name = "SAFE-T Reimbursement"
        reports.append(
            settled(
                "2026-06-08",
                transaction=name,
                kind="Other Transactions",
                what=name,
                amount="12.00",
                order=order,
            )
        )
        say("2026-06-01", ClaimFiled(**claim, claim_type="safe_t", door="safe_t"))
        say("2026-06-07", ClaimPaid(claim="C-1", amount=dollars("12.00")))
    if "fba" in what:
        number = f"9{order[-1]}"
        reports.append(reimbursed("2026-06-09", number, order=order))
        say("2026-06-02", ClaimFiled(claim="C-2", claim_type="fba", door="fba", sku="SKU-1"))
        say(
            "2026-06-08",
            ClaimPaid(claim="C-2", amount=dollars("15.00"), reimbursement_id=number),
        )
    if "label" in what:
        label = "Shipping label purchase for return"
        reports.append(
            settled("2026-05-11", kind="other-transaction", what=label, amount="-3.00", order=order)
        )
        say(
            "2026-05-09",
            ReturnLabelIssued(**of, payer="seller", kind="amazon_prepaid", cost=dollars("3.00")),
        )
    return reports, said


def borne(story: Story) -> Counter[tuple[Any, ...]]:
    """What is posted, however its events are named."""
    return Counter(
        (row.order_id, row.party, row.line, row.amount, row.provisional)
        for row in story.rows(LIABILITY)
    )


def units(story: Story) -> dict[str, tuple[Any, ...]]:
    return {
        row.order_id: (row.units_shipped, row.units_refunded, row.units_returned)
        for row in story.rows(STATUS)
    }


@settings(max_examples=EXAMPLES)
@given(st.lists(st.sets(st.sampled_from(TWICE)), min_size=1, max_size=3), st.data())
def test_what_reports_and_the_seller_both_tell_counts_once_in_any_order(
    fates_of: list[set[str]], data: st.DataObject
) -> None:
    """Units and money are those of the reports alone, and nothing is provisional any more.

    What the seller tells of one order keeps its order: nobody decides a claim before he files it.
    """
    both = [both_tell(order, sorted(what)) for order, what in zip(ORDERS, fates_of, strict=False)]
    files = files_of(*(one for reports, _ in both for one in reports), told_at="2026-07-01")
    said = [one for _, sayings_ in both for one in sayings_]
    turns = data.draw(st.permutations([True] * len(files) + [False] * len(said)))
    waiting: dict[bool, Iterator[File | Said]] = {
        True: iter(data.draw(st.permutations(files))),
        False: iter(said),
    }
    with (
        file_url() as one_url,
        file_url() as other_url,
        told(one_url, files) as reports_alone,
        told(other_url, []) as both_told,
    ):
        tell(both_told, [next(waiting[turn]) for turn in turns])

        assert borne(reports_alone) == borne(both_told)
        assert units(reports_alone) == units(both_told)
