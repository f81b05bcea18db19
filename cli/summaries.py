"""One readable sentence for every kind of event: what a story says, and nothing personal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from cli.deeds import SENTENCES
from ledger.case import MoneyLine
from ledger.event import Event
from ledger.events.account import (
    AccountOpened,
    LossAccepted,
    RulebookAdopted,
    SigningKeyReplaced,
)
from ledger.events.imports import ReportImported, RowRefused
from ledger.events.inventory import ReconciliationReported, StockMoved
from ledger.events.judgements import JudgementRecorded
from ledger.events.orders import OrderPlaced, OrderStatusReported, ReplacementShipped, UnitsShipped
from ledger.events.personal import PersonalErased, PersonalTold
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.events.removals import RemovalProgressed, RemovalRequested, RemovalShipped
from ledger.events.returns import (
    ReturnProgressed,
    ReturnReceived,
    ReturnRequested,
    ReturnStatusReported,
    UnitIdentified,
    UnitReturned,
)
from ledger.events.settlements import (
    RefundIssued,
    SaleSettled,
    SettlementClosed,
    TransactionSettled,
)
from ledger.values import Money


def summary(event: Event) -> str:
    """What happened, in one sentence, and in one more for each thing that the same row told besides."""
    told = [event, *event.carried().values()]
    return " ".join(_SENTENCES[type(one)](one) for one in told)


# --- the account ------------------------------------------------------------------------------


def _account_opened(event: AccountOpened) -> str:
    return f"The ledger of {event.name} was begun" + _in(event.region, ", region ") + "."


def _rulebook_adopted(event: RulebookAdopted) -> str:
    changed = ", ".join(event.changed)
    own = f", of which the seller's own file {event.own[:12]} tells {changed}" if event.own else ""
    return (
        f"Judgements are made by rulebook {event.digest[:12]} "
        f"({event.rules} rules{own}) from here on."
    )


def _signing_key_replaced(event: SigningKeyReplaced) -> str:
    vouched = "" if event.endorsement else ", which is lost and did not vouch for it"
    return f"Checkpoints are signed by {event.new} from here on, not by {event.old}{vouched}: {event.why}."


def _loss_accepted(event: LossAccepted) -> str:
    return (
        f"Of {event.size:,} entries that were signed, those after entry {event.agrees:,} are lost, "
        f"and the ledger goes on without them: {event.why}."
    )


def _report_imported(event: ReportImported) -> str:
    period = f"{event.period_start} to {event.period_end}" if event.period_start else "no days"
    basis = "stated" if event.stated else "inferred"
    refused = f", {_rows(event.refused)} refused" if event.refused else ""
    return f"{event.report_format}: {_rows(event.rows)} for {period} ({basis}){refused}."


def _row_refused(event: RowRefused) -> str:
    column = f", column '{event.column}'" if event.column else ""
    return f"Row {event.row} of a {event.report_format} file{column}: {event.problem}."


# --- orders -----------------------------------------------------------------------------------


def _order_placed(event: OrderPlaced) -> str:
    where = _in(event.sales_channel or event.marketplace, " on ")
    return f"{_units(event.quantity)} of {event.sku} ordered{where}{_money(event.price, ' for ')}."


def _order_status_reported(event: OrderStatusReported) -> str:
    return f"The orders report says: {event.order_status}{_in(event.item_status, ', item ')}."


def _units_shipped(event: UnitsShipped) -> str:
    source = _in(event.fulfillment_center, " from ")
    return f"{_units(event.quantity)} of {event.sku} sent to the buyer{source}."


def _replacement_shipped(event: ReplacementShipped) -> str:
    sent = f"{_units(event.quantity)} of {event.sku} sent again"
    return f"{sent}, free of charge, as order {event.replacement_order_id}."


# --- money ------------------------------------------------------------------------------------


def _settlement_closed(event: SettlementClosed) -> str:
    return f"Settlement {event.settlement_id} closed at {event.total}."


def _sale_settled(event: SaleSettled) -> str:
    return f"{_units(event.quantity)} of {event.sku} settled: {_sum(event.lines)} for the seller."


def _refund_issued(event: RefundIssued) -> str:
    how = {"a_to_z": ", an A-to-z claim", "chargeback": ", a chargeback"}.get(event.trigger, "")
    return f"The buyer was refunded for {event.sku}{how}: {_sum(event.lines)} for the seller."


def _transaction_settled(event: TransactionSettled) -> str:
    what = ", ".join(dict.fromkeys(line.what for line in event.lines)) or event.transaction
    return f"{what}{_in(event.sku, ' for ')} settled: {_sum(event.lines)} for the seller."


def _reimbursement_posted(event: ReimbursementPosted) -> str:
    asked = f", case {event.case_id}" if event.case_id else ""
    return f"Amazon paid {_paid(event)} ({event.reason}{asked}), {event.reimbursement_id}."


def _reimbursement_reversed(event: ReimbursementReversed) -> str:
    original = _in(event.original_id, " of ")
    return f"Amazon took back {_paid(event)} ({event.reason}){original}, {event.reimbursement_id}."


# --- returns ----------------------------------------------------------------------------------


def _unit_returned(event: UnitReturned) -> str:
    place = _in(event.fulfillment_center, " to ")
    said = ", ".join(
        [
            *([f"graded {event.disposition}"] if event.disposition else []),
            *([f"the buyer's reason {event.reason}"] if event.reason else []),
        ]
    )
    return f"{_units(event.quantity)} of {event.sku} came back{place}{_in(said, ', ')}."


def _unit_identified(event: UnitIdentified) -> str:
    return f"The returned unit bears licence plate {event.license_plate}."


def _return_status_reported(event: ReturnStatusReported) -> str:
    return f"The returns report says of the unit: {event.status}."


def _return_requested(event: ReturnRequested) -> str:
    asked = f"The buyer asked to return {_units(event.quantity)} of {event.sku}"
    return f"{asked}{_in(event.reason, ', reason ')}{_in(event.rma_id, ', RMA ')}."


def _return_progressed(event: ReturnProgressed) -> str:
    said = [
        event.status or "no status",
        *([f"refunded {event.refunded}"] if event.refunded else []),
        *([event.resolution] if event.resolution else []),
        *(["an A-to-z claim"] if event.a_to_z else []),
        *([f"SAFE-T {event.safe_t_state or 'claim'}"] if event.safe_t_claim_id else []),
    ]
    return f"The returns report says of the request: {', '.join(said)}."


def _return_received(event: ReturnReceived) -> str:
    return f"{_units(event.quantity)} of {event.sku} came back to the seller."


# --- stock and removals -----------------------------------------------------------------------


def _stock_moved(event: StockMoved) -> str:
    place = _in(event.fulfillment_center, " at ")
    reason = _in(event.reason, ", reason ")
    graded = _in(event.disposition, ", ")
    return f"{event.kind}: {event.quantity:+,} of {event.fnsku}{place}{graded}{reason}."


def _reconciliation_reported(event: ReconciliationReported) -> str:
    open_units = event.unreconciled if event.unreconciled is not None else "unknown"
    done = event.reconciled if event.reconciled is not None else "unknown"
    return f"The inventory ledger says: reconciled {done}, unreconciled {open_units}."


def _removal_requested(event: RemovalRequested) -> str:
    graded = _in(event.disposition, ", ")
    return f"{event.order_type} of {_units(event.requested)} of {event.sku} requested{graded}."


def _removal_progressed(event: RemovalProgressed) -> str:
    counts = {
        "shipped": event.shipped,
        "disposed": event.disposed,
        "cancelled": event.cancelled,
        "in process": event.in_process,
    }
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
    return f"The removal report says: {event.status or 'no status'}{_in(told, ', ')}."


def _removal_shipped(event: RemovalShipped) -> str:
    carrier = _in(event.carrier, " with ")
    return f"{_units(event.quantity)} of {event.sku} sent to the seller{carrier}."


# --- judgements -------------------------------------------------------------------------------


def _judgement_recorded(event: JudgementRecorded) -> str:
    about = f"{event.finding_id}, {event.claim_type} of {_units(event.quantity)}"
    closes = _in(event.window_closes, ", until ")
    about = f"{about}{_money(event.amount_open, ', ')}{closes}"
    return f"An audit answered {event.verdict} ({about}): {event.reason}."


# --- persons ----------------------------------------------------------------------------------


def _personal_told(event: PersonalTold) -> str:
    return f"The report told something personal, which is kept sealed: {', '.join(event.sealed)}."


def _personal_erased(event: PersonalErased) -> str:
    lay = ", ".join(f"{count} {what}" for what, count in event.values.items()) or "nothing"
    return f"What is personal was erased for good ({lay}): {event.why}."


_SENTENCES: Final[Mapping[type[Event], Callable[[Any], str]]] = {
    AccountOpened: _account_opened,
    RulebookAdopted: _rulebook_adopted,
    SigningKeyReplaced: _signing_key_replaced,
    LossAccepted: _loss_accepted,
    PersonalTold: _personal_told,
    PersonalErased: _personal_erased,
    ReportImported: _report_imported,
    RowRefused: _row_refused,
    OrderPlaced: _order_placed,
    OrderStatusReported: _order_status_reported,
    UnitsShipped: _units_shipped,
    ReplacementShipped: _replacement_shipped,
    SettlementClosed: _settlement_closed,
    SaleSettled: _sale_settled,
    RefundIssued: _refund_issued,
    TransactionSettled: _transaction_settled,
    UnitReturned: _unit_returned,
    UnitIdentified: _unit_identified,
    ReturnStatusReported: _return_status_reported,
    ReturnRequested: _return_requested,
    ReturnProgressed: _return_progressed,
    ReturnReceived: _return_received,
    ReimbursementPosted: _reimbursement_posted,
    ReimbursementReversed: _reimbursement_reversed,
    StockMoved: _stock_moved,
    ReconciliationReported: _reconciliation_reported,
    RemovalRequested: _removal_requested,
    RemovalProgressed: _removal_progressed,
    RemovalShipped: _removal_shipped,
    JudgementRecorded: _judgement_recorded,
    **SENTENCES,
}


def _units(quantity: int) -> str:
    return "1 unit" if quantity == 1 else f"{quantity:,} units"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _in(text: str | None, before: str) -> str:
    return f"{before}{text}" if text else ""


def _money(amount: Money | None, before: str) -> str:
    return f"{before}{amount}" if amount else ""


def _paid(event: ReimbursementPosted | ReimbursementReversed) -> str:
    in_kind = f" and {_units(abs(event.inventory))} in kind" if event.inventory else ""
    amount = Money(abs(event.amount.minor), event.amount.currency)
    return f"{amount}{in_kind}{_in(event.sku or event.fnsku, ' for ')}"


def _sum(lines: tuple[MoneyLine, ...]) -> str:
    """The lines together, one amount a currency."""
    sums: dict[str, Money] = {}
    for line in lines:
        currency = line.amount.currency
        sums[currency] = sums.get(currency, Money(0, currency)) + line.amount
    return " and ".join(str(amount) for amount in sums.values()) or "no money"
