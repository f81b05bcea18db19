"""Money as Amazon settled it with the seller: sales, refunds, fees, reimbursements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from ledger.case import MoneyLine
from ledger.errors import DoesNotFoot, UnreadableFile, UnreadableRow
from ledger.event import ACCOUNT_STREAM, Event, order_stream
from ledger.events.settlements import (
    RefundIssued,
    SaleSettled,
    SettlementClosed,
    TransactionSettled,
)
from ledger.report import (
    Column,
    Part,
    Reading,
    ReportFormat,
    Row,
    RowTold,
    decimal_mark,
    folded,
    key,
)
from ledger.table import NEW_DOWNLOAD
from ledger.values import Money, day_of, is_order_id

TRIGGERS: Final = {
    "REFUND": "refund",
    "A_TO_Z_GUARANTEE_REFUND": "a_to_z",
    "CHARGEBACK_REFUND": "chargeback",
}
"""Which door a refund came through, by Amazon's transaction type."""

KNOWN_TRANSACTIONS: Final = frozenset(TRIGGERS) | frozenset(
    """
    AMAZONFEES COMMINGLING_VAT COUPONREDEMPTIONFEE FBAFEES LIQUIDATIONS LIQUIDATIONS_ADJUSTMENTS
    ORDER ORDER_RETROCHARGE OTHER_TRANSACTION PROMOTION_FEE REFUND_RETROCHARGE
    SAFE_T_REIMBURSEMENT SELLER_REWARDS SERVICEFEE TRANSFERS VINE_ENROLLMENT_FEE
    """.split()
)
KNOWN_AMOUNT_TYPES: Final = frozenset(
    """
    CAPACITY_RESERVATION_FEE COMMINGLING_VAT COST_OF_ADVERTISING COUPONREDEMPTIONFEE DEALS
    FBA_CUSTOMER_RETURNS_FEE FBA_INVENTORY_REIMBURSEMENT FBA_INVENTORY_STORAGE_FEE
    FBA_LONG_TERM_STORAGE_FEE FBA_REMOVAL_ORDER:_DISPOSAL_FEE FBA_REMOVAL_ORDER:_RETURN_FEE
    INBOUND_DEFECT_FEE ITEMFEES ITEMPRICE ITEMWITHHELDTAX MCF_INVENTORY_REIMBURSEMENT
    MICRO_DEPOSIT OTHER_TRANSACTION OTHER_TRANSACTIONS POINTS PROMOTION PROMOTIONFEE
    REFUND_FOR_ADVERTISER SAFE_T_REIMBURSEMENT SELLER_REWARDS SHIPMENT_FEES VINE_ENROLLMENT_FEE
    """.split()
)
FREE_TEXT_AMOUNT_TYPES: Final = frozenset(["COUPONREDEMPTIONFEE", "DEALS", "INBOUND_DEFECT_FEE"])
"""Their descriptions are names of coupons, deals and defects, not codes."""

