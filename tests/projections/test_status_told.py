"""How far returns have come by what the seller tells and decides, alone and beside what reports tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ledger.desk import received_units
from ledger.event import Deed, order_stream
from ledger.events.arrivals import UnitsReceived
from ledger.events.claims import (
    AppealDecided,
    AppealFiled,
    ClaimDecided,
    ClaimDrafted,
    ClaimFiled,
    ClaimPaid,
    ClaimPaymentReversed,
)
from ledger.events.deliveries import OrderDelivered, OrderTold
from ledger.events.keeping import EntryCorrected, NoteAdded
from ledger.events.messages import ReviewThreatened
from ledger.events.refunds import (
    ConcessionGranted,
    RefundGiven,
    RefundPart,
    ReplacementSent,
    Trigger,
)
from ledger.events.requests import (
    DeclineOverridden,
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
    WithdrawalDeclared,
)
from ledger.values import Money
from tests.story import (
    ASIN,
    ORDER,
    OTHER_ORDER,
    SKU,
    Story,
    ordered,
    refunded,
    reimbursed,
    requested,
    returned,
    settled,
    sold,
)

STREAM = order_stream(ORDER)


def dollars(minor: int) -> Money:
    return Money(minor, "USD")


def order_told(*, quantity: int = 1, price: int = 2000, sku: str = SKU) -> OrderTold:
    return OrderTold(
        order_id=ORDER,
        sku=sku,
        asin=ASIN,
        quantity=quantity,
        marketplace="US",
        price=dollars(price),
    )


def given(
    minor: int = 2000, *, quantity: int = 1, trigger: Trigger = "manual", tax: int = 0
) -> RefundGiven:
    parts = [RefundPart(component="item", amount=dollars(minor))]
    parts += [RefundPart(component="item_tax", amount=dollars(tax))] if tax else []
    return RefundGiven(
        order_id=ORDER, sku=SKU, quantity=quantity, by="seller", trigger=trigger, parts=tuple(parts)
    )


def filed(door: Any = "safe_t", *, sku: str | None = SKU, **more: Any) -> ClaimFiled:
    return ClaimFiled(claim="C-1", claim_type=door, door=door, sku=sku, **more)


def about(event: type[Deed], /, **more: Any) -> Any:
    """An event about the one SKU of the order."""
    return event(order_id=ORDER, sku=SKU, **more)


def tells(story: Story, *deeds: Deed | tuple[str, Deed], order: str = ORDER) -> None:
    """The seller tells one thing after the other, a day each unless he names it."""
    for number, one in enumerate(deeds, 1):
        on, deed = one if isinstance(one, tuple) else (f"2026-07-{number:02}", one)
        story.appends(order_stream(order), deed, occurred_at=on)


def counted(story: Story, order: str = ORDER) -> tuple[int | None, int, int, int]:
    """Units shipped, refunded, returned and reimbursed."""
    row = story.status(order)
    return row.units_shipped, row.units_refunded, row.units_returned, row.units_reimbursed


@pytest.mark.parametrize(
    ("deeds", "status"),
    [
        ([about(RequestReceived)], "requested"),
        ([about(WithdrawalDeclared)], "requested"),
        ([about(ReturnAuthorized)], "authorized"),
        ([about(ReturnDeclined, rule_id="r")], "declined"),
        ([about(ReturnDeclined, rule_id="r"), about(DeclineOverridden)], "authorized"),
        ([about(ReturnDeclined, rule_id="r"), about(ReturnAuthorized)], "authorized"),
        ([about(ReturnAuthorized), about(ReturnDeclined, rule_id="r")], "declined"),
        (
            [about(ReturnDeclined, rule_id="r", rma_id="A"), about(DeclineOverridden, rma_id="B")],
            "declined",
        ),
        ([about(ReturnAuthorized), about(ReturnFirstScanned)], "in_transit"),
        ([about(UnitsReceived), about(ReturnFirstScanned)], "returned"),
        ([about(UnitsReceived), given(500)], "refunded"),
        (
            [ConcessionGranted(order_id=ORDER, kind="partial_refund", amount=dollars(500), why="w")],
            "refunded",
        ),
        (
            [ConcessionGranted(order_id=ORDER, kind="voucher", amount=dollars(500), why="w")],
            None,
        ),
        ([given(), about(ReplacementSent)], "replaced"),
        ([given(), filed()], "disputed"),
        ([given(), filed("a_to_z", by="buyer")], "disputed"),
        ([given(trigger="a_to_z")], "disputed"),
        ([given(), filed("fba")], "refunded"),
        ([given(), filed("carrier")], "refunded"),
        ([given(), ClaimDrafted(claim="C-1", claim_type="safe_t", door="safe_t")], "refunded"),
        ([given(), ReviewThreatened(order_id=ORDER)], "refunded"),
        ([given(), filed(), ClaimDecided(claim="C-1", outcome="denied")], "refunded"),
        (
            [given(), filed(), ClaimDecided(claim="C-1", outcome="denied"), AppealFiled(claim="C-1")],
            "disputed",
        ),
        (
            [
                given(),
                filed(),
                ClaimDecided(claim="C-1", outcome="denied"),
                AppealFiled(claim="C-1"),
                AppealDecided(claim="C-1", outcome="granted"),
                ClaimPaid(claim="C-1", amount=dollars(1500)),
            ],
            "reimbursed",
        ),
        (
            [
                given(),
                filed(),
                ClaimDecided(claim="C-1", outcome="granted"),
                ClaimPaid(claim="C-1", amount=dollars(1500)),
                ClaimPaymentReversed(claim="C-1", amount=dollars(1500)),
            ],
            "refunded",
        ),
        ([NoteAdded(text="n")], None),
    ],
)  # fmt: skip
def test_each_fact_moves_the_ladder(
    story: Story, deeds: Sequence[Deed], status: str | None
) -> None:
    tells(story, order_told(), *deeds)

    assert status == story.status().status


def test_an_order_that_only_the_seller_tells_has_a_row(story: Story) -> None:
    tells(story, ("2026-06-01", order_told(quantity=2, price=4000)))
    row = story.status()

    assert ("US", "FBM", SKU, ASIN, 2, None) == (
        row.marketplace,
        row.programme,
        row.sku,
        row.asin,
        row.units_shipped,
        row.status,
    )


def test_the_orders_report_counts_once_it_comes(story: Story) -> None:
    tells(story, order_told(quantity=3, price=6000))
    story.imports(ordered(ORDER, "2026-06-01", quantity=2, price="40.00", by="Merchant"))
    row = story.status()

    assert ("FBM", 2) == (row.programme, row.units_shipped)


@pytest.mark.parametrize("report_first", [True, False])
def test_what_both_tell_is_counted_once_in_either_order(story: Story, report_first: bool) -> None:
    """A request, its receipt and its refund: told by the seller, by the report and by the settlement."""

    def reports() -> None:
        story.imports(
            sold(ORDER, "2026-06-01", quantity=2, price="40.00", by="MFN"),
            requested(ORDER, "2026-06-10", refunded="20.00", delivered="2026-06-18"),
            refunded(ORDER, "2026-06-20", by="MFN"),
        )

    def seller() -> None:
        tells(
            story,
            ("2026-06-10T08:00:00Z", about(RequestReceived)),
            ("2026-06-18T09:00:00Z", about(UnitsReceived)),
            ("2026-06-19T09:00:00Z", given()),
        )

    for one in (reports, seller) if report_first else (seller, reports):
        one()

    assert (2, 1, 1, 0) == counted(story)
    assert story.status().status == "refunded"


def test_whoever_tells_of_more_units_tells_them_all(story: Story) -> None:
    story.imports(
        sold(ORDER, "2026-06-01", quantity=3, price="60.00", by="MFN"),
        requested(ORDER, "2026-06-10", delivered="2026-06-18"),
    )
    tells(story, about(UnitsReceived, quantity=2))

    assert story.status().units_returned == 2
    assert received_units(story.recall().case(STREAM), SKU) == 2


@pytest.mark.parametrize(
    ("refunds", "units"),
    [
        ([given(1800)], 0),
        ([given(1900)], 1),
        ([given(2000, tax=160)], 1),
        ([given(1000), given(1000)], 1),
        ([given(4000, quantity=2)], 2),
        ([given(4000, quantity=1)], 1),
        ([given(9000, quantity=5)], 3),
    ],
)
def test_refunds_that_no_settlement_tells_count_whole_units_by_their_price(
    story: Story, refunds: list[RefundGiven], units: int
) -> None:
    """As of settled refunds: 95 % of a unit's price, never more units than the seller says or sold."""
    story.imports(sold(ORDER, "2026-06-01", quantity=3, price="60.00", by="MFN"))
    tells(story, *refunds)

    assert story.status().units_refunded == units


