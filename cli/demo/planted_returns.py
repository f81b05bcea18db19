"""The planted cases of customer returns: refunded and gone, damaged, not restocked, paid too little."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from cli.demo.plot import Plot, ago
from cli.demo.truth import RE_EVALUATION, Expected, standing, window
from cli.demo.world import AS_OF, FIRST_DAY, Refund, at, pacific_day


def plant_returns(plot: Plot) -> None:
    """Every case that begins with a refund."""
    _missing_by_window(plot)
    _missing_and_paid(plot)
    _missing_of_several(plot)
    _replaced(plot)
    _came_back_after_all(plot)
    _paid_and_came_back(plot)
    _damaged(plot)
    _not_restocked(plot)
    _underpaid(plot)


def _missing_by_window(plot: Plot) -> None:
    """Refunded, never returned, never paid: only the day decides."""
    moments: tuple[tuple[str, datetime, int], ...] = (
        ("day-59", at(ago(59), 0, 20), 0),
        ("day-30", plot.dice.moment(ago(30)), 0),
        ("day-6", plot.dice.moment(ago(6)), 0),
        ("day-60", at(ago(60), 13, 5), 0),
        ("day-60-late-evening", at(ago(60), 23, 40), 0),
        ("day-90-promotion", plot.dice.moment(ago(90)), 500),
        ("day-120-early-morning", at(ago(120), 0, 10), 0),
        ("day-120-late-evening", at(ago(120), 22, 15), 0),
        ("day-121-late-evening", at(ago(121), 22, 15), 0),
        ("day-135", plot.dice.moment(ago(135)), 0),
    )
    for name, moment, promotion in moments:
        refund = plot.refunded(moment, promotion=promotion)
        plot.expect_window(
            refund,
            f"return-missing-{name}",
            "Refunded, never returned, never paid; the window is day 60 to day 120 after the refund.",
            "return_missing",
            reason="never came back",
        )


def pay_missing(plot: Plot, refund: Refund, days: int, *, case_id: str = "") -> None:
    """Amazon pays the right amount for a refunded unit that stayed away."""
    line = refund.line
    plot.reimburse(
        plot.dice.moment(pacific_day(refund.moment) + timedelta(days=days)),
        "CustomerReturn",
        line.product,
        line.unit_worth,
        order_id=refund.order.order_id,
        case_id=case_id,
    )


def missing_and_paid(
    plot: Plot, moment: datetime, days: int, *, case_id: str = "", shipped: date | None = None
) -> None:
    """Refunded, never returned, and paid for by Amazon some days later."""
    refund = plot.refunded(moment, shipped=shipped)
    pay_missing(plot, refund, days, case_id=case_id)
    why = f"Never returned; Amazon paid the order's price less the referral fee after {days} days."
    expect_paid(plot, refund, "return-missing-paid", why)


def expect_paid(
    plot: Plot, refund: Refund, case: str, why: str, claim_type: str = "return_missing"
) -> None:
    """One unit of the refund was paid what it is worth."""
    worth = refund.line.unit_worth
    plot.expect_plain(
        refund.order,
        case,
        why,
        claim_type,
        "paid",
        reason="paid",
        amounts=(("amount_expected", worth), ("amount_paid", worth), ("amount_open", 0)),
    )


def _missing_and_paid(plot: Plot) -> None:
    missing_and_paid(plot, at(ago(133), 10, 30), 43)
    missing_and_paid(plot, at(ago(101), 16, 45), 44)
    missing_and_paid(plot, at(ago(47), 9, 15), 43)
    missing_and_paid(plot, at(ago(110), 12, 20), 78, case_id=plot.dice.digits(11))


def _missing_of_several(plot: Plot) -> None:
    """Orders of several units of which some came back."""
    why = "Two units refunded, one came back."
    refund = plot.refunded(at(ago(75), 11, 0), quantity=2)
    plot.come_back(refund.order, refund.moment + timedelta(days=4))
    plot.expect_window(refund, "return-missing-one-of-two", why, "return_missing")

    refund = plot.refunded(at(ago(88), 11, 0), quantity=2, units=1)
    again = plot.refund(refund.order, refund.moment + timedelta(minutes=7))
    plot.come_back(refund.order, again.moment + timedelta(days=5))
    plot.expect_window(
        refund, "return-missing-one-of-two-refunds", why + " Two transactions.", "return_missing"
    )

    refund = plot.refunded(at(ago(100), 15, 0), quantity=3)
    plot.come_back(refund.order, refund.moment + timedelta(days=3))
    pay_missing(plot, refund, 43)
    why = "Three units refunded: one came back, one was paid, one is open."
    plot.expect_window(refund, "return-missing-one-of-three", why, "return_missing")
    expect_paid(plot, refund, "return-missing-one-of-three", why)

    for days in (66, 115):
        refund = plot.refunded(at(ago(days), 15, 0), quantity=2)
        pay_missing(plot, refund, 44)
        why = "Two units refunded, neither came back, and Amazon paid for one only."
        plot.expect_window(refund, "return-missing-paid-for-one", why, "return_missing")
        expect_paid(plot, refund, "return-missing-paid-for-one", why)

    first, second = plot.own_product(), plot.own_product()
    order = plot.order(
        plot.dice.moment(ago(84)), plot.line(first), plot.line(second), order_id=None
    )
    plot.refund(order, at(ago(70), 10, 0))
    open_one = plot.refund(order, at(ago(70), 10, 0, 30), line=order.lines[1])
    plot.come_back(order, at(ago(66), 12, 0))
    plot.expect_window(
        open_one,
        "return-missing-other-sku",
        "Two SKUs of one order refunded; the other one came back, this one did not.",
        "return_missing",
    )


def _replaced(plot: Plot) -> None:
    """Replaced orders whose unit came back under one order id or the other."""
    for days in (72, 95):
        refund = plot.refunded(at(ago(days), 14, 0))
        again = plot.replace(refund.order, ago(days + 5))
        plot.come_back(again, at(ago(days - 6), 9, 30))
        plot.expect_plain(
            refund.order,
            "return-under-replacement-order",
            "The unit came back under the replacement's order id: nothing is missing.",
            "return_missing",
            None,
        )
    for days in (168, 120, 99, 50, 17):
        order = plot.sale(ago(days), plot.dice.pick(plot.bestsellers))
        again = plot.replace(order, ago(days - 7) if days > 20 else ago(3))
        plot.come_back(order, at(ago(max(days - 16, 2)), 8, days % 60), reason="DEFECTIVE")


def _came_back_after_all(plot: Plot) -> None:
    """Late, unlabelled, refused, with a code nobody knows: what came back is not missing."""
    late = plot.refunded(at(ago(100), 10, 0))
    plot.come_back(late.order, at(ago(38), 10, 0))
    first = plot.refunded(at(FIRST_DAY + timedelta(days=7), 10, 0), shipped=FIRST_DAY)
    plot.come_back(first.order, at(FIRST_DAY + timedelta(days=9), 10, 0))
    early = plot.refunded(at(ago(80), 10, 0))
    plot.come_back(early.order, at(ago(83), 23, 55))
    refused = plot.refunded(at(ago(93), 10, 0))
    plot.come_back(refused.order, at(ago(91), 6, 0), reason="UNDELIVERABLE_REFUSED", plate=False)
    unclaimed = plot.refunded(at(ago(65), 10, 0))
    plot.come_back(
        unclaimed.order, at(ago(63), 6, 0), reason="UNDELIVERABLE_UNCLAIMED", plate=False
    )
    unknown = plot.refunded(at(ago(77), 10, 0))
    plot.come_back(unknown.order, at(ago(74), 6, 0), reason="SCENT_NOT_AS_EXPECTED")
    moved = plot.refunded(at(ago(66), 10, 0))
    plot.come_back(
        moved.order,
        at(ago(55), 21, 30),
        first_told=(at(ago(56), 16, 45), "Unit returned to inventory"),
    )
    later = plot.refunded(at(ago(62), 10, 0))
    plot.come_back(
        later.order, at(ago(52), 8, 0), first_told=(at(ago(52), 8, 0), "Data not available")
    )
    lately = [plot.refunded(at(ago(days), 17, 0)) for days in (37, 27, 18, 11)]
    for refund in lately:
        plot.come_back(refund.order, refund.moment + timedelta(days=3, hours=4))
    for refund in (late, first, early, refused, unclaimed, unknown, moved, later, *lately):
        plot.expect_plain(
            refund.order,
            "returned-after-all",
            "The unit came back, however late or however told.",
            "return_missing",
            None,
        )
    for days in (89, 71):
        part = plot.refunded(at(ago(days), 16, 0), percent=30)
        plot.expect_plain(
            part.order,
            "refunded-in-part",
            "Three tenths of the price were given back for a blemish: the buyer keeps the unit.",
            "return_missing",
            None,
        )
    for days in (92, 64):
        concession = plot.refunded(at(ago(days), 10, 0), shipping=599, shipping_only=True)
        plot.expect_plain(
            concession.order,
            "shipping-refunded-only",
            "Only the postage was given back: no unit was to be returned.",
            "return_missing",
            None,
        )


def _paid_and_came_back(plot: Plot) -> None:
    """Paid as missing, and then the unit came back: the money may be taken back, or already was."""
    for days, back in ((118, 58), (105, 71)):
        refund = plot.refunded(at(ago(days), 10, 0))
        pay_missing(plot, refund, 43)
        plot.come_back(refund.order, at(ago(days - back), 13, 0))
        plot.expect_plain(
            refund.order,
            "paid-and-came-back",
            "Amazon paid for the unit, then it came back and was restocked.",
            "return_missing",
            "overpaid",
            reason="came back after it was paid",
            amounts=(("amount_paid", refund.line.unit_worth),),
        )
    product = plot.own_product()
    refund = plot.refunded(at(ago(114), 10, 0), product=product)
    worth = refund.line.unit_worth
    paid = plot.reimburse(
        at(ago(71), 12, 0), "CustomerReturn", product, worth, order_id=refund.order.order_id
    )
    plot.come_back(refund.order, at(ago(45), 13, 0))
    plot.reimburse(
        at(ago(43), 12, 0),
        "Reimbursement_Reversal",
        product,
        -worth,
        -1,
        inventory=1,
        original=paid,
    )
    why = "Paid, came back, and the payment was taken back: even."
    plot.expect_plain(refund.order, "reversal-after-return", why, "return_missing", None)
    plot.expect(
        Expected(
            case="reversal-after-return",
            why=why,
            claim_type="reversal_unsupported",
            verdict="not_claimable",
            sku=product.sku,
            fnsku=product.fnsku,
            reason="the unit came back",
        )
    )


def _damaged(plot: Plot) -> None:
    """Graded on arrival: who bears it is a matter of the disposition."""
    for disposition, days in (("DAMAGED", 68), ("DAMAGED", 112), ("CARRIER_DAMAGED", 86)):
        refund = plot.refunded(at(ago(days), 12, 0))
        plot.come_back(
            refund.order,
            at(ago(days - 4), 22, 30),
            disposition,
            restocked=False,
            status="Data not available",
            reason="DAMAGED_BY_FC" if disposition == "DAMAGED" else "DAMAGED_BY_CARRIER",
        )
        plot.expect_window(
            refund,
            f"return-{disposition.lower().replace('_', '-')}-unpaid",
            "Came back damaged in Amazon's hands and was not paid; the rule on dispositions is only "
            "paraphrased, so a person must look.",
            "return_damaged",
            verdict="review",
            reason="disposition",
        )
    paid = (("DAMAGED", 96, "Reimbursed"), ("DAMAGED", 54, "Data not available"))
    for disposition, days, status in (*paid, ("CARRIER_DAMAGED", 79, "Reimbursed")):
        refund = plot.refunded(at(ago(days), 12, 0))
        moment = at(ago(days - 3), 9, 0)
        plot.come_back(refund.order, moment, disposition, restocked=False, status=status)
        pay_missing(plot, refund, 5)
        why = "Came back damaged in Amazon's hands, and Amazon paid."
        expect_paid(plot, refund, "return-damaged-paid", why, "return_damaged")
    for disposition, days in (
        ("CUSTOMER_DAMAGED", 108),
        ("CUSTOMER_DAMAGED", 73),
        ("DEFECTIVE", 97),
        ("DEFECTIVE", 61),
    ):
        seller_bears(plot, at(ago(days), 12, 0), disposition, 4)


def seller_bears(
    plot: Plot, moment: datetime, disposition: str, days: int, *, shipped: date | None = None
) -> None:
    """Came back unsellable through no fault of Amazon's."""
    refund = plot.refunded(moment, shipped=shipped)
    plot.come_back(
        refund.order,
        moment + timedelta(days=days),
        disposition,
        reason="DEFECTIVE" if disposition == "DEFECTIVE" else None,
    )
    plot.expect_plain(
        refund.order,
        f"return-{disposition.lower().replace('_', '-')}",
        "The seller bears what the customer damaged and what was defective.",
        "return_damaged",
        "not_claimable",
        reason="the seller bears it",
    )