KNOWN_DESCRIPTIONS: Final = frozenset(
    """
    ADJUSTMENT AGSGLOBALINBOUNDTRANSPORTATION AMAZON_CAPITAL_SERVICES BALANCEADJUSTMENT
    BALANCE_ADJUSTMENT BASE_FEE BUYERRECHARGE COMMINGLING_VAT COMMISSION COMPENSATED_CLAWBACK
    CS_ERROR_ITEMS CURRENT_RESERVE_AMOUNT DIGITALSERVICESFEE DISCOUNT_ON_FEE DISPOSALCOMPLETE
    FAILED_DISBURSEMENT FBACUSTOMERRETURNPERORDERFEE FBACUSTOMERRETURNPERUNITFEE
    FBACUSTOMERRETURNWEIGHTBASEDFEE FBAINBOUNDTRANSPORTATIONFEE FBAPERORDERFULFILLMENTFEE
    FBAPERUNITFULFILLMENTFEE FBATRANSPORTATIONFEE FBAWEIGHTBASEDFEE
    FBA_INBOUND_PLACEMENT_SERVICE_FEE FREE_REPLACEMENT_REFUND_ITEMS GIFTWRAP GIFTWRAPCHARGEBACK
    GIFTWRAPTAX GOODWILL INBOUND_CARRIER_DAMAGE INCOME_TAX_CHARGED INCORRECT_FEES_ITEMS
    INCORRECT_FEES_NON_ITEMIZED LOWVALUEGOODSTAX_OTHER LOWVALUEGOODSTAX_PRINCIPAL
    LOWVALUEGOODSTAX_SHIPPING MARKETPLACEFACILITATORTAX_OTHER
    MARKETPLACEFACILITATORTAX_PRINCIPAL MARKETPLACEFACILITATORTAX_RESTOCKINGFEE
    MARKETPLACEFACILITATORTAX_SHIPPING MARKETPLACEFACILITATORVAT_PRINCIPAL
    MARKETPLACEFACILITATORVAT_SHIPPING MICRO_DEPOSIT MISCADJUSTMENT MISSING_FROM_INBOUND
    MISSING_FROM_INBOUND_CLAWBACK MULTICHANNEL_ORDER_DAMAGED MULTICHANNEL_ORDER_LATE
    MULTICHANNEL_ORDER_LOST NONSUBSCRIPTIONFEEADJ PAID_SERVICES_FEE PAYABLE_TO_AMAZON
    PAYMENT_RETRACTION_ITEMS PERFORMANCE_CREDITS POINTSGRANTED PREVIOUS_RESERVE_AMOUNT_BALANCE
    PRINCIPAL PROMOTION_ADJUSTMENT PROMOTION_FEE PROMOTION_FEE_SPECIAL REFUNDCOMMISSION
    REMOTEFULFILLMENTCREDIT REMOVALCOMPLETE REMOVAL_ORDER_DAMAGED REMOVAL_ORDER_LOST
    RESERVATION_FEE RESTOCKINGFEE RETURNSHIPPING REVERSAL_REIMBURSEMENT RE_EVALUATION
    SAFE_T_REIMBURSEMENT SALESTAXSERVICEFEE SELLER_REWARDS SHIPPING SHIPPINGCHARGEBACK
    SHIPPINGHB SHIPPINGTAX SHIPPING_LABEL_PURCHASE SHIPPING_LABEL_PURCHASE_FOR_RETURN
    STORAGERENEWALBILLING STORAGE_FEE SUBSCRIPTION_FEE SUCCESSFUL_CHARGE TAX TAXDISCOUNT
    TAX_ON_FEE TRANSACTIONTOTALAMOUNT VARIABLECLOSINGFEE VINE_ENROLLMENT_FEE WAREHOUSE_DAMAGE
    WAREHOUSE_DAMAGE_EXCEPTION WAREHOUSE_LOST WAREHOUSE_LOST_MANUAL
    """.split()
)
"""Folded by `values.code`. Amazon publishes no list: these were seen in real reports."""


