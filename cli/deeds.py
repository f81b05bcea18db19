"""One readable sentence for everything that a seller tells or decides himself; nothing personal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger.event import Event
from ledger.events.arrivals import (
    DamageInvestigated,
    DamageReported,
    RemovalReceived,
    UnitGraded,
    UnitsReceived,
    WrongItemReceived,
)
from ledger.events.claims import (
    AppealDecided,
    AppealFiled,
    ClaimDecided,
    ClaimDrafted,
    ClaimFiled,
    ClaimInfoAnswered,
    ClaimInfoRequested,
    ClaimPaid,
    ClaimPaymentReversed,
)
from ledger.events.deliveries import OrderDelivered, OrderDispatched, OrderTold
from ledger.events.keeping import (
    EntryCorrected,
    EvidenceAttached,
    LegalHoldPlaced,
    LegalHoldReleased,
    NoteAdded,
)
from ledger.events.messages import (
    AbuseReported,
    MessageAnswered,
    MessageReceived,
    ReviewThreatened,
)
from ledger.events.refunds import (
    ConcessionGranted,
    RefundGiven,
    ReplacementSent,
    RestockingFeeApplied,
)
from ledger.events.requests import (
    DeclineOverridden,
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
    ReturnLabelIssued,
    ReturnLost,
    ReturnOptionOffered,
    WithdrawalDeclared,
)
from ledger.events.terms import (
    ContactSet,
    ProductDescribed,
    ReturnlessRuleSet,
    ReturnPolicySet,
    SourcingCostSet,
)
from ledger.values import Money, in_words


def _units(quantity: int, sku: str) -> str:
    return f"1 unit of {sku}" if quantity == 1 else f"{quantity:,} units of {sku}"


def _in(text: str | None, before: str) -> str:
    return f"{before}{text}" if text else ""


def _money(amount: Money | None, before: str) -> str:
    return f"{before}{amount}" if amount else ""


def _files(evidence: tuple[str, ...]) -> str:
    if not evidence:
        return ""
    return ", 1 file shows it" if len(evidence) == 1 else f", {len(evidence)} files show it"


# --- the order --------------------------------------------------------------------------------


def _order_told(event: OrderTold) -> str:
    sold = f"{_units(event.quantity, event.sku)} for {event.price} in {event.marketplace}"
    return f"The seller tells of the order: {sold}, {event.programme}."


def _order_dispatched(event: OrderDispatched) -> str:
    protected = ", claims protected" if event.claims_protected else ""
    late = {True: ", first scan on time", False: ", first scan late", None: ""}[event.on_time]
    return f"The order was sent{_in(event.carrier, ' with ')}{protected}{late}."


def _order_delivered(event: OrderDelivered) -> str:
    return f"The order was delivered{_in(event.sku, ', ')}{_in(event.proof, ', as shown by the ')}."


# --- requests ---------------------------------------------------------------------------------


def _request_received(event: RequestReceived) -> str:
    abroad = ", from abroad" if event.cross_border else ""
    reason = event.reason or "none given"
    asked = f"The buyer asked to return {_units(event.quantity, event.sku)}"
    late = ", after the guarantee" if event.out_of_guarantee else ""
    return f"{asked}, reason: {reason}{_in(event.rma_id, ', RMA ')}{abroad}{late}."


def _withdrawal_declared(event: WithdrawalDeclared) -> str:
    return f"The buyer withdrew from the contract for {_units(event.quantity, event.sku)}."


def _return_authorized(event: ReturnAuthorized) -> str:
    why = ", as goodwill" if event.goodwill else ""
    approver = _in(event.approver, ", approved by ")
    who = "Amazon" if event.by == "amazon" else "The seller"
    return f"{who} allowed the return of {_units(event.quantity, event.sku)}{why}{approver}."


def _return_declined(event: ReturnDeclined) -> str:
    what = f"The seller declined the return of {_units(event.quantity, event.sku)}"
    return f"{what} by {event.rule_id}{_in(event.why, ': ')}."


def _decline_overridden(event: DeclineOverridden) -> str:
    return (
        f"Amazon allowed the return of {_units(event.quantity, event.sku)} that had been declined."
    )


def _return_option_offered(event: ReturnOptionOffered) -> str:
    return f"The buyer abroad was offered a {in_words(event.option)} for {event.sku}."


def _return_label_issued(event: ReturnLabelIssued) -> str:
    label = f"A label ({in_words(event.kind)}) was issued for {_units(event.quantity, event.sku)}"
    return f"{label}, paid by the {event.payer}{_money(event.cost, ': ')}."


def _return_first_scanned(event: ReturnFirstScanned) -> str:
    return f"The returning {event.sku} was scanned first{_in(event.carrier, ' by ')}."


def _return_lost(event: ReturnLost) -> str:
    return (
        f"The returning {event.sku} was lost{_in(event.carrier, ' by ')}; this was its last scan."
    )


# --- arrivals ---------------------------------------------------------------------------------


def _units_received(event: UnitsReceived) -> str:
    wrong = ", though the delivery scan is wrong" if event.scan_wrong else ""
    return f"{_units(event.quantity, event.sku)} reached the seller{wrong}."


def _unit_graded(event: UnitGraded) -> str:
    return f"{_units(event.quantity, event.sku)} graded {in_words(event.condition)}{_files(event.evidence)}."


def _wrong_item_received(event: WrongItemReceived) -> str:
    instead = f"{event.arrived} came back instead of {_units(event.quantity, event.sku)}"
    return f"{instead}{_files(event.evidence)}."


def _damage_reported(event: DamageReported) -> str:
    return f"The {in_words(event.by)} reports damage to {_units(event.quantity, event.sku)}."


def _damage_investigated(event: DamageInvestigated) -> str:
    cause = f"{in_words(event.cause)}{_in(event.carrier, ', ')}"
    return f"Damage to {_units(event.quantity, event.sku)}: {cause}{_files(event.evidence)}."


def _removal_received(event: RemovalReceived) -> str:
    damaged = f", {event.damaged:,} of them damaged" if event.damaged else ""
    return f"{_units(event.quantity, event.fnsku)} of the removal reached the seller{damaged}."


# --- refunds ----------------------------------------------------------------------------------


def _refund_given(event: RefundGiven) -> str:
    who = "Amazon" if event.by == "amazon" else "The seller"
    return f"{who} refunded {event.amount} for {event.sku} ({in_words(event.trigger)})."


def _restocking_fee_applied(event: RestockingFeeApplied) -> str:
    return f"{event.amount} was kept back for {event.sku}: {in_words(event.reason)}."


def _concession_granted(event: ConcessionGranted) -> str:
    given = f"The seller gave {event.amount} ({in_words(event.kind)}) as goodwill: {event.why}"
    return f"{given}{_in(event.approver, ', approved by ')}."


def _replacement_sent(event: ReplacementSent) -> str:
    again = f"The seller sent {_units(event.quantity, event.sku)} again"
    return f"{again}{_in(event.replacement_order_id, ' as order ')}{_money(event.cost, ', cost ')}."


# --- claims -----------------------------------------------------------------------------------


def _claim_drafted(event: ClaimDrafted) -> str:
    return f"Claim {event.claim} ({in_words(event.claim_type)}) was drafted{_money(event.amount, ' for ')}."


def _claim_filed(event: ClaimFiled) -> str:
    who = "The buyer" if event.by == "buyer" else "The seller"
    kind = ", ".join(dict.fromkeys((in_words(event.claim_type), in_words(event.door))))
    what = f"{who} filed claim {event.claim} ({kind})"
    return f"{what}{_money(event.amount, ' for ')}{_in(event.case_id, ', case ')}."


def _claim_info_requested(event: ClaimInfoRequested) -> str:
    return f"More was asked about claim {event.claim}{_in(event.due_at, ', until ')}."


def _claim_info_answered(event: ClaimInfoAnswered) -> str:
    return f"What was asked about claim {event.claim} was answered{_files(event.evidence)}."


def _claim_decided(event: ClaimDecided) -> str:
    until = _in(event.appeal_until, ", appeal until ")
    paid = _in(event.funded_by, ", paid by the ").replace("the amazon", "Amazon")
    decided = f"Claim {event.claim} was {in_words(event.outcome)}{_money(event.amount, ': ')}"
    return f"{decided}{paid}{until}."


def _appeal_filed(event: AppealFiled) -> str:
    return f"The decision on claim {event.claim} was appealed{', late' if event.late else ''}."


def _appeal_decided(event: AppealDecided) -> str:
    return f"The appeal on claim {event.claim} was {in_words(event.outcome)}{_money(event.amount, ': ')}."


def _claim_paid(event: ClaimPaid) -> str:
    return f"{event.amount} was paid on claim {event.claim}{_in(event.reimbursement_id, ', ')}."


def _claim_payment_reversed(event: ClaimPaymentReversed) -> str:
    return f"{event.amount} paid on claim {event.claim} was taken back."


# --- messages ---------------------------------------------------------------------------------


def _message_received(event: MessageReceived) -> str:
    answer = "" if event.needs_answer else ", no answer needed"
    words = ", words sealed" if event.words else ""
    return f"The buyer wrote (message {event.message}, {in_words(event.topic)}{answer}{words})."


def _message_answered(event: MessageAnswered) -> str:
    by = ", by a machine" if event.automatic else ""
    words = ", words sealed" if event.words else ""
    return f"Message {event.message} was answered{by}{words}."


def _review_threatened(event: ReviewThreatened) -> str:
    return f"The buyer threatened a bad review{_in(event.message, ' in message ')}{_files(event.evidence)}."


def _abuse_reported(event: AbuseReported) -> str:
    where = in_words(event.channel)
    return f"Abuse was reported to Amazon ({where}{_in(event.reference, ', ')})."


# --- the account ------------------------------------------------------------------------------


def _product_described(event: ProductDescribed) -> str:
    traits = ", ".join(in_words(trait) for trait in event.traits)
    return f"{event.sku} is{_in(event.category, ' ') or ' described'}{_in(traits, ', ')}."


def _sourcing_cost_set(event: SourcingCostSet) -> str:
    return f"One unit of {event.sku} costs {event.cost}{_in(event.invoice_on, ', invoice of ')}."


def _return_policy_set(event: ReturnPolicySet) -> str:
    said = [
        *([f"{event.window_days} days"] if event.window_days is not None else []),
        *([f"guarantee {event.guarantee_months} months"] if event.guarantee_months else []),
        *(["free returns"] if event.free_returns else []),
    ]
    return f"The seller's terms for returns{_in(event.marketplace, ' in ')}: {', '.join(said) or 'none'}."


def _returnless_rule_set(event: ReturnlessRuleSet) -> str:
    until = _money(event.max_price, " up to ")
    state = "holds" if event.active else "holds no more"
    return f"The rule {event.name} for refunds without a return{until} {state}."


def _contact_set(event: ContactSet) -> str:
    return f"The seller's contact details were brought up to date: {', '.join(event.ways)}."


# --- the record -------------------------------------------------------------------------------


def _evidence_attached(event: EvidenceAttached) -> str:
    about = _in(event.claim, " for claim ") or _in(event.sku, " about ")
    sealed = ", sealed" if event.sealed else ""
    told = f"{event.name} ({in_words(event.kind)}, {event.size:,} bytes{sealed})"
    return f"{told} was attached{about}."


def _note_added(event: NoteAdded) -> str:
    return f"Note: {event.text}"


def _entry_corrected(event: EntryCorrected) -> str:
    return f"Entry {event.corrects} counts no more: {event.why}."


def _legal_hold_placed(event: LegalHoldPlaced) -> str:
    return f"Nothing about it may be erased: {event.why}."


def _legal_hold_released(event: LegalHoldReleased) -> str:
    return f"It may be erased again when its time comes: {event.why}."


SENTENCES: Final[Mapping[type[Event], Callable[[Any], str]]] = {
    OrderTold: _order_told,
    OrderDispatched: _order_dispatched,
    OrderDelivered: _order_delivered,
    RequestReceived: _request_received,
    WithdrawalDeclared: _withdrawal_declared,
    ReturnAuthorized: _return_authorized,
    ReturnDeclined: _return_declined,
    DeclineOverridden: _decline_overridden,
    ReturnOptionOffered: _return_option_offered,
    ReturnLabelIssued: _return_label_issued,
    ReturnFirstScanned: _return_first_scanned,
    ReturnLost: _return_lost,
    UnitsReceived: _units_received,
    UnitGraded: _unit_graded,
    WrongItemReceived: _wrong_item_received,
    DamageReported: _damage_reported,
    DamageInvestigated: _damage_investigated,
    RemovalReceived: _removal_received,
    RefundGiven: _refund_given,
    RestockingFeeApplied: _restocking_fee_applied,
    ConcessionGranted: _concession_granted,
    ReplacementSent: _replacement_sent,
    ClaimDrafted: _claim_drafted,
    ClaimFiled: _claim_filed,
    ClaimInfoRequested: _claim_info_requested,
    ClaimInfoAnswered: _claim_info_answered,
    ClaimDecided: _claim_decided,
    AppealFiled: _appeal_filed,
    AppealDecided: _appeal_decided,
    ClaimPaid: _claim_paid,
    ClaimPaymentReversed: _claim_payment_reversed,
    MessageReceived: _message_received,
    MessageAnswered: _message_answered,
    ReviewThreatened: _review_threatened,
    AbuseReported: _abuse_reported,
    ProductDescribed: _product_described,
    SourcingCostSet: _sourcing_cost_set,
    ReturnPolicySet: _return_policy_set,
    ReturnlessRuleSet: _returnless_rule_set,
    ContactSet: _contact_set,
    EvidenceAttached: _evidence_attached,
    NoteAdded: _note_added,
    EntryCorrected: _entry_corrected,
    LegalHoldPlaced: _legal_hold_placed,
    LegalHoldReleased: _legal_hold_released,
}