@pytest.mark.parametrize(("item", "tax", "units"), [(1680, 320, 1), (1680, 0, 0)])
def test_a_price_that_the_seller_tells_has_its_tax_in_it(
    story: Story, item: int, tax: int, units: int
) -> None:
    tells(story, order_told(), given(item, tax=tax))

    assert story.status().units_refunded == units


def test_a_refund_of_an_order_without_a_price_is_of_the_units_that_the_seller_names(
    story: Story,
) -> None:
    story.imports(returned(ORDER, "2026-06-20"))
    tells(story, given(2000, quantity=2))

    assert story.status().units_refunded == 2


def test_refunded_and_not_returned_is_said_of_told_refunds_too(story: Story) -> None:
    """Where the report that would show the return speaks for the day; units that nobody wants back are none."""
    period = ("2026-06-01", "2026-07-31")
    story.imports(requested(OTHER_ORDER, "2026-06-10"), told_at="2026-07-31", period=period)
    tells(story, order_told(quantity=2, price=4000), ("2026-07-10", given(trigger="returnless")))
    kept = story.status().status
    tells(story, ("2026-07-12", given()))

    assert ("refunded", "refunded_not_returned") == (kept, story.status().status)


def test_a_unit_paid_for_by_claim_and_report_is_paid_for_once(story: Story) -> None:
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    tells(
        story,
        filed("fba"),
        ClaimDecided(claim="C-1", outcome="granted"),
        ClaimPaid(claim="C-1", amount=dollars(1500), reimbursement_id="77"),
    )
    told = counted(story)
    story.imports(reimbursed("2026-07-20", "77", order=ORDER))

    assert (1, 1, 0, 1) == told == counted(story)
    assert story.status().status == "reimbursed"


