"""Findings as programs read them and as a person sees them, and where they are looked up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from cli.answer import Column, Row
from ledger.policy import ACT_ON, Finding
from ledger.values import Money

VERDICTS: Final = (
    "ready",
    "underpaid",
    "waiting",
    "review",
    "overpaid",
    "expired",
    "paid",
    "not_claimable",
)
"""In the order in which they matter."""

CLAIM_TYPES: Final = (
    "return_missing",
    "return_damaged",
    "return_not_restocked",
    "fc_lost",
    "fc_damaged",
    "return_wrong_item",
    "inbound_missing",
    "removal_lost",
    "removal_damaged",
    "disposed_without_order",
    "carrier_damage",
    "underpaid",
    "reversal_unsupported",
    "safe_t",
    "a_to_z_appeal",
)


class FindingRow(Row, frozen=True, kw_only=True):
    """One finding under the names that programs read."""

    finding_id: str
    account: str
    marketplace: str | None
    programme: str | None
    claim_type: str
    stream: str
    order_id: str | None
    sku: str | None
    fnsku: str | None
    asin: str | None
    quantity: int
    verdict: str
    reason: str
    window_opens: date | None
    window_closes: date | None
    currency: str | None
    amount_expected: str | None
    amount_paid: str | None
    amount_open: str | None
    rule_id: str | None
    rule_evidence: str | None
    assumptions: tuple[str, ...]
    entries: tuple[int, ...]
    rule_ids: tuple[str, ...]

    @property
    def thing(self) -> str:
        """What it is about, as short as it can be said."""
        return self.order_id or self.stream

    @property
    def day(self) -> date | None:
        """The day that matters next: the first for what waits, the last for everything else."""
        return self.window_opens if self.verdict == "waiting" else self.window_closes


ROW_COLUMNS: Final = (
    Column("account", "account"),
    Column("finding_id", "finding"),
    Column("claim_type", "claim"),
    Column("thing", "about"),
    Column("sku", "SKU", rank=4),
    Column("quantity", "units", right=True, rank=3),
    Column("amount_open", "amount", right=True, unit="currency"),
)


def row_of(account: str, finding: Finding) -> FindingRow:
    """A finding as a row."""
    amounts = (finding.amount_open, finding.amount_expected, finding.amount_paid)
    currency = next((amount.currency for amount in amounts if amount), None)
    return FindingRow(
        finding_id=finding.finding_id,
        account=account,
        marketplace=finding.marketplace,
        programme=finding.programme,
        claim_type=finding.claim_type,
        stream=finding.stream,
        order_id=finding.order_id,
        sku=finding.sku,
        fnsku=finding.fnsku,
        asin=finding.asin,
        quantity=finding.quantity,
        verdict=finding.verdict,
        reason=finding.reason,
        window_opens=finding.first_day,
        window_closes=finding.window_closes,
        currency=currency,
        amount_expected=_text(finding.amount_expected),
        amount_paid=_text(finding.amount_paid),
        amount_open=_text(finding.amount_open),
        rule_id=finding.rule_ids[0] if finding.rule_ids else None,
        rule_evidence=finding.rule_evidence,
        assumptions=finding.assumptions,
        entries=finding.entries,
        rule_ids=finding.rule_ids,
    )


def _text(amount: Money | None) -> str | None:
    return amount.text if amount else None


def to_act_on(rows: Iterable[FindingRow]) -> bool:
    """True where there is something to do now."""
    return any(row.verdict in ACT_ON for row in rows)


def sums(rows: Iterable[FindingRow]) -> str:
    """What the open amounts come to: `, 345.67 USD and 12.00 GBP, 3 of unknown worth`."""
    totals: dict[str, Money] = {}
    unknown = 0
    for row in rows:
        if row.currency is None or row.amount_open is None:
            unknown += 1
            continue
        amount = Money.of(row.amount_open, row.currency)
        totals[row.currency] = totals.get(row.currency, Money(0, row.currency)) + amount
    known = " and ".join(str(totals[currency]) for currency in sorted(totals))
    parts = [*([known] if known else []), *([f"{unknown:,} of unknown worth"] if unknown else [])]
    return "".join(f", {part}" for part in parts)


def counted(number: int, what: str) -> str:
    """`1 finding`, `1,234 findings`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
