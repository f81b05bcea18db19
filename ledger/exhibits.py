"""What a claim can show: the proofs that a rule asks for, each with what tells it, or what to attach."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from ledger.case import Case, Ref
from ledger.desk import dispatched, graded, receipts_of, refunds_of, requests_of
from ledger.events.arrivals import RemovalReceived, UnitGraded, UnitsReceived, WrongItemReceived
from ledger.events.deliveries import OrderDelivered
from ledger.events.keeping import EvidenceAttached, EvidenceKind
from ledger.events.messages import MessageReceived
from ledger.events.requests import (
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
    ReturnLabelIssued,
    ReturnOptionOffered,
)
from ledger.policy import Examination
from ledger.rulebook import Rule
from ledger.values import in_words

MULTIPLE: Final = 2
"""So few photos are several."""
EACH_SIDE: Final = 3
"""Photos of unit, packaging and box: one each at least."""
QUESTION: Final = "Is everything at hand that the rule asks to be shown?"


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """One proof that a rule asks for."""

    what: str
    """In the rule's own words."""
    shown: bool
    refs: tuple[Ref, ...] = ()
    """The entries that tell or hold it."""
    advice: str
    """What to record or attach where nothing shows it."""


class _Proof(NamedTuple):
    """How a proof is found in a case, and what to do where it is not."""

    find: Callable[[Case, str | None], Iterable[Ref]]
    advice: str


def exhibits(case: Case, wanted: Iterable[str], sku: str | None = None) -> list[Exhibit]:
    """Each proof that is asked for, as far as the case holds it."""
    return [_exhibit(case, what, sku) for what in wanted]


def ask_exhibits(
    exam: Examination,
    case: Case,
    rule: Rule | None,
    sku: str | None = None,
    *,
    besides: Iterable[str] = (),
) -> None:
    """A claim whose papers are not there is not ready; what the rule's list does not need is left out."""
    if rule is None:
        return
    skipped = frozenset(besides)
    asked = exhibits(case, (what for what in rule.required_evidence if what not in skipped), sku)
    missing = [one for one in asked if not one.shown]
    seen = [exam.saw(ref) for one in asked for ref in one.refs]
    if missing:
        answer = f"not yet: {', '.join(in_words(one.what) for one in missing)}"
        flip = " ".join(one.advice for one in missing)
        exam.unsure(QUESTION, answer, exam.by(rule), *seen, flip=flip)
    elif asked:
        names = ", ".join(in_words(one.what) for one in asked)
        exam.passed(QUESTION, f"yes: {names}", exam.by(rule), *seen, flip="A file that is missing.")


def attached(case: Case, kind: EvidenceKind, sku: str | None = None) -> list[Ref]:
    """Files of a kind that were attached to the case, about that SKU or about none in particular."""
    return [
        ref
        for ref, one in case.told(EvidenceAttached)
        if one.kind == kind and (one.sku is None or sku is None or one.sku == sku)
    ]


def photos(case: Case, sku: str | None = None) -> dict[str, Ref]:
    """Every photo that shows a unit, by its SHA-256, with the entry that holds it."""
    found: dict[str, Ref] = {}
    for ref, one in case.told(EvidenceAttached):
        if one.kind == "photo" and (one.sku is None or sku is None or one.sku == sku):
            found.setdefault(one.digest, ref)
    for ref, digests in _shown_with(case, sku):
        for digest in digests:
            found.setdefault(digest, ref)
    return found


def _shown_with(case: Case, sku: str | None) -> Iterator[tuple[Ref, tuple[str, ...]]]:
    """Files that were recorded together with a grade or a receipt."""
    if sku is not None:
        for ref, grade in graded(case, sku):
            yield ref, grade.evidence
    for ref, receipt in case.told(RemovalReceived):
        yield ref, receipt.evidence


def _exhibit(case: Case, what: str, sku: str | None) -> Exhibit:
    proof = _PROOFS.get(what)
    if proof is None:
        return Exhibit(
            what=what, shown=False, advice=f"Attach a file that shows: {in_words(what)}."
        )
    refs = tuple(dict.fromkeys(proof.find(case, sku)))
    return Exhibit(what=what, shown=bool(refs), refs=refs, advice=proof.advice)


