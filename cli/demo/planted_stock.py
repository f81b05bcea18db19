"""The planted cases of Amazon's stock: lost, damaged, removed, paid for and taken back."""

from __future__ import annotations

from datetime import timedelta

from cli.demo.catalogue import Product
from cli.demo.plot import Plot, ago
from cli.demo.truth import FULFILMENT_CENTRE, REMOVAL_LOST, Expected, standing, window
from cli.demo.world import AS_OF, FIRST_DAY, LAST_DAY, Parcel, Removal, at


def plant_stock(plot: Plot) -> None:
    """Every case that begins in a fulfilment centre."""
    _lost(plot)
    _lost_alike(plot)
    _lost_and_closed(plot)
    _damaged(plot)
    _paid_all_along(plot)
    _reversals(plot)
    _removals_short(plot)
    _removals_whole(plot)


def _expect_stock(
    plot: Plot,
    product: Product,
    case: str,
    why: str,
    claim_type: str,
    *,
    days: int,
    quantity: int = 1,
    verdict: str | None = None,
) -> None:
    """An open unit in stock: 60 days from the day it was reported; what it cost is not known here."""
    opens, closes = window(ago(days), FULFILMENT_CENTRE)
    plot.expect(
        Expected(
            case=case,
            why=why,
            claim_type=claim_type,
            verdict=verdict or standing(opens, closes, AS_OF),
            sku=product.sku,
            fnsku=product.fnsku,
            quantity=quantity,
            reason="lost" if claim_type == "fc_lost" else "damaged",
            opens=opens,
            closes=closes,
            amounts=(("amount_expected", None), ("amount_open", None)),
        )
    )


def _expect_closed(
    plot: Plot,
    product: Product,
    case: str,
    why: str,
    claim_type: str,
    verdict: str | None,
    *,
    quantity: int = 1,
    paid: int | None = None,
    reason: str = "",
) -> None:
    plot.expect(
        Expected(
            case=case,
            why=why,
            claim_type=claim_type,
            verdict=verdict,
            sku=product.sku,
            fnsku=product.fnsku,
            quantity=quantity,
            reason=reason,
            amounts=() if paid is None else (("amount_paid", paid),),
        )
    )


def _lost(plot: Plot) -> None:
    """Misplaced, not found, not paid."""
    for days, code, quantity in (
        (60, "M", 1),
        (15, "M", 2),
        (33, "5", 1),
        (61, "M", 1),
        (110, "M", 3),
    ):
        product = plot.own_product()
        plot.adjust(ago(days), product, code, -quantity)
        _expect_stock(
            plot,
            product,
            f"fc-lost-day-{days}",
            f"Misplaced (code {code}), never found, never paid; claims are taken for 60 days.",
            "fc_lost",
            days=days,
            quantity=quantity,
        )
    product = plot.own_product()
    plot.adjust(ago(25), product, "M", -16, reconciled=5)
    for days in (23, 22, 20, 18, 11):
        plot.adjust(ago(days), product, "F", 1)
    _expect_stock(
        plot,
        product,
        "fc-lost-eleven-of-sixteen",
        "Amazon's own example: 16 misplaced, 5 found one by one, 11 unreconciled.",
        "fc_lost",
        days=25,
        quantity=11,
    )


def _lost_alike(plot: Plot) -> None:
    """Rows alike in every column are separate units: the report has no key."""
    for days, rows in ((44, 2), (29, 3)):
        product = plot.own_product()
        for _ in range(rows):
            plot.adjust(ago(days), product, "M", -1, reference="")
            _expect_stock(
                plot,
                product,
                "fc-lost-rows-alike",
                f"{rows} rows alike in every column: {rows} units.",
                "fc_lost",
                days=days,
            )


def _lost_and_closed(plot: Plot) -> None:
    """Misplaced, and then found, paid, or replaced in kind."""
    for days, found in ((82, 40), (31, 21)):
        product = plot.own_product()
        plot.adjust(ago(days), product, "M", -1, reconciled=1)
        plot.adjust(ago(found), product, "F", 1)
        why = "Misplaced and found again: nothing is owed."
        _expect_closed(plot, product, "fc-lost-found", why, "fc_lost", None)
    for days, quantity, reconciled in ((49, 1, 1), (9, 2, 0), (19, 1, 0)):
        lost_and_paid(plot, plot.own_product(), days, quantity, reconciled=reconciled)
    product = plot.own_product()
    plot.adjust(ago(57), product, "M", -1, reconciled=1)
    plot.adjust(ago(52), product, "N", 1)
    plot.reimburse(at(ago(52), 11, 0), "Lost_Warehouse", product, 0, 0, inventory=1)
    why = "Misplaced, and replaced in kind: the N row and the unit paid are one."
    _expect_closed(plot, product, "fc-lost-in-kind", why, "fc_lost", None)