def _not_restocked(plot: Plot) -> None:
    """Graded sellable, and no row of the inventory ledger puts the unit back."""
    cases = (
        (64, 3, "Unit returned to inventory"),
        (90, 5, "Unit returned to inventory"),
        (119, 2, "Data not available"),
        (41, 4, "Unit returned to inventory"),
        (130, 4, "Unit returned to inventory"),
    )
    for days, back, status in cases:
        refund = plot.refunded(at(ago(days), 12, 0), product=plot.own_product())
        plot.come_back(refund.order, at(ago(days - back), 18, 0), restocked=False, status=status)
        plot.expect_window(
            refund,
            f"return-not-restocked-day-{days}",
            "Came back sellable; no CustomerReturns row of its FNSKU within three days of the return.",
            "return_not_restocked",
            reason="not restocked",
        )
    for days in (107, 69):
        refund = plot.refunded(at(ago(days), 12, 0), product=plot.own_product())
        arrived = at(ago(days - 4), 18, 0)
        plot.come_back(refund.order, arrived, restocked=False, status="Reimbursed")
        pay_missing(plot, refund, 6)
        why = "Graded sellable, never restocked, and paid for at once instead: even."
        for claim_type in ("return_not_restocked", "return_missing"):
            plot.expect_plain(refund.order, "paid-instead-of-restocked", why, claim_type, None)


def _underpaid(plot: Plot) -> None:
    """Paid less than the order's price less the referral fee; the amount may be disputed for 60 days."""
    for days, percent in ((12, 45), (60, 50), (61, 50), (85, 30)):
        refund = plot.refunded(at(ago(days + 43), 12, 0))
        line, approved = refund.line, at(ago(days), 14, 0)
        amount = line.unit_worth * percent // 100
        plot.reimburse(
            approved, "CustomerReturn", line.product, amount, order_id=refund.order.order_id
        )
        opens, closes = window(pacific_day(approved), RE_EVALUATION)
        open_still = standing(opens, closes, AS_OF) == "ready"
        plot.expect(
            Expected(
                case=f"underpaid-day-{days}",
                why=f"Amazon paid about {percent} per cent of the order's price less the referral fee.",
                claim_type="underpaid",
                verdict="underpaid" if open_still else "expired",
                sku=line.product.sku,
                fnsku=line.product.fnsku,
                order_id=refund.order.order_id,
                reason="less than the order's price less fees",
                opens=opens,
                closes=closes,
                amounts=(
                    ("amount_expected", line.unit_worth),
                    ("amount_paid", amount),
                    ("amount_open", line.unit_worth - amount),
                ),
            )
        )