class Settlement(ReportFormat):
    """The settlement report, flat file V2: a row for each amount, after one that sums them."""

    name = "settlement"
    title = "Settlement report, flat file V2"
    amazon_type = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
    may_be_empty = False
    may_be_joined = True
    order_column = "order-id"
    download = "Seller Central > Payments > All statements > Download flat file V2"
    columns = (
        Column("settlement-id"),
        Column("settlement-start-date"),
        Column("settlement-end-date"),
        Column("deposit-date"),
        Column("total-amount"),
        Column("currency"),
        Column("transaction-type"),
        Column("order-id"),
        Column(
            "merchant-order-id",
            required=False,
            ignored="the seller's own name for the order, which may be anything",
        ),
        Column("adjustment-id"),
        Column("shipment-id"),
        Column("marketplace-name"),
        Column("amount-type"),
        Column("amount-description"),
        Column("amount"),
        Column("fulfillment-id"),
        Column("posted-date"),
        Column("posted-date-time"),
        Column("order-item-code"),
        Column(
            "merchant-order-item-id",
            required=False,
            ignored="the seller's own name for the item, which may be anything",
        ),
        Column("merchant-adjustment-item-id"),
        Column("sku"),
        Column("quantity-purchased"),
        Column("promotion-id", required=False, ignored="a promotion's name; its amount is read"),
    )

    def names_order(self, name: str) -> bool:
        """Of other transactions the column names removal orders and more."""
        return is_order_id(name)

    def facts(
        self, rows: Iterable[Row | UnreadableRow], reading: Reading
    ) -> Iterator[RowTold | UnreadableRow]:
        """Nothing is told before every settlement of the file adds up to its own total."""
        settlements = [_settlement(rows, reading) for rows in _by_settlement(rows)]
        reading.period = _period(settlements, reading)
        reading.told_at = max((one.ends_at for one in settlements), default=None)
        for one in settlements:
            yield _closed(one)
            for group in _transactions(one):
                yield _told(one, group)


class _Line(msgspec.Struct, frozen=True, gc=False):
    """One row that tells an amount."""

    row: Row
    money: MoneyLine
    posted_at: str

    @property
    def amount(self) -> Money:
        return self.money.amount


class _Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """One settlement: what its first row states, and the lines which add up to that."""

    id: str
    summary: Row
    starts_at: str
    ends_at: str
    total: Money
    lines: list[_Line]


def _by_settlement(rows: Iterable[Row | UnreadableRow]) -> Iterator[list[Row]]:
    """The rows of each settlement; one that cannot be read leaves nothing to believe."""
    settlements: dict[str, list[Row]] = {}
    texts: dict[str, str] = {}
    for row in rows:
        if isinstance(row, UnreadableRow):
            raise row
        row.share(texts)  # all rows are held at once, and tell the same again and again
        settlements.setdefault(row.need("settlement-id"), []).append(row)
    yield from settlements.values()


def _settlement(rows: Sequence[Row], reading: Reading) -> _Settlement:
    summary, others = _summary(rows, reading)
    currency = summary.currency("currency")
    comma = _decimal_comma(rows)
    ends_at = summary.moment("settlement-end-date")
    settlement = _Settlement(
        id=summary.need("settlement-id"),
        summary=summary,
        starts_at=summary.moment("settlement-start-date"),
        ends_at=ends_at,
        total=summary.money("total-amount", currency, comma=comma),
        lines=[_line(row, row.money("amount", currency, comma=comma), ends_at) for row in others],
    )
    _must_foot(settlement, reading)
    return settlement


def _summary(rows: Sequence[Row], reading: Reading) -> tuple[Row, list[Row]]:
    """The row that states the total, and the others: the summary alone has no transaction."""
    stating = [row for row in rows if row.text("total-amount") and not row.text("transaction-type")]
    settlement_id = rows[0].need("settlement-id")
    if not stating:
        raise UnreadableFile(
            f"settlement {settlement_id} has no row that states its total",
            file=reading.file,
            row=rows[0].line,
            column="total-amount",
            advice="The first row of a settlement is its summary. " + NEW_DOWNLOAD,
        )
    if len(stating) > 1:
        raise UnreadableFile(
            f"settlement {settlement_id} is in the file {len(stating)} times",
            file=reading.file,
            row=stating[1].line,
            advice="Import each file as Amazon delivered it, rather than several joined into one.",
        )
    return stating[0], [row for row in rows if row is not stating[0]]


def _decimal_comma(rows: Sequence[Row]) -> bool:
    """Decided once for all rows: by the total, else by the first amount that shows its decimals."""
    columns = ("total-amount", "amount")
    marks = (decimal_mark(row.text(column) or "") for column in columns for row in rows)
    return next((mark for mark in marks if mark), ".") == ","


