"""Records a claim's life: drafted, filed, asked about, answered, decided, appealed, paid, taken back."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import click

from cli.desk import ClaimType, Field, Form, Shown, Values, group_of
from ledger.errors import LedgerError, StoreTrouble, UnknownThing
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

if TYPE_CHECKING:
    from datetime import date

    from cli.desk.recording import Desk
    from ledger.policy import Finding
    from ledger.recall import Recall

DOORS: Final = {
    "safe_t": "safe_t",
    "a_to_z": "a_to_z",
    "a_to_z_appeal": "a_to_z",
    "carrier_damage": "carrier",
    "chargeback": "chargeback",
}
"""Where a claim of a type is put; every other type is Amazon's own loss, damage or payment (fba)."""
TYPES: Final = {
    "safe_t": "safe_t",
    "a_to_z": "a_to_z",
    "carrier": "carrier_damage",
    "chargeback": "chargeback",
}
"""What is claimed where only the door is said."""


def _begun(desk: Desk, filled: Values) -> Values:
    """What a new claim is about: as it was said, else as its finding says, else as its door does."""
    finding_id = filled.get("finding_id")
    if finding_id and desk.before is None:
        filled = {**_of(desk, _finding(desk, finding_id)), **filled}
    told = (
        filled.get("claim_type") or desk.recalled("claim_type") or TYPES.get(filled.get("door", ""))
    )
    if told is None:
        raise click.UsageError(
            "What is claimed? Give --finding F-..., as `returns-ledger audit` lists them, or --type."
        )
    filled = {**filled, "claim_type": told}
    filled.setdefault("door", desk.recalled("door") or DOORS.get(told, "fba"))
    for field in ("amount", *(("sku", "quantity") if desk.form.records is ClaimFiled else ())):
        filled.setdefault(field, desk.recalled(field))
    if desk.form.records is ClaimFiled and told == filled["door"] == "a_to_z":
        filled.setdefault("by", "buyer")
    filled.setdefault("claim", desk.recalled("claim") or _name(desk, filled))
    if desk.form.records is ClaimFiled and not filled["sku"] and desk.before is None:
        filled["sku"] = desk.sku_if_one()
    return {name: value for name, value in filled.items() if value is not None}


def _of(desk: Desk, finding: Finding) -> Values:
    """What a finding says of the claim that is made of it."""
    told = {"claim_type": finding.claim_type, "amount": finding.amount_open}
    if desk.form.records is ClaimDrafted:
        return told
    return {**told, "sku": finding.sku, "quantity": finding.quantity}


def _finding(desk: Desk, finding_id: str) -> Finding:
    from ledger.judging import audit
    from ledger.values import day_of

    day = day_of(desk.sending.at or desk.sending.now, desk.case.marketplace)
    for finding in audit(_recall(desk, day), [desk.stream]):
        if finding.finding_id == finding_id.strip().upper():
            return finding
    raise UnknownThing(
        f"there is no such finding about {desk.thing} on {day}",
        found=finding_id,
        advice="`returns-ledger audit` lists the findings; the day is that of --at, else today.",
    )


def _recall(desk: Desk, day: date) -> Recall:
    """The account on the day, with a book of all that this thing can depend on; of all there is, where none is kept."""
    from ledger.nearby import near
    from ledger.recall import Recall
    from projections.links import Links
    from projections.views import open_views

    recall = Recall(desk.log, day)
    try:
        with closing(open_views(desk.log.url, desk.log.account)) as views:
            return near(recall, recall.case(desk.stream), Links(desk.log, views))
    except StoreTrouble:
        return recall


def _name(desk: Desk, filled: Values) -> str:
    """The draft that is filed now, where there is one; else a new name."""
    from ledger.desk import claims_of

    if desk.form.records is ClaimFiled:
        drafts = [
            claim.name
            for claim in claims_of(desk.case).values()
            if claim.filed is None
            and (claim.claim_type, claim.door) == (filled["claim_type"], filled["door"])
        ]
        if len(drafts) == 1:
            return drafts[0]
        if drafts:
            advice = f"Say which one is filed: {', '.join(drafts)}."
            raise LedgerError("several such claims are drafted", found=desk.thing, advice=advice)
    return desk.new_name("C")


