"""How what is typed becomes an amount, a moment, a word of the trade, a file: on a command line and in a batch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from ledger.values import Money, instant

DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Word(click.Choice[str]):
    """One of the ledger's words; `as-new` and `As_New` are `as_new`."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(choices, case_sensitive=False)

    def normalize_choice(self, choice: Any, ctx: click.Context | None) -> str:
        """The word as it is compared."""
        return str(choice).strip().casefold().replace("-", "_")


class Text(click.ParamType[str]):
    """A word or a text that says something: an empty one is most likely a variable that was not set."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if not text.strip():
            self.fail("it is empty; leave it out where there is nothing to say", param, ctx)
        return text


class Sum(NamedTuple):
    """An amount as it is typed; without a currency it is in the order's."""

    text: str
    currency: str | None


class Amount(click.ParamType[Sum]):
    """An amount of money: `49.90 EUR`, or `49.90` where the order says in which currency."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Sum:
        text, _, currency = str(value).strip().partition(" ")
        currency = currency.strip().upper()
        try:
            Money.of(text, currency or "EUR")
        except ValueError as error:
            if currency or "decimals" not in str(error):
                self.fail(f"{value!r} is no amount; write it as '49.90 EUR'", param, ctx)
        if text.startswith("-"):
            self.fail(f"{value!r} is less than nothing; amounts are written as plus", param, ctx)
        return Sum(text, currency or None)


class PartOfRefund(click.ParamType[tuple[str, Sum]]):
    """One component of a refund with its amount: `item=40.00`."""

    name = "component=amount"

    def __init__(self, components: Sequence[str]) -> None:
        self._component: Final = Word(components)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Sum]:
        component, equals, amount = str(value).partition("=")
        if not equals:
            self.fail(f"{value!r} is no part of a refund; write it as item=40.00", param, ctx)
        return self._component.convert(component, param, ctx), Amount().convert(amount, param, ctx)


class When(click.ParamType[str]):
    """A day, or a moment with its zone: `2026-03-01`, `2026-03-01T09:30:00Z`."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).strip()
        try:
            if len(text) == 10:
                return date.fromisoformat(text).isoformat()
            moment = datetime.fromisoformat(text)
        except ValueError:
            advice = "write 2026-03-01, or 2026-03-01T09:30:00Z"
            self.fail(f"{value!r} is neither a day nor a moment; {advice}", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no zone; end it with Z for UTC, or with +02:00", param, ctx)
        try:
            return instant(moment.astimezone(UTC))
        except OverflowError:
            self.fail(f"{value!r} is no moment that a calendar has", param, ctx)


class DayText(click.ParamType[str]):
    """A calendar day, `2026-05-01`, kept as it is written."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2026-05-01", param, ctx)


class Shown(click.ParamType["Path | str"]):
    """A file that shows something, or the SHA-256 of one that is attached already."""

    name = "file"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        text = str(value)
        if DIGEST.fullmatch(text.lower()) and not Path(text).is_file():
            return text.lower()
        path = Path(text)
        if not path.is_file():
            self.fail(f"{text!r} is no file that can be read", param, ctx)
        return path


class ClaimType(click.ParamType[str]):
    """What is claimed: a kind of finding, or the buyer's own claim."""

    name = "type"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return Word(claim_types()).convert(value, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        return Word(claim_types()).shell_complete(ctx, param, incomplete)


def claim_types() -> tuple[str, ...]:
    """What may be claimed: what audits find, and what buyers claim against the seller."""
    from cli.findings import CLAIM_TYPES

    return (*CLAIM_TYPES, "a_to_z", "chargeback")


class NoWords(click.ParamType[str]):
    """Where a buyer's words might be given, and are not taken."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        self.fail(
            "a buyer's words are not taken here: give them with the message itself, where they are "
            "kept sealed: `returns-ledger message received ORDER --text TEXT`",
            param,
            ctx,
        )