def _line(row: Row, amount: Money, ends_at: str) -> _Line:
    """A row without a date was settled by the end of the settlement at the latest."""
    posted = row.moment_or_none("posted-date-time") or row.moment_or_none("posted-date") or ends_at
    money = MoneyLine(row.text("amount-type") or "", row.text("amount-description") or "", amount)
    return _Line(row, money, posted)


def _name(line: _Line) -> tuple[str | None, ...] | None:
    """What all rows of one sale or refund of an item share, which name its order and its item; None for all else."""
    row = line.row
    kind = folded(row.text("transaction-type") or "")
    columns = _SALE if kind == "ORDER" else _REFUND if kind in TRIGGERS else None
    if columns is None or not (is_order_id(row.text("order-id") or "") and row.text("sku")):
        return None
    return (kind, *row.texts(columns), line.posted_at)


def _must_foot(settlement: _Settlement, reading: Reading) -> None:
    total = settlement.total
    added = sum((line.amount for line in settlement.lines), Money(0, total.currency))
    if added != total:
        raise DoesNotFoot(
            f"the rows of settlement {settlement.id} add up to {added}, and its total is {total}: "
            f"a difference of {added - total}",
            file=reading.file,
            row=settlement.summary.line,
            column="total-amount",
            advice="Rows are missing or were changed, so nothing was imported. " + NEW_DOWNLOAD,
        )


def _period(settlements: Sequence[_Settlement], reading: Reading) -> tuple[str, str] | None:
    """The days that the file speaks for: from the first start to the last end."""
    ordered = sorted(settlements, key=lambda one: one.starts_at)
    known: tuple[date, date] | None = None
    for one in ordered:
        first, last = _days(one, reading)
        if known is not None and first > known[1] + timedelta(days=1):
            raise UnreadableFile(
                f"several settlements, and none tells of the days between {known[1]} and {first}",
                file=reading.file,
                row=one.summary.line,
                advice="Import each settlement's file as Amazon delivered it.",
            )
        known = (first, last) if known is None else (known[0], max(known[1], last))
    return None if known is None else (known[0].isoformat(), known[1].isoformat())


def _days(settlement: _Settlement, reading: Reading) -> tuple[date, date]:
    sold = (line.row.sold("marketplace-name", "fulfillment-id")[0] for line in settlement.lines)
    place = next((market for market in sold if market), reading.marketplace)
    return day_of(settlement.starts_at, place), day_of(settlement.ends_at, place)


def _closed(settlement: _Settlement) -> RowTold:
    """The total repeats what its lines say: it is not counted as money again."""
    event = SettlementClosed(
        settlement_id=settlement.id,
        starts_at=settlement.starts_at,
        ends_at=settlement.ends_at,
        deposited_at=settlement.summary.moment_to_come("deposit-date"),
        total=settlement.total,
    )
    return RowTold(
        rows=(settlement.summary.line,),
        stream=ACCOUNT_STREAM,
        keys=(key("settlement", settlement.id),),
        parts=(Part(event=event, occurred_at=settlement.ends_at),),
    )


def _transactions(settlement: _Settlement) -> Iterator[list[_Line]]:
    """The lines that are one sale or one refund of an item together, the others by themselves.

    The settlement gives them away: each is held until it is told, and no longer.
    """
    groups: dict[object, list[_Line]] = {}
    for line in settlement.lines:
        groups.setdefault(_name(line) or line.row.line, []).append(line)
    settlement.lines.clear()
    waiting = list(reversed(groups.values()))
    groups.clear()
    while waiting:
        yield waiting.pop()


_SALE: Final = ("order-id", "shipment-id", "order-item-code", "sku")
_REFUND: Final = (
    "order-id",
    "adjustment-id",
    "merchant-adjustment-item-id",
    "order-item-code",
    "sku",
)
_WHOLE_ROW: Final = (
    "transaction-type",
    "order-id",
    "adjustment-id",
    "shipment-id",
    "marketplace-name",
    "amount-type",
    "amount-description",
    "fulfillment-id",
    "order-item-code",
    "merchant-adjustment-item-id",
    "sku",
    "quantity-purchased",
)