BEGUN: Final = {
    "claim": Field(
        "Your own name for the claim; one is made where it is left out.", required=False
    ),
    "claim_type": Field(
        "What is claimed: a type of finding, or the buyer's `a_to_z`.",
        "type",
        ClaimType(),
        required=False,
    ),
    "door": Field("Where it is put; follows from the type.", required=False),
    "amount": Field("How much is claimed: '49.90 EUR'.", metavar="AMOUNT"),
}

FORMS: Final = (
    Form(
        name="draft",
        records=ClaimDrafted,
        about="thing",
        arguments=("claim",),
        new_claim=True,
        finish=_begun,
        help="""Record that the text of a claim was written; nothing was filed.

        `returns-ledger draft` writes one.
        """,
        fields={
            **BEGUN,
            "lang": "The language of the text: en, sv, de.",
            "text": Field("The text: a file, kept as evidence is.", type=Shown(), metavar="FILE"),
        },
    ),
    Form(
        name="file",
        records=ClaimFiled,
        about="thing",
        arguments=("claim",),
        new_claim=True,
        finish=_begun,
        help="""Record that a claim was filed: by you, or by the buyer against you (A-to-z).

        `returns-ledger guard` says beforehand what speaks against it. This program files nothing.
        """,
        fields={
            **BEGUN,
            "by": "Who filed it: you; the buyer, where it is A-to-z.",
            "case_id": Field("Amazon's or the carrier's own number for it.", "case"),
            "sku": "Which SKU it is about.",
            "quantity": "How many units it is about; 1 where it is not said.",
        },
    ),
    Form(
        name="asked",
        records=ClaimInfoRequested,
        about="thing",
        arguments=("claim",),
        help="""Record that Amazon or the carrier wants to know more.

        The answer is due within days or hours; without one the claim is lost.
        """,
        fields={"on_appeal": "It was asked about an appeal."},
    ),
    Form(
        name="answer",
        records=ClaimInfoAnswered,
        about="thing",
        arguments=("claim",),
        help="Record that you answered what was asked.",
    ),
    Form(
        name="decide",
        records=ClaimDecided,
        about="thing",
        arguments=("claim",),
        help="""Record how a claim was decided.

        Of an A-to-z claim `granted` means for the buyer, and the amount is what the buyer gets.
        """,
        fields={
            "outcome": "How it was decided.",
            "amount": Field("What was granted.", metavar="AMOUNT"),
            "funded_by": "Who pays what was granted.",
        },
    ),
    Form(
        name="appeal",
        records=AppealFiled,
        about="thing",
        arguments=("claim",),
        help="""Record that you appealed a decision.

        After the window it is refused, unless --late says that you know.
        """,
        fields={"late": "Record it although its window has closed."},
    ),
    Form(
        name="appeal-decided",
        records=AppealDecided,
        about="thing",
        arguments=("claim",),
        help="Record how an appeal was decided; `granted` means for you.",
        fields={
            "outcome": "How it was decided; granted: for you.",
            "amount": Field("What you get back.", metavar="AMOUNT"),
        },
    ),
    Form(
        name="paid",
        records=ClaimPaid,
        about="thing",
        arguments=("claim",),
        help="""Record that a claim was paid to you.

        Amazon's reports confirm it later, and add nothing.
        """,
        fields={"amount": Field("What was paid.", metavar="AMOUNT")},
    ),
    Form(
        name="reversed",
        records=ClaimPaymentReversed,
        about="thing",
        arguments=("claim",),
        help="Record that what had been paid on a claim was taken back.",
        fields={"amount": Field("What was taken back, as plus.", metavar="AMOUNT")},
    ),
)

command = group_of(
    "claim",
    "Record a claim's life: filed, asked about, decided, appealed, paid.",
    "THING is an order, an FNSKU or a removal. CLAIM is your own name for the claim: `draft` and "
    "`file` make one where it is left out, the others need it only where there are several.",
    FORMS,
)
