"""The kinds of dossier: which claims each is about, and which reports would show that it was paid."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from ledger.book import REFUNDS, REIMBURSEMENTS

Kind = Literal["fba", "safe-t", "a-to-z", "inbound", "removal", "reversal"]


class Sort(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of dossier is about."""

    claim_types: tuple[str, ...]
    door: str
    """Where such a claim is put."""
    shown_in: tuple[str, ...]
    """The reports that would show a payment: they hold nothing personal, so they are handed out whole."""


SORTS: Final[dict[Kind, Sort]] = {
    "fba": Sort(
        claim_types=(
            "return_missing",
            "return_damaged",
            "return_not_restocked",
            "return_wrong_item",
            "fc_lost",
            "fc_damaged",
            "disposed_without_order",
            "underpaid",
        ),
        door="fba",
        shown_in=(REIMBURSEMENTS,),
    ),
    "safe-t": Sort(
        claim_types=("safe_t",),
        door="safe_t",
        shown_in=(REFUNDS,),
    ),
    "a-to-z": Sort(
        claim_types=("a_to_z_appeal",),
        door="a_to_z",
        shown_in=(REFUNDS,),
    ),
    "inbound": Sort(
        claim_types=("inbound_missing",),
        door="fba",
        shown_in=(REIMBURSEMENTS,),
    ),
    "removal": Sort(
        claim_types=("removal_lost", "removal_damaged"),
        door="fba",
        shown_in=(REIMBURSEMENTS,),
    ),
    "reversal": Sort(
        claim_types=("reversal_unsupported",),
        door="fba",
        shown_in=(REIMBURSEMENTS,),
    ),
}
PAPERS: Final = {
    "safe_t": "safet.window",
    "a_to_z_appeal": "az.appeal",
    "removal_lost": "fba.removal_lost.window",
    "removal_damaged": "fba.removal_other.window",
}
"""The rule family that says what a claim has to show, beside the rules that decided it."""
KINDS: Final[tuple[Kind, ...]] = tuple(SORTS)


def kind_of(claim_type: str) -> Kind | None:
    """The kind of dossier for a kind of claim; None where Amazon does not decide it."""
    return next((kind for kind, sort in SORTS.items() if claim_type in sort.claim_types), None)