def lost_and_paid(
    plot: Plot, product: Product, days: int, quantity: int, *, reconciled: int | None = None
) -> None:
    """Misplaced, and paid in cash some days later."""
    done = quantity if reconciled is None else reconciled
    plot.adjust(ago(days), product, "M", -quantity, reconciled=done)
    plot.reimburse(
        plot.dice.moment(ago(max(days - 4, 3))), "Lost_Warehouse", product, product.cost, quantity
    )
    _expect_closed(
        plot,
        product,
        "fc-lost-paid",
        "Misplaced and paid in cash, whatever the ledger still calls unreconciled.",
        "fc_lost",
        "paid",
        quantity=quantity,
        paid=product.cost * quantity,
        reason="paid",
    )


def _broken(plot: Plot, product: Product, days: int, code: str, pool: str, reconciled: int) -> None:
    """A unit is damaged at the centre: out of its pool by the code, into the damaged pool by P."""
    plot.adjust(ago(days), product, code, -1, reconciled=reconciled, disposition=pool)
    plot.adjust(ago(days), product, "P", 1, disposition="WAREHOUSE_DAMAGED")


def _damaged(plot: Plot) -> None:
    """Damaged at the centre."""
    for days in (60, 10, 61):
        product = plot.own_product()
        _broken(plot, product, days, "E", "SELLABLE", 0)
        _expect_stock(
            plot,
            product,
            f"fc-damaged-day-{days}",
            "Damaged at the centre (code E, its partner P is no second unit), never paid.",
            "fc_damaged",
            days=days,
        )
    for days in (39, 52):
        product = plot.own_product()
        _broken(plot, product, days, "E", "SELLABLE", 0)
        plot.adjust(ago(days - 6), product, "M", -1, reconciled=1, disposition="WAREHOUSE_DAMAGED")
        why = "Damaged, then misplaced in the damaged stock: one unit, one claim."
        case = "fc-damaged-then-misplaced"
        _expect_stock(plot, product, case, why, "fc_damaged", days=days)
        _expect_closed(plot, product, case, why, "fc_lost", None)
    for days in (45, 24):
        damaged_and_paid(plot, plot.own_product(), days)
    pools = {"7": "EXPIRED", "H": "CUSTOMER_DAMAGED", "K": "DEFECTIVE", "U": "DISTRIBUTOR_DAMAGED"}
    for number, (code, pool) in enumerate(pools.items()):
        product, days = plot.own_product(), 18 + 9 * number
        _broken(plot, product, days, code, pool, 0)
        _expect_stock(
            plot,
            product,
            f"fc-damaged-code-{code}",
            "Damaged at the centre when it was unsellable already: whether Amazon pays is uncertain.",
            "fc_damaged",
            days=days,
            verdict="review",
        )


def damaged_and_paid(plot: Plot, product: Product, days: int) -> None:
    """Damaged at the centre, and paid in cash."""
    _broken(plot, product, days, "E", "SELLABLE", 1)
    moment = plot.dice.moment(ago(max(days - 2, 3)))
    plot.reimburse(moment, "Damaged_Warehouse", product, product.cost)
    _expect_closed(
        plot,
        product,
        "fc-damaged-paid",
        "Damaged at the centre and paid in cash.",
        "fc_damaged",
        "paid",
        paid=product.cost,
        reason="paid",
    )


def _paid_all_along(plot: Plot) -> None:
    """What Amazon pays by itself, from the first week to the last, so that silence means something."""
    lost_and_paid(plot, plot.own_product(), (AS_OF - FIRST_DAY).days - 1, 1)
    for days in (152, 124, 88, 70, 36):
        damaged_and_paid(plot, plot.own_product(), days)
    damaged_and_paid(plot, plot.own_product(), 4)