def test_units_of_a_safe_t_claim_are_paid_for_before_and_after_the_settlement(story: Story) -> None:
    """The settlement shows the money; the seller, who tells how the claim ended, ends the dispute."""
    story.imports(sold(ORDER, "2026-06-01", quantity=2, price="40.00", by="MFN"))
    tells(
        story,
        given(4000, quantity=2),
        filed(quantity=2),
        ClaimDecided(claim="C-1", outcome="granted"),
        ClaimPaid(claim="C-1", amount=dollars(3000)),
    )
    before = story.status()
    story.imports(
        settled(
            "2026-07-08",
            transaction="SAFE-T Reimbursement",
            kind="Other Transactions",
            what="SAFE-T Reimbursement",
            amount="30.00",
            order=ORDER,
        )
    )
    after = story.status()

    assert (2, "reimbursed") == (before.units_reimbursed, before.status)
    assert (2, "reimbursed") == (after.units_reimbursed, after.status)


def test_a_granted_claim_whose_payment_the_settlement_alone_tells_is_reimbursed(
    story: Story,
) -> None:
    tells(story, order_told(), given(), filed(), ClaimDecided(claim="C-1", outcome="granted"))
    story.imports(
        settled(
            "2026-07-08",
            transaction="SAFE-T Reimbursement",
            kind="Other Transactions",
            what="SAFE-T Reimbursement",
            amount="15.00",
            order=ORDER,
        )
    )

    assert story.status().status == "reimbursed"


def test_a_claim_about_a_whole_order_disputes_each_of_its_skus_and_adds_no_row(
    story: Story,
) -> None:
    tells(
        story,
        order_told(),
        order_told(sku="SKU-2"),
        filed("a_to_z", sku=None, by="buyer"),
    )

    assert [(SKU, "disputed"), ("SKU-2", "disputed")] == [
        (row.sku, row.status) for row in story.statuses()
    ]


def test_amazon_allows_in_its_report_what_the_seller_declined(story: Story) -> None:
    """The later of both stands; a report told before the decline does not undo it."""
    story.imports(requested(ORDER, "2026-07-01", status="Approved"), told_at="2026-07-02")
    tells(story, ("2026-07-03T10:00:00Z", about(ReturnDeclined, rule_id="r")))
    declined = story.status().status
    story.imports(requested(ORDER, "2026-07-01", status="Authorized"), told_at="2026-07-04")

    assert ("declined", "authorized") == (declined, story.status().status)


def test_what_was_corrected_does_not_count(story: Story) -> None:
    tells(story, ("2026-07-01", order_told()), ("2026-07-02", about(RequestReceived)))
    (wrong,) = story.appends(STREAM, given(), occurred_at="2026-07-03")
    before = story.status().status
    assert wrong.position is not None
    tells(story, ("2026-07-05", EntryCorrected(corrects=wrong.position, why="another order's")))
    row = story.status()

    assert ("refunded", "requested", 0) == (before, row.status, row.units_refunded)


def test_the_last_fact_may_be_the_sellers(story: Story) -> None:
    """Notes are no facts of the units; a delivery of the whole order is one of each SKU."""
    tells(
        story,
        ("2026-06-01", order_told()),
        ("2026-06-05T10:00:00Z", OrderDelivered(order_id=ORDER)),
        ("2026-06-09", NoteAdded(text="n")),
    )
    delivered = story.status().last_occurred_at
    tells(story, ("2026-06-20T08:00:00Z", about(RequestReceived, reason="CR-DEFECTIVE")))
    row = story.status()

    assert "2026-06-05T10:00:00Z" == delivered
    assert ("2026-06-20T08:00:00Z", "CR-DEFECTIVE") == (row.last_occurred_at, row.return_reason)
