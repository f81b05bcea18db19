"""Which claim a dossier is about: the finding that was named, or the one that its order leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from cli.dossier.kinds import SORTS, Kind, kind_of
from ledger.errors import LedgerError, UnknownThing
from ledger.event import ACCOUNT_STREAM
from ledger.judging import judge
from ledger.nearby import Linked, near
from ledger.policy import ACT_ON, Finding
from ledger.remedies import remedies

if TYPE_CHECKING:
    from ledger.case import Case
    from ledger.recall import Recall

_LATER: Final = ("review", "waiting", "expired", "not_claimable", "overpaid", "paid")
"""Of what cannot be filed now, the likeliest to be meant first."""
_INBOUND: Final = (
    "no report of shipments to Amazon is read by this program, so that it cannot say what was short"
)


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A case, the finding about it that is meant, and the kind of dossier that this makes."""

    recall: Recall
    """The account with a book of all that this case can depend on."""
    case: Case
    finding: Finding
    kind: Kind


def is_finding(name: str) -> bool:
    """True for the id of a finding, or the beginning of one."""
    return name.strip().upper().startswith("F-")


def choose(
    recall: Recall, linked: Linked, streams: Sequence[str], name: str, kind: Kind | None
) -> Chosen | None:
    """What is meant by a name, or by the whole id of a finding, in the streams of one account that have it; or None.

    Raises a LedgerError where it could be several, or nothing that a dossier of that kind is about.
    """
    if kind == "inbound":
        raise _refused(name, _INBOUND, "Draft it by hand: invoice, proof of delivery, quantities.")
    if not streams:
        return None
    (stream,) = streams
    if is_finding(name):
        return _found(recall, linked, stream, name, kind)
    case = recall.case(stream)
    recall = near(recall, case, linked)
    fitting = [
        (found, sort)
        for found in judge(case, recall.book, recall.as_of)
        if (sort := kind_of(found.claim_type)) is not None and kind in (None, sort)
    ]
    if not fitting:
        raise _nothing(recall, case, kind)
    finding, sort = _likeliest(fitting, case.name)
    return Chosen(recall=recall, case=case, finding=finding, kind=sort)


def _found(
    recall: Recall, linked: Linked, stream: str, wanted: str, kind: Kind | None
) -> Chosen | None:
    """The finding of that id."""
    case = recall.case(stream)
    recall = near(recall, case, linked)
    found = judge(case, recall.book, recall.as_of)
    finding = next((one for one in found if one.finding_id == wanted), None)
    if finding is None:
        return None
    sort = kind_of(finding.claim_type)
    if sort is None:
        advice = f"`returns-ledger draft write carrier_claim {case.name}` writes the text for it."
        raise _refused(wanted, "Amazon does not decide it: it is put to the carrier", advice)
    if kind not in (None, sort):
        raise _refused(wanted, f"it is a claim of the kind {sort}", f"Say --kind {sort}, or none.")
    return Chosen(recall=recall, case=case, finding=finding, kind=sort)


def _likeliest(found: Sequence[tuple[Finding, Kind]], name: str) -> tuple[Finding, Kind]:
    """The one that can be filed now; else the one that is nearest to it."""
    ready = [one for one in found if one[0].verdict in ACT_ON]
    if len(ready) > 1:
        told = ", ".join(f"{one.finding_id} ({one.claim_type})" for one, _ in ready)
        raise UnknownThing(
            f"{len(ready)} claims about it can be filed: {told}",
            found=name,
            advice="Name the finding that is meant: a dossier is about one claim.",
        )
    if ready:
        return ready[0]
    return min(found, key=lambda one: (_LATER.index(one[0].verdict), one[0].finding_id))


def _nothing(recall: Recall, case: Case, kind: Kind | None) -> LedgerError:
    """Why there is no claim for a dossier: the doors that the order's refunds leave open say it."""
    if case.stream == ACCOUNT_STREAM:
        return _refused(case.stream, "it is no order", "Name an order, an FNSKU or a removal.")
    doors = []
    if case.kind == "order":
        doors = [one.why for one in remedies(case, recall.book, recall.as_of)]
    why = "; ".join(dict.fromkeys(doors)) or "nothing that could be claimed is found of it"
    if kind is not None:
        types = ", ".join(SORTS[kind].claim_types)
        why = f"nothing of the kind {kind} ({types}) is found of it: {why}"
    advice = f"`returns-ledger remedy {case.name}` says which door is open, and why."
    if case.kind != "order":
        advice = f"`returns-ledger story {case.name}` tells what is recorded of it."
    return _refused(case.name, why, advice)


def _refused(name: str, why: str, advice: str) -> LedgerError:
    return LedgerError(f"there is no dossier to be made: {why}", found=name, advice=advice)
