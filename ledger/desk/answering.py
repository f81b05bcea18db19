"""What was answered to each request: allowed, declined, or a way to return offered."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from ledger.case import Case, Ref
from ledger.desk.returning import Request, no_other_rma, requests_of
from ledger.event import Deed
from ledger.events.requests import ReturnAuthorized, ReturnDeclined, ReturnOptionOffered

How = Literal["allowed", "declined", "offered"]
_HOW: Final[tuple[tuple[type[Deed], How], ...]] = (
    (ReturnAuthorized, "allowed"),
    (ReturnDeclined, "declined"),
    (ReturnOptionOffered, "offered"),
)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The first answer that a request got."""

    ref: Ref
    how: How
    by: str
    """seller or amazon."""


def answers_of(case: Case) -> dict[str, Answer]:
    """The first answer to each request that has one, by the request's slot.

    An answer that names the request's RMA id is for that one; else it is for the first of its SKU that
    had none.
    """
    requests = [one for one in requests_of(case) if not one.withdrawal]
    answers: dict[str, Answer] = {}
    for ref, deed in case.deeds:
        how = next((how for kind, how in _HOW if isinstance(deed, kind)), None)
        if how is None:
            continue
        open_ = [
            one
            for one in requests
            if one.ref.slot not in answers and one.ref.day <= ref.day and _meant(one, deed)
        ]
        if open_:
            by = getattr(deed, "by", "seller")
            answers[open_[0].ref.slot] = Answer(ref=ref, how=how, by=by)
    return answers


def _meant(request: Request, deed: Deed) -> bool:
    """True where an answer may be for a request: of its SKU, and of its RMA id where both tell one."""
    sku, rma_id = getattr(deed, "sku", None), getattr(deed, "rma_id", None)
    return sku == request.sku and no_other_rma(rma_id, request.rma_id)
