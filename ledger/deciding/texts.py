"""What a seller writes in his own words: nothing personal in it is kept in clear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from ledger.deciding.proposal import Refused
from ledger.event import Deed
from ledger.events.claims import ClaimDrafted
from ledger.events.terms import ReturnlessRuleSet
from ledger.personal import kinds_in, redacted

TEXTS: Final = frozenset(
    {"approver", "arrived", "carrier", "category", "name", "reference", "text", "why"}
)
"""Fields in the seller's own words."""
IDENTIFIERS: Final = frozenset(
    {
        *("asin", "case_id", "lang", "license_plate", "reason", "reimbursement_id"),
        *("replacement_order_id", "rma_id", "serial", "serial_sent", "sku", "tracking"),
        *("categories", "reasons"),
    }
)
"""Fields whose form says what they are, though a person's data may have been typed by mistake."""
_NO_IDENTIFIER: Final = frozenset({"e-mail address", "personal link", "account number", "address"})
"""What no identifier looks like; many look like a telephone number."""
_ABROAD: Final = "+"
"""With it a telephone number begins, and no parcel's number."""
NAMES: Final = frozenset({"claim", "message"})
"""Names by which later events find something: with a part blotted out they would find it no more."""


def screened(event: Deed, *, redact: bool) -> tuple[Deed, tuple[str, ...]]:
    """The event as it may be kept, and the kinds of personal data that were blotted out of it.

    Raises Refused, which names the kinds and never repeats the words, where there are some and they are
    not to be blotted out, or stand in a name.
    """
    _screen_identifiers(event)
    blotted: dict[str, str] = {}
    kinds: list[str] = []
    for field, text in _written(event):
        found = kinds_in(text)
        if not found:
            continue
        if not redact or _is_name(event, field):
            raise _refusal(field, found, redact=redact)
        blotted[field] = redacted(text)
        kinds += found
    if not blotted:
        return event, ()
    return msgspec.structs.replace(event, **blotted), tuple(dict.fromkeys(kinds))


def _written(event: Deed) -> Iterator[tuple[str, str]]:
    for field in sorted(TEXTS | NAMES):
        text = getattr(event, field, None)
        if text is not None and not (field == "text" and isinstance(event, ClaimDrafted)):
            yield field, text


def _screen_identifiers(event: Deed) -> None:
    """An identifier that is personal is refused: with a part blotted out it would be another one."""
    for field in sorted(IDENTIFIERS):
        told = getattr(event, field, None) or ()
        for text in (told,) if isinstance(told, str) else told:
            found = tuple(
                kind
                for kind in kinds_in(text)
                if kind in _NO_IDENTIFIER or (kind == "phone number" and text.startswith(_ABROAD))
            )
            if found:
                raise _refusal(field.replace("_", " "), found, redact=True)


def _is_name(event: Deed, field: str) -> bool:
    return field in NAMES or (field == "name" and isinstance(event, ReturnlessRuleSet))


def _refusal(field: str, found: tuple[str, ...], *, redact: bool) -> Refused:
    what = " and ".join(found)
    if redact:
        advice = "Give one that says nothing about a person."
    else:
        advice = "Leave it out, or have it blotted out with `--redact`."
    return Refused(
        f"what is recorded is kept for ever, and the {field} holds what is most likely personal: {what}",
        advice=advice,
    )