def _reversals(plot: Plot) -> None:
    """Money taken back, with and without the unit to show for it."""
    for days in (26, 70):
        product = plot.own_product()
        worth = product.price * 80 // 100
        plot.sale(ago(days + 31), product)
        plot.reimburse(
            at(ago(days), 12, 0),
            "Reimbursement_Reversal",
            product,
            -worth,
            -1,
            original_id=plot.dice.digits(11),
        )
        plot.expect(
            Expected(
                case="reversal-without-a-unit",
                why="Taken back for no unit: the FNSKU has no row F, N or CustomerReturns around it.",
                claim_type="reversal_unsupported",
                verdict="review",
                sku=product.sku,
                fnsku=product.fnsku,
                reason="no unit turned up",
                amounts=(("amount_expected", worth),),
            )
        )
    for lost, found in ((104, 51), (92, 30)):
        product = plot.own_product()
        plot.adjust(ago(lost), product, "M", -1, reconciled=1)
        paid = plot.reimburse(at(ago(lost - 2), 12, 0), "Lost_Warehouse", product, product.cost)
        plot.adjust(ago(found), product, "F", 1)
        plot.reimburse(
            at(ago(found - 2), 12, 0),
            "Reimbursement_Reversal",
            product,
            -product.cost,
            -1,
            inventory=1,
            original=paid,
        )
        why = "Lost, paid, found (F), and taken back: even."
        _expect_closed(plot, product, "reversal-after-found", why, "fc_lost", None)
        _expect_closed(
            plot,
            product,
            "reversal-after-found",
            why,
            "reversal_unsupported",
            "not_claimable",
            reason="the unit was found",
        )


def _remove(
    plot: Plot,
    days: int,
    requested: int,
    shipped: int,
    *,
    kind: str = "Return",
    status: str = "Completed",
    disposed: int = 0,
    cancelled: int = 0,
    in_process: int = 0,
) -> Removal:
    """A removal order whose one parcel, if any, was sent this many days ago."""
    dice, product = plot.dice, plot.own_product()
    sent = dice.moment(ago(days))
    parcel = Parcel(sent, shipped, dice.pick(("UPS", "USPS", "FEDEX")), "1Z" + dice.capitals(14))
    removal = Removal(
        order_id="FW" + dice.word(8),
        kind=kind,
        product=product,
        disposition="SELLABLE" if kind == "Return" else "CUSTOMER_DAMAGED",
        requested_at=sent - timedelta(days=min(6, days // 2, (ago(days) - FIRST_DAY).days)),
        updated_at=min(sent + timedelta(days=2), at(LAST_DAY, 8)),
        status=status,
        requested=requested,
        cancelled=cancelled,
        disposed=disposed,
        in_process=in_process,
        shipped=shipped,
        fee=84 * (shipped + disposed),
        parcels=(parcel,) if shipped else (),
    )
    if disposed:
        plot.adjust(ago(days), product, "D", -disposed, disposition="CUSTOMER_DAMAGED")
    else:
        left = requested - cancelled - in_process
        plot.move(ago(days), product, "VendorReturns", -left, "ONT8")
    plot.world.removals.append(removal)
    plot.charge(
        removal.updated_at,
        "other-transaction",
        "other-transaction",
        "DisposalComplete" if disposed else "RemovalComplete",
        -removal.fee,
        order_id=removal.order_id,
    )
    return removal


def _removals_short(plot: Plot) -> None:
    """Completed, with fewer units shipped than were asked for and neither cancelled nor disposed of."""
    cases = ((14, 5, 4), (15, 5, 4), (40, 8, 6), (75, 3, 2), (76, 4, 3), (111, 6, 5), (4, 2, 1))
    for days, requested, shipped in cases:
        removal = _remove(plot, days, requested, shipped)
        opens, closes = window(ago(days), REMOVAL_LOST)
        plot.expect(
            Expected(
                case=f"removal-lost-day-{days}",
                why=f"{requested} asked back, {shipped} shipped, and the order is completed; what "
                "arrived only the seller can count. The window is day 15 to day 75 after shipment.",
                claim_type="removal_lost",
                verdict="review",
                sku=removal.product.sku,
                fnsku=removal.product.fnsku,
                quantity=requested - shipped,
                removal_order_id=removal.order_id,
                reason="shipped fewer than requested",
                opens=opens,
                closes=closes,
                amounts=(("amount_expected", None), ("amount_open", None)),
            )
        )


def _removals_whole(plot: Plot) -> None:
    """Removals in which every unit is told."""
    removals = (
        _remove(plot, (AS_OF - FIRST_DAY).days - 3, 4, 4),
        _remove(plot, 63, 6, 4, cancelled=2),
        _remove(plot, 140, 5, 5),
        _remove(plot, 6, 4, 2, in_process=2, status="In Process"),
        _remove(plot, 30, 3, 0, disposed=3, kind="Disposal"),
    )
    for removal in removals:
        plot.expect(
            Expected(
                case="removal-accounted-for",
                why="Every unit asked for was shipped, disposed of, cancelled or is in process.",
                claim_type="removal_lost",
                verdict=None,
                sku=removal.product.sku,
                fnsku=removal.product.fnsku,
                quantity=0,
                removal_order_id=removal.order_id,
            )
        )