def _told(settlement: _Settlement, lines: Sequence[_Line]) -> RowTold:
    first = lines[0]
    for line in lines:
        _note_unknown(line.row, line.money.kind)
    name = _name(first)
    if name is None:
        whole = (*first.row.texts(_WHOLE_ROW), str(first.amount), first.posted_at)
        event, named = _transaction(settlement, first), key("settled", settlement.id, *whole)
    elif name[0] == "ORDER":
        event, named = _sale(settlement, lines), key("settled-sale", settlement.id, *name)
    else:
        event, named = _refund(settlement, lines), key("settled-refund", settlement.id, *name)
    return RowTold(
        rows=tuple([line.row.line for line in lines]),
        stream=_stream(first),
        keys=(named,),
        parts=(Part(event=event, occurred_at=first.posted_at),),
        money=tuple([line.amount for line in lines]),
    )


def _stream(line: _Line) -> str:
    """Disposals name a removal order in the order's column: those are the account's."""
    order_id = line.row.text("order-id")
    return order_stream(order_id) if order_id and is_order_id(order_id) else ACCOUNT_STREAM


def _sale(settlement: _Settlement, lines: Sequence[_Line]) -> Event:
    row = lines[0].row
    marketplace, programme = row.sold("marketplace-name", "fulfillment-id")
    return SaleSettled(
        settlement_id=settlement.id,
        order_id=row.need("order-id"),
        order_item_code=row.text("order-item-code"),
        shipment_id=row.text("shipment-id"),
        sku=row.need("sku"),
        quantity=sum(line.row.number_or_none("quantity-purchased") or 0 for line in _sold(lines)),
        programme=programme,
        marketplace=marketplace,
        lines=tuple(line.money for line in lines),
    )


def _sold(lines: Sequence[_Line]) -> Iterator[_Line]:
    """The lines with the price: one for each time that units of the item were charged."""
    return (
        line
        for line in lines
        if folded(line.money.kind) == "ITEMPRICE" and folded(line.money.what) == "PRINCIPAL"
    )


def _refund(settlement: _Settlement, lines: Sequence[_Line]) -> Event:
    row = lines[0].row
    marketplace, programme = row.sold("marketplace-name", "fulfillment-id")
    transaction = row.need("transaction-type")
    return RefundIssued(
        settlement_id=settlement.id,
        order_id=row.need("order-id"),
        transaction=transaction,
        trigger=TRIGGERS[folded(transaction)],
        adjustment_id=row.text("adjustment-id"),
        adjustment_item_id=row.text("merchant-adjustment-item-id"),
        order_item_code=row.text("order-item-code"),
        sku=row.need("sku"),
        programme=programme,
        marketplace=marketplace,
        lines=tuple(line.money for line in lines),
    )


def _transaction(settlement: _Settlement, line: _Line) -> Event:
    row = line.row
    marketplace, programme = row.sold("marketplace-name", "fulfillment-id")
    return TransactionSettled(
        settlement_id=settlement.id,
        transaction=row.need("transaction-type"),
        order_id=row.text("order-id"),
        shipment_id=row.text("shipment-id"),
        sku=row.text("sku"),
        quantity=row.number_or_none("quantity-purchased"),
        programme=programme,
        marketplace=marketplace,
        lines=(line.money,),
    )


def _note_unknown(row: Row, kind: str) -> None:
    row.code("transaction-type", KNOWN_TRANSACTIONS)
    row.code("amount-type", KNOWN_AMOUNT_TYPES)
    if folded(kind) not in FREE_TEXT_AMOUNT_TYPES:
        row.code("amount-description", KNOWN_DESCRIPTIONS)
