"""How far returns have come: the furthest that holds, and quantities that never count a unit twice."""

from __future__ import annotations

import pytest

from tests.story import (
    ORDER,
    OTHER_ORDER,
    SKU,
    Story,
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


def test_an_order_of_which_only_the_sale_is_told_has_no_status(story: Story) -> None:
    """Nothing of the kind has happened: that is not a status, and not an empty row either."""
    story.imports(sold(ORDER, "2026-06-01", quantity=2))
    row = story.status()

    assert (None, 2, 0, 0, 0) == (
        row.status,
        row.units_shipped,
        row.units_refunded,
        row.units_returned,
        row.units_reimbursed,
    )


def test_orders_shipments_and_sales_confirm_each_other_and_do_not_add_up(story: Story) -> None:
    story.imports(
        ordered(ORDER, "2026-06-01", quantity=3, price="60.00"),
        shipped(ORDER, "2026-06-02", quantity=2, price="40.00"),
        sold(ORDER, "2026-06-02", quantity=2, price="40.00"),
    )

    assert story.status().units_shipped == 3


def test_a_cancelled_line_was_not_shipped(story: Story) -> None:
    story.imports(ordered(ORDER, "2026-06-01", quantity=3, status="Cancelled"))

    assert story.status().units_shipped == 0


def test_a_quantity_that_no_report_tells_is_unknown(story: Story) -> None:
    """A return alone says that something was shipped, and not how much."""
    story.imports(returned(ORDER, "2026-06-20"))
    row = story.status()

    assert (None, 1, "returned") == (row.units_shipped, row.units_returned, row.status)


@pytest.mark.parametrize(
    ("principal", "units", "status"),
    [
        ("0.00", 0, None),
        ("5.00", 0, "refunded"),
        ("18.99", 0, "refunded"),
        ("19.00", 1, "refunded"),
        ("20.00", 1, "refunded"),
        ("40.00", 2, "refunded"),
        ("80.00", 3, "refunded"),
    ],
)
def test_a_refund_gives_back_so_many_units_as_its_principal_pays(
    story: Story, principal: str, units: int, status: str | None
) -> None:
    """By the price of a unit, at least 95 % of it, and never more units than were sold."""
    story.imports(
        sold(ORDER, "2026-06-01", quantity=3, price="60.00"),
        refunded(ORDER, "2026-06-10", principal=principal),
    )
    row = story.status()

    assert (units, status) == (row.units_refunded, row.status)


def test_a_refund_without_a_known_price_is_for_one_unit(story: Story) -> None:
    story.imports(refunded(ORDER, "2026-06-10", principal="123.45"))

    assert story.status().units_refunded == 1


def test_refunded_and_not_returned_is_said_where_the_returns_report_speaks_for_the_day(
    story: Story,
) -> None:
    """Before that it is refunded, and nobody knows whether anything came back."""
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    before = story.status().status
    story.imports(
        returned(OTHER_ORDER, "2026-06-15"),
        told_at="2026-07-01",
        period=("2026-06-01", "2026-07-01"),
    )

    assert ("refunded", "refunded_not_returned") == (before, story.status().status)


def test_a_unit_that_comes_back_late_ends_refunded_and_not_returned(story: Story) -> None:
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    june = ("2026-06-01", "2026-06-30")
    story.imports(returned(OTHER_ORDER, "2026-06-15"), told_at="2026-06-30", period=june)
    july = ("2026-07-01", "2026-07-31")
    story.imports(
        returned(ORDER, "2026-07-15", disposition="CUSTOMER_DAMAGED"),
        told_at="2026-07-31",
        period=july,
    )
    row = story.status()

    assert ("refunded", 1, "CUSTOMER_DAMAGED") == (row.status, row.units_returned, row.disposition)


def test_a_payment_under_another_sku_counts_at_the_order_line_with_its_asin(story: Story) -> None:
    story.imports(ordered(ORDER, "2026-06-01"))
    story.imports(reimbursed("2026-07-20", "1", order=ORDER, sku="amzn.gr.SKU-1-x", fnsku="X9"))
    row = story.status()

    assert (SKU, 1, "reimbursed") == (row.sku, row.units_reimbursed, row.status)


def test_a_payment_without_a_sku_counts_where_the_order_has_only_one(story: Story) -> None:
    story.imports(
        ordered(ORDER, "2026-06-01"),
        ordered(OTHER_ORDER, "2026-06-01"),
        ordered(OTHER_ORDER, "2026-06-01", sku="SKU-2", asin="B000000002"),
        reimbursed("2026-07-20", "1", order=ORDER, sku="", asin="", fnsku=""),
        reimbursed("2026-07-20", "2", order=OTHER_ORDER, sku="", asin="", fnsku=""),
    )

    assert [(SKU, 1)] == [(row.sku, row.units_reimbursed) for row in story.statuses()]
    assert [(SKU, 0), ("SKU-2", 0), (None, 1)] == [
        (row.sku, row.units_reimbursed) for row in story.statuses(OTHER_ORDER)
    ]


def test_a_unit_in_kind_is_reimbursed_too(story: Story) -> None:
    story.imports(
        reimbursed("2026-07-20", "1", order=ORDER, amount="0.00", cash="0", inventory="2")
    )

    assert story.status().units_reimbursed == 2


def test_what_was_taken_back_elsewhere_is_not_reimbursed(story: Story) -> None:
    """The reversal names no order: it is recorded with the stock, and imported later."""
    story.imports(reimbursed("2026-07-20", "1", order=ORDER))
    before = story.status().units_reimbursed
    story.imports(taken_back("2026-07-25", "2", of="1"))
    row = story.status()

    assert (1, 0, None) == (before, row.units_reimbursed, row.status)


def test_a_reversal_whose_original_comes_later_is_not_forgotten(story: Story) -> None:
    story.imports(taken_back("2026-07-25", "2", of="1"))
    story.imports(reimbursed("2026-07-20", "1", order=ORDER, amount="30.00", cash="2"))

    assert story.status().units_reimbursed == 1


def test_what_the_seller_ships_goes_through_the_steps_of_a_request(story: Story) -> None:
    """Each telling shows it further; the row is one and the same."""
    steps = [
        ({"status": "Pending"}, "requested"),
        ({"status": "Approved"}, "authorized"),
        ({"status": "Declined"}, "declined"),
        ({"tracking": "1Z"}, "in_transit"),
        ({"tracking": "1Z", "delivered": "2026-07-10"}, "returned"),
        ({"delivered": "2026-07-10", "refunded": "20.00"}, "refunded"),
        ({"resolution": "Replacement"}, "replaced"),
        ({"a_to_z": "Y"}, "disputed"),
        ({"safe_t": "123", "refunded": "20.00"}, "disputed"),
        ({"status": "Closed", "refunded": "20.00"}, "closed"),
    ]
    seen = []
    for day, (said, _status) in enumerate(steps, 11):
        story.imports(
            requested(ORDER, "2026-07-01", **said),  # type: ignore[arg-type]
            told_at=f"2026-07-{day}",
        )
        row = story.status()
        seen.append(row.status)
        assert row.programme == "FBM"

    assert [status for _, status in steps] == seen


def test_the_returns_report_confirms_a_refund_of_the_settlement_and_adds_none(story: Story) -> None:
    story.imports(
        sold(ORDER, "2026-06-01", quantity=2, price="40.00", by="MFN"),
        refunded(ORDER, "2026-06-20", by="MFN"),
        requested(ORDER, "2026-06-10", refunded="20.00", delivered="2026-06-18"),
    )
    row = story.status()

    assert ("FBM", 2, 1, 1) == (
        row.programme,
        row.units_shipped,
        row.units_refunded,
        row.units_returned,
    )


def test_multi_channel_orders_are_amazons_to_fulfil(story: Story) -> None:
    story.imports(shipped("S01-0000001-0000001", "2026-06-01", price="", channel="Non-Amazon"))

    assert story.status("S01-0000001-0000001").programme == "FBA"


def test_a_replacement_and_a_claim_come_after_the_refund(story: Story) -> None:
    story.imports(
        sold(ORDER, "2026-06-01"),
        replaced(ORDER, "2026-06-15", by="114-9999999-9999999"),
        sold(OTHER_ORDER, "2026-06-01"),
        refunded(OTHER_ORDER, "2026-06-20", transaction="A-to-z Guarantee Refund"),
    )

    assert ("replaced", "disputed") == (story.status().status, story.status(OTHER_ORDER).status)


def test_a_replacement_that_comes_back_ends_refunded_and_not_returned(story: Story) -> None:
    """The return is told under the replacement's order id, and first of all."""
    replacement = "114-9999999-9999999"
    june = ("2026-06-01", "2026-06-30")
    story.imports(returned(replacement, "2026-06-25"), told_at="2026-06-30", period=june)
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    before = story.status().status
    story.imports(replaced(ORDER, "2026-06-12", by=replacement))
    row = story.status()

    assert ("refunded_not_returned", "replaced", 0) == (before, row.status, row.units_returned)
    assert story.status(replacement).units_returned == 1


def test_a_paid_safe_t_claim_is_a_dispute(story: Story) -> None:
    kind, what = "Other Transactions", "SAFE-T Reimbursement"
    story.imports(
        sold(ORDER, "2026-06-01", by="MFN"),
        settled(
            "2026-06-25",
            transaction="SAFE-T Reimbursement",
            kind=kind,
            what=what,
            amount="12.00",
            order=ORDER,
        ),
    )

    assert story.status().status == "disputed"


def test_the_last_thing_that_happened_is_dated_by_facts_with_a_date_of_their_own(
    story: Story,
) -> None:
    """When a file happened to be downloaded is not when anything happened."""
    story.imports(
        ordered(ORDER, "2026-06-01", updated="2026-07-30"),
        returned(ORDER, "2026-06-20T10:00:00+00:00"),
        told_at="2026-07-31",
    )

    assert story.status().last_occurred_at == "2026-06-20T10:00:00Z"


def test_a_revised_return_shows_as_amazon_tells_it_last(story: Story) -> None:
    story.imports(returned(ORDER, "2026-06-20", plate="LPN1"), told_at="2026-06-21")
    story.imports(
        returned(ORDER, "2026-06-22", plate="LPN1", disposition="DEFECTIVE"), told_at="2026-06-30"
    )
    row = story.status()

    assert (1, "DEFECTIVE") == (row.units_returned, row.disposition)
