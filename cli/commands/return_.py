"""Records a return from the buyer's request to the unit on your table: asked, answered, sent, received, graded."""

from __future__ import annotations

from typing import Final

from cli.desk import Field, Form, group_of
from ledger.events.arrivals import (
    DamageInvestigated,
    DamageReported,
    UnitGraded,
    UnitsReceived,
    WrongItemReceived,
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

SENT: Final = {
    "serial_sent": "The serial number of the unit that you had sent.",
    "grams": "What the parcel weighs, in grams.",
    "grams_sent": "What it weighed when you sent it.",
}
"""What shows that it is not what was sent."""

REQUEST: Final = (
    Form(
        name="request",
        records=RequestReceived,
        help="""Record that the buyer asked to send something back.

        The seller-fulfilled returns report tells of it later; both together are one request.
        """,
        fields={
            "in_policy": Field("What Amazon says of the request.", otherwise="out-of-policy"),
            "cross_border": "The buyer is in another country than your return address.",
            "out_of_guarantee": "The buyer asks after your own guarantee has ended.",
        },
    ),
    Form(
        name="withdraw",
        records=WithdrawalDeclared,
        help="""Record that the buyer withdrew from the contract: a right, not a request.

        In the EU and the UK the buyer needs no reason for it, and it cannot be declined while the
        right lasts.
        """,
    ),
    Form(
        name="authorize",
        records=ReturnAuthorized,
        help="Record that the return was allowed, by you or by Amazon without asking.",
        fields={
            "by": "Who allowed it; you, where it is not said.",
            "goodwill": "No rule obliged you: you allow it of your own will.",
        },
    ),
    Form(
        name="decline",
        records=ReturnDeclined,
        allows=("against_advice",),
        help="""Record that you declined the return, and by which rule.

        `returns-ledger rules` shows the rules; `returns-ledger rights ORDER` what the buyer may do.
        """,
        fields={"rule_id": Field("The rule by which it is declined.", "rule", metavar="ID")},
    ),
    Form(
        name="override",
        records=DeclineOverridden,
        help="Record that Amazon allowed a return that you had declined.",
    ),
    Form(
        name="offer",
        records=ReturnOptionOffered,
        help="Record which way a buyer abroad was offered.",
        fields={"option": "What was offered: one of Amazon's three ways."},
    ),
)

WAY_BACK: Final = (
    Form(
        name="label",
        records=ReturnLabelIssued,
        help="Record the label for the way back: who pays, and what kind it is.",
        fields={
            "payer": "Who pays for the way back.",
            "kind": "Amazon's prepaid label, your own, or none: the buyer ships.",
            "cost": Field("What the whole parcel costs.", metavar="AMOUNT"),
        },
    ),
    Form(
        name="scan",
        records=ReturnFirstScanned,
        help="Record the carrier's first scan of the returning parcel.",
    ),
    Form(
        name="lost",
        records=ReturnLost,
        help="""Record that the carrier lost the returning parcel.

        --at is the day of the last scan there was: claims are counted from it.
        """,
    ),
    Form(
        name="receive",
        records=UnitsReceived,
        help="""Record that units came back to you: from here the days to refund are counted.

        --at is the moment of the carrier's delivery scan.
        """,
        fields={"scan_wrong": "The carrier's delivery scan is wrong, and not by your fault."},
    ),
)

TABLE: Final = (
    Form(
        name="grade",
        records=UnitGraded,
        help="""Record the state in which a returned unit is, and what shows it.

        Grade before you refund: what is not graded counts as new with Amazon.
        """,
        fields={
            "condition": "The state in which it is.",
            **SENT,
        },
    ),
    Form(
        name="wrong-item",
        records=WrongItemReceived,
        help="Record that something else came back than what was sent.",
        fields={"arrived": Field("What came instead, in a few words.", metavar="TEXT"), **SENT},
    ),
    Form(
        name="damage",
        records=DamageReported,
        help="Record who says that units are damaged.",
        fields={"by": "Who says so."},
    ),
    Form(
        name="investigate",
        records=DamageInvestigated,
        help="""Record who or what damaged the units, as far as you could find out.

        It decides who bears the cost, and whether a carrier, Amazon or nobody can be asked for it.
        """,
        fields={"cause": "What damaged it.", "carrier": "Which carrier, where it was one."},
    ),
)

FORMS: Final = (*REQUEST, *WAY_BACK, *TABLE)

command = group_of(
    "return",
    "Record a return: asked for, answered, on its way, received, graded.",
    "Each command says what is due next, until when, and by which rule.",
    FORMS,
)
