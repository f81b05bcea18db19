"""What a column of a table holds and means: its kind, for programs, and a sentence, for people."""

from __future__ import annotations

from datetime import date
from types import NoneType, UnionType
from typing import Any, Final, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

Kind = Literal["text", "integer", "boolean", "amount", "day", "moment", "list"]


class Field(NamedTuple):
    """One column."""

    name: str
    kind: Kind
    optional: bool
    meaning: str


AMOUNTS: Final = frozenset(
    "amount amount_expected amount_paid amount_open seller buyer carrier amazon together".split()
)
"""Decimal texts in the currency beside them."""
DAYS: Final = frozenset(
    (
        "day first_day last_day told_on gap_first gap_last period_start period_end "
        "window_opens window_closes"
    ).split()
)
MOMENTS: Final = frozenset(("recorded_at",))

MEANINGS: Final = {
    "account": "the account whose ledger it is",
    "actor": "who recorded it: a role",
    "amazon": "what Amazon bears",
    "amount": "borne by the party where above zero, its gain where below",
    "amount_expected": "what is owed by the rules",
    "amount_open": "what is still owed",
    "amount_paid": "what was paid, less what was taken back",
    "asin": "Amazon's number of the product",
    "assumptions": "what had to be assumed",
    "basis": "how the period is known: stated, or inferred from rows",
    "buyer": "what the buyer bears",
    "bytes": "size of the file as it was delivered",
    "carrier": "what a carrier bears",
    "causation": "the entry that made this one necessary",
    "claim_type": "the kind of claim",
    "command": "the command by which it was recorded",
    "correlation": "what was recorded together",
    "currency": "ISO 4217 code of the amounts beside it",
    "day": "the day on which it happened, in the zone of its store",
    "digest": "SHA-256 of the file as it was delivered",
    "disposition": "the state in which the unit came back",
    "effective_from": "the first day on which the rule holds",
    "effective_to": "the first day on which it no longer holds",
    "entries": "the entries that decide it, or how many there are",
    "event": "the kind of event",
    "evidence": "how sure the rule is: A Amazon's own page, B quoted, C paraphrased, D weak, L a statute",
    "file": "the file's name as it was imported",
    "files": "how many files",
    "finding_id": "the same for the same claim in every run",
    "first_day": "the first day for which files speak",
    "fnsku": "Amazon's number of the unit in its stock",
    "gap_first": "the first day after it of which nothing is told",
    "gap_last": "the last day of which nothing is told",
    "id": "the version of the rule",
    "included": "true where the file itself is in this export",
    "last_day": "the last day for which files speak",
    "last_occurred_at": "when the last of it happened",
    "line": "the kind of cost",
    "lines": "lines of the file",
    "marketplace": "the Amazon store",
    "month": "the month in which it happened",
    "name": "what the file is called",
    "occurred_at": "when it happened: a day, or a moment where that is known",
    "order_id": "the Amazon order",
    "own": "true for a rule of the seller's own file",
    "part": "asked: it was asked for; late: it was, and was recorded after the period; "
    "basis: others rest on it",
    "party": "who bears it",
    "period_end": "the last day for which the file speaks",
    "period_start": "the first day for which the file speaks",
    "position": "the entry's number in the log, without gaps",
    "programme": "FBA: Amazon ships; FBM: the seller ships",
    "provisional": "true for what the seller alone tells and a report will",
    "quantity": "units",
    "reason": "why, in words",
    "recorded_at": "when it was recorded (UTC)",
    "refused": "rows that could not be read",
    "report_format": "which of Amazon's reports it is",
    "return_reason": "the buyer's reason",
    "root": "RFC 6962 root over the lines of the file as it is kept",
    "rows": "rows of the file",
    "rulebook": "SHA-256 of the rules by which it was judged",
    "rule_evidence": "the weakest evidence of the rules it rests on",
    "rule_id": "the rule that decides it",
    "rule_ids": "every rule that it rests on",
    "sealed": "SHA-256 of the file as it is kept, where what is personal in it is sealed",
    "seller": "what the seller bears",
    "sku": "the seller's number of the product",
    "source_digest": "SHA-256 of the file that tells it",
    "source_file": "the file that tells it",
    "source_row": "its line in that file: the header is 1",
    "sources": "where the rule is written",
    "standing": "the verdict without the day: open for what waits, may be filed or has expired",
    "stated": "true where the period was stated, not inferred from rows",
    "status": "how far it has come",
    "stream": "what it is about",
    "summary": "what happened, in a sentence",
    "title": "what it says, in short",
    "together": "the sum over all parties: zero",
    "told_at": "when the file was downloaded or says of itself that it was made",
    "told_on": "the day of the last telling",
    "topic": "the kind of event, as the log names it",
    "totals": "sum of the file's money, by currency: its control total",
    "units_refunded": "units whose price was given back",
    "units_reimbursed": "units paid for, less those taken back",
    "units_returned": "units that came back",
    "units_shipped": "units sent to the buyer",
    "verdict": "what may be done about it on the day asked about",
    "verified": "true where the rule was checked at its source",
    "version": "the entry's number in its stream, without gaps",
    "window_closes": "the last day for filing",
    "window_opens": "the first day for filing",
}


def fields_of(kind: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The columns of a table whose rows are such structs, in order."""
    hints = get_type_hints(kind)
    return tuple(_field(name, hints[name]) for name in kind.__struct_fields__)


def _field(name: str, hint: Any) -> Field:
    args = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    (plain,) = (arg for arg in args if arg is not NoneType)
    return Field(name, _kind(name, plain), NoneType in args, MEANINGS[name])


def _kind(name: str, plain: Any) -> Kind:
    if get_origin(plain) in (tuple, list):
        return "list"
    if plain is bool:
        return "boolean"
    if plain is int:
        return "integer"
    if plain is date or name in DAYS:
        return "day"
    if name in AMOUNTS:
        return "amount"
    return "moment" if name in MOMENTS else "text"
