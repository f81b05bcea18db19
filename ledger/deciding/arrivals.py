"""Refusals of what comes back: no more than was sent, and nothing looked at that never came."""

from __future__ import annotations

from ledger.case import Case
from ledger.deciding.proposal import Proposal
from ledger.desk import graded, programme_of, quantity_of, receipts_of, received_units
from ledger.events.arrivals import (
    DamageInvestigated,
    DamageReported,
    RemovalReceived,
    UnitGraded,
    UnitsReceived,
    WrongItemReceived,
)
from ledger.events.refunds import ReplacementSent
from ledger.events.requests import ReturnLost

Looked = UnitGraded | WrongItemReceived


def is_not_more_than_was_sent(proposal: Proposal[UnitsReceived]) -> None:
    """Of what was sent, and sent again, no unit comes back twice."""
    event, case = proposal.event, proposal.case
    if programme_of(case, event.sku) == "FBA":
        proposal.caution("returns of this order go to Amazon (FBA), as the reports tell it")
    sent = sent_units(case, event.sku)
    was, would = received_units(case, event.sku), received_units(proposal.after, event.sku)
    if sent is None:
        proposal.caution("nothing tells how many were sent")
    elif would > sent and would > was:
        receipts = receipts_of(case, event.sku)
        proposal.refuse(
            f"{sent} of {event.sku} were sent, and {was} came back before",
            advice="Check the order and the quantity; what else came is `returns-ledger return wrong-item`.",
            by=receipts[-1].ref if receipts else None,
            found=event.quantity,
        )
    for ref, lost in case.told(ReturnLost):
        if lost.sku == event.sku:
            proposal.caution(f"the parcel was told lost (entry {ref.position}): correct that")


def sent_units(case: Case, sku: str) -> int | None:
    """Units of a SKU that were sent, and sent again; None where nothing tells."""
    ordered = quantity_of(case, sku)
    if ordered is None:
        return None
    again = sum(one.quantity for _, one in case.told(ReplacementSent) if one.sku == sku)
    return ordered + again + sum(one.quantity for one in case.replacements if one.sku == sku)


def has_come_back(proposal: Proposal[Looked]) -> None:
    """Only what came back can be looked at; what Amazon sends back from its stock names its plate."""
    event, case = proposal.event, proposal.case
    was = sum(found.quantity for _, found in graded(case, event.sku))
    if event.license_plate and programme_of(case, event.sku) == "FBA":
        back, what = quantity_of(case, event.sku), "were ordered"
    else:
        back, what = received_units(case, event.sku), "came back"
    if back is None or was + event.quantity <= back:
        return
    receipts = receipts_of(case, event.sku)
    advice = (
        "Correct the earlier finding first, if it was wrong: `returns-ledger correct ENTRY`."
        if was
        else "Record what came back first: `returns-ledger return receive`."
    )
    looked_at = f", and {was} were looked at" if was else ""
    proposal.refuse(
        f"{back} of {event.sku} {what}{looked_at}",
        advice=advice,
        by=graded(case, event.sku)[-1][0] if was else receipts[-1].ref if receipts else None,
        found=event.quantity,
    )


def was_there_before_it_was_looked_at(proposal: Proposal[Looked]) -> None:
    """A unit is looked at after it came."""
    receipts = receipts_of(proposal.case, proposal.event.sku)
    if receipts and proposal.day < receipts[0].ref.day:
        proposal.refuse(
            f"it came back on {receipts[0].ref.day}, later than that",
            advice="Check the day given with `--at`.",
            by=receipts[0].ref,
            found=proposal.occurred_at,
        )


def shows_what_it_says(proposal: Proposal[Looked | DamageReported]) -> None:
    """What is not as it was sent is believed with photos only."""
    event = proposal.event
    as_sent = isinstance(event, UnitGraded) and event.condition == "as_new"
    if not event.evidence and not as_sent:
        proposal.caution("no photo shows it: attach some and name them, a claim will ask for them")


def was_reported(proposal: Proposal[DamageInvestigated]) -> None:
    """A cause is looked for where something is damaged."""
    event, case = proposal.event, proposal.case
    reported = any(one.sku == event.sku for _, one in case.told(DamageReported))
    found = any(
        isinstance(one, UnitGraded) and one.condition in ("damaged", "defective")
        for _, one in graded(case, event.sku)
    )
    if not (reported or found):
        proposal.caution("nobody has reported damage, and no unit was graded damaged")


def is_not_more_than_the_removal(proposal: Proposal[RemovalReceived]) -> None:
    """Of a removal no more comes than was shipped, and no more of that is damaged."""
    event, case = proposal.event, proposal.case
    if event.damaged > event.quantity or event.damaged < 0:
        proposal.refuse(
            f"{event.damaged} of {event.quantity} cannot be damaged",
            advice="The damaged units are among those that came.",
            found=event.damaged,
        )
    shipped = [one for one in case.removal_shipments if one.fnsku == event.fnsku]
    lines = [one for one in case.removal_lines if one.fnsku == event.fnsku]
    told = [one.quantity for one in shipped] or [one.requested for one in lines]
    if not told:
        proposal.refuse(
            "the removal order has no such FNSKU",
            advice="Check the FNSKU; import the removal order's reports.",
            found=event.fnsku,
        )
    before = [(ref, one) for ref, one in case.told(RemovalReceived) if one.fnsku == event.fnsku]
    was = sum(one.quantity for _, one in before)
    if was + event.quantity > sum(told):
        proposal.refuse(
            f"{sum(told)} were to come, and {was} came before",
            advice="Check the removal order and the quantity; import its shipments.",
            by=before[-1][0] if before else (shipped or lines)[-1].ref,
            found=event.quantity,
        )