# --- how each proof is found ------------------------------------------------------------------


def _thing(case: Case, _sku: str | None) -> Iterable[Ref]:
    return case.refs[:1]


def _tracking_back(case: Case, sku: str | None) -> Iterable[Ref]:
    told = [(ref, one.sku, one.tracking) for ref, one in case.told(UnitsReceived)]
    told += [(ref, one.sku, one.tracking) for ref, one in case.told(ReturnFirstScanned)]
    told += [(ref, one.sku, one.tracking) for ref, one in case.told(ReturnLabelIssued)]
    found = [ref for ref, item, tracking in told if tracking and sku in (None, item)]
    return found + [state.ref for state in case.request_states.values() if state.tracking]


def _refunded(case: Case, sku: str | None) -> Iterable[Ref]:
    return [one.ref for one in refunds_of(case, sku)]


def _scanned_in(case: Case, sku: str | None) -> Iterable[Ref]:
    return [one.ref for one in receipts_of(case, sku)] if sku else []


def _several_photos(case: Case, sku: str | None) -> Iterable[Ref]:
    found = photos(case, sku)
    return found.values() if len(found) >= MULTIPLE else ()


def _photos_of_each(case: Case, sku: str | None) -> Iterable[Ref]:
    found = photos(case, sku)
    return found.values() if len(found) >= EACH_SIDE else ()


def _serial_or_weight(case: Case, sku: str | None) -> Iterable[Ref]:
    looked: list[tuple[Ref, UnitGraded | WrongItemReceived]] = []
    looked += case.told(UnitGraded)
    looked += case.told(WrongItemReceived)
    told = [one for one in looked if sku in (None, one[1].sku)]
    return [ref for ref, one in told if one.serial_sent or one.grams_sent]


def _invoice_or_shipping(case: Case, sku: str | None) -> Iterable[Ref]:
    sent = dispatched(case, sku)
    return [*attached(case, "invoice", sku), *([sent[0]] if sent else [])]


def _correspondence(case: Case, sku: str | None) -> Iterable[Ref]:
    written = [ref for ref, _ in case.told(MessageReceived)]
    return [*attached(case, "message", sku), *written]


def _reason_and_condition(case: Case, sku: str | None) -> Iterable[Ref]:
    reasons = [ref for one in requests_of(case, sku) if one.reason for ref in one.refs]
    found = graded(case, sku) if sku else []
    return [*reasons, *(ref for ref, _ in found)] if reasons and found else ()


def _proof_of_delivery(case: Case, sku: str | None) -> Iterable[Ref]:
    told = [
        ref
        for ref, one in case.told(OrderDelivered)
        if one.proof in ("signature", "gps") and (one.sku is None or sku in (None, one.sku))
    ]
    return [*told, *attached(case, "delivery_proof", sku)]


def _carrier_and_tracking(case: Case, sku: str | None) -> Iterable[Ref]:
    sent = dispatched(case, sku)
    return [sent[0]] if sent and sent[1].carrier and sent[1].tracking else ()


def _sent(case: Case, sku: str | None) -> Iterable[Ref]:
    sent = dispatched(case, sku)
    return [sent[0]] if sent else ()


def _eligibility(case: Case, sku: str | None) -> Iterable[Ref]:
    told = [(ref, one.sku) for ref, one in case.told(ReturnAuthorized)]
    told += [(ref, one.sku) for ref, one in case.told(ReturnDeclined)]
    answered = [ref for ref, item in told if sku in (None, item)]
    return [*answered, *(one.ref for one in requests_of(case, sku) if one.in_policy is not None)]


def _domestic_address(case: Case, sku: str | None) -> Iterable[Ref]:
    offered = [
        ref
        for ref, one in case.told(ReturnOptionOffered)
        if one.option == "domestic_address" and sku in (None, one.sku)
    ]
    labels = [
        ref
        for ref, one in case.told(ReturnLabelIssued)
        if one.kind in ("amazon_prepaid", "own_domestic") and sku in (None, one.sku)
    ]
    return offered + labels


def _label(case: Case, sku: str | None) -> Iterable[Ref]:
    issued = [ref for ref, one in case.told(ReturnLabelIssued) if sku in (None, one.sku)]
    return issued + attached(case, "label", sku)


def _acknowledged(case: Case, sku: str | None) -> Iterable[Ref]:
    return attached(case, "message", sku)


def _removal_order(case: Case, _sku: str | None) -> Iterable[Ref]:
    return [line.ref for line in case.removal_lines]


def _removal_sent(case: Case, _sku: str | None) -> Iterable[Ref]:
    return [one.ref for one in case.removal_shipments if one.tracking]


def _plate(case: Case, sku: str | None) -> Iterable[Ref]:
    found = graded(case, sku) if sku else []
    return [ref for ref, one in found if one.license_plate]


def _invoice_or_serial(case: Case, sku: str | None) -> Iterable[Ref]:
    found = graded(case, sku) if sku else []
    serials = [ref for ref, one in found if one.serial or getattr(one, "serial_sent", None)]
    return serials + attached(case, "invoice", sku)


_PHOTOS_ALL: Final = "Attach photos of the unit, its packaging and the shipping box."
_SERIAL: Final = "Record the serial number or the weight of the unit that was sent."

_PROOFS: Final[dict[str, _Proof]] = {
    "order_id": _Proof(_thing, "Import the order."),
    "return_tracking": _Proof(_tracking_back, "Record the returning parcel's tracking number."),
    "refund_date": _Proof(_refunded, "Record the refund, or import its settlement."),
    "return_delivery_scan": _Proof(_scanned_in, "Record on which day the return was delivered."),
    "multiple clear photos of item, packaging, label, serial": _Proof(
        _several_photos,
        "Attach photos of the item, its packaging, the label and the serial number.",
    ),
    "shipped-item serial/weight": _Proof(_serial_or_weight, _SERIAL),
    "invoice or shipping confirmation": _Proof(
        _invoice_or_shipping, "Attach the invoice, or record how the order was sent."
    ),
    "buyer correspondence": _Proof(
        _correspondence, "Attach the messages with the buyer, or the empty list of them."
    ),
    "buyer's return reason vs condition": _Proof(
        _reason_and_condition, "Record the buyer's reason for the return, and grade the unit."
    ),
    "proof of delivery/signature": _Proof(
        _proof_of_delivery, "Attach the carrier's proof of delivery with signature or position."
    ),
    "tracking + carrier": _Proof(
        _carrier_and_tracking, "Record with which carrier and tracking number it was sent."
    ),
    "dispatch date": _Proof(_sent, "Record on which day it was sent."),
    "return eligibility": _Proof(
        _eligibility, "Record whether the return lies inside the policy, and your answer to it."
    ),
    "domestic return address": _Proof(
        _domestic_address, "Record the domestic return address that was offered, or the label."
    ),
    "return label proof": _Proof(_label, "Attach the return label, or record that it was issued."),
    "buyer messages acknowledging receipt": _Proof(
        _acknowledged, "Attach the message in which the buyer says that it arrived."
    ),
    "removal_order_id": _Proof(_removal_order, "Name the removal order that brought the unit."),
    "shipment_id": _Proof(_removal_sent, "Import the removal shipment report."),
    "tracking_or_proof_of_delivery": _Proof(
        _removal_sent, "Import the removal shipment report with its tracking number."
    ),
    "FNSKUs_and_quantities": _Proof(_removal_order, "Import the removal order report."),
    "LPN": _Proof(_plate, "Record the licence plate number (LPN) on the unit."),
    "images_units": _Proof(_photos_of_each, _PHOTOS_ALL),
    "images_packaging": _Proof(_photos_of_each, _PHOTOS_ALL),
    "images_shipping_box": _Proof(_photos_of_each, _PHOTOS_ALL),
    "images_of_difference": _Proof(
        _several_photos, "Attach photos that show the difference, and one of the licence plate."
    ),
    "image_of_LPN_label": _Proof(
        _several_photos, "Attach photos that show the difference, and one of the licence plate."
    ),
    "invoice_or_serial_number": _Proof(
        _invoice_or_serial, "Attach the supplier's invoice, or record the serial number."
    ),
}
"""The proofs by the words in which the rules ask for them."""
