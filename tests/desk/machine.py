"""A ledger and the oracle taking the same steps; after every step all that must hold is checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ledger.deciding import Allowed, Refused
from ledger.event import Entry
from tests.desk import drawing
from tests.desk.drawing import Scene, Step
from tests.desk.facts import BY_ID, ORDERS, Fact
from tests.desk.invariants import check_order
from tests.desk.ledgers import Clock, Ledger
from tests.desk.oracle import Book, day_in
from tests.desk.refusing import SAID, objections
from tests.desk.translating import deed_of, file_of
from tests.story import File

BEGINS: Final = datetime(2026, 1, 20, 10, tzinfo=UTC)
"""Six days before the refund clock of the US changes."""


class Disagreement(AssertionError):
    """The ledger and the oracle differ, with the steps that led there."""


class Machine:
    """One sequence."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self.ledger = ledger
        self.clock = clock
        self.facts: list[Fact] = []
        self.positions: dict[int, int] = {}
        self.files: list[tuple[File, str, tuple[Fact, ...]]] = []
        self.commands: list[tuple[Fact, str]] = []
        self.lines: list[str] = []
        self.steps = 0

    def run(self, steps: Sequence[Step]) -> None:
        """Take the steps, one after the other."""
        try:
            for step in steps:
                self.take(step)
        except AssertionError as error:
            story = "\n".join(f"  {line}" for line in self.lines)
            raise Disagreement(f"{error}\n\nafter these steps:\n{story}") from error

    def take(self, step: Step) -> None:
        """Take one step; nothing happens in the same second as what was before."""
        self.steps += 1
        self.clock.moment += timedelta(seconds=61)
        if step.kind == "wait":
            how_long = drawing.WAITS_IN_ORDER[step.pick % len(drawing.WAITS)]
            self.clock.moment += drawing.WAITS[how_long]
            self.lines.append(f"{self.clock.now}  {how_long} later")
            self._check_all()
        elif step.kind == "resend":
            self._resend(step)
        elif step.kind == "import again":
            self._import_again(step)
        elif step.kind in drawing.REPORTS:
            rows = drawing.reported(step, self._scene)
            if rows:
                self._import(rows)
        else:
            self._decide(drawing.told(step, self._scene))

    @property
    def _scene(self) -> Scene:
        return Scene(now=self.clock.moment, facts=self.facts, files=len(self.files))

    # --- what the seller tells

    def _decide(self, fact: Fact) -> None:
        """Allowed and recorded, or refused for a reason that the oracle knows, and nothing recorded."""
        expected = objections(fact, self.facts, self.clock.now)
        before = self.ledger.position()
        refused, entry = self._send(fact, f"{self.steps}")
        outcome = f"refused: {refused}" if refused else "recorded"
        self.lines.append(f"{self.clock.now}  {fact} (at {fact.at}) -> {outcome}")
        if refused is not None:
            assert self.ledger.position() == before, "a refused command was recorded"
            assert expected, "refused, and the oracle knows nothing against it"
            assert any(re.search(SAID[one], refused) for one in expected), (
                f"refused for another reason than {sorted(expected)}"
            )
            return
        assert not expected, f"allowed, and the oracle would not: {sorted(expected)}"
        assert entry is not None
        assert self.ledger.position() == before + 1, "one command, one entry"
        self._remember(fact, entry)
        self.commands.append((fact, f"{self.steps}"))
        self._check(fact.order)

    def _send(self, fact: Fact, command_id: str) -> tuple[str | None, Entry | None]:
        allowed = Allowed(late=False, again=fact.again, against_advice=fact.against_advice)
        deed = deed_of(fact, self.positions)
        try:
            decided = self.ledger.decide(fact.order, deed, fact.at, allowed, command_id)
        except Refused as refused:
            return refused.message, None
        return None, decided.entry

    def _remember(self, fact: Fact, entry: Entry | None) -> None:
        number = len(self.facts) + 1
        self.facts.append(replace(fact, number=number, recorded_at=self.clock.now))
        if entry is not None and entry.position is not None:
            self.positions[number] = entry.position

    def _resend(self, step: Step) -> None:
        """The same command again records nothing, and another one under its id is refused."""

    # --- what reports tell

    def _import(self, rows: Sequence[Fact]) -> None:
        """A file tells what is news in it."""
        file, store = file_of(rows), BY_ID[rows[0].order].store
        news = [row for row in rows if self._is_news(row)]
        for row in rows:
            known = "" if row in news else " (known)"
            self.lines.append(f"{self.clock.now}  {row}, at {row.at}{known}")
        before = len(self.ledger.entries(rows[0].order))
        self.ledger.tell(file, store)
        entries = self.ledger.entries(rows[0].order)[before:]
        assert bool(news) == bool(entries), f"news {news}, and recorded {entries}"
        for number, row in enumerate(news):
            self._remember(row, entries[min(number, len(entries) - 1)])
        self.files.append((file, store, tuple(rows)))
        self._check(rows[0].order)

    def _is_news(self, row: Fact) -> bool:
        """A report that says once more what it said last tells nothing new."""
        same = [
            one
            for one in self.facts
            if one.by_report
            and (one.kind, one.order, one.sku, one.name, one.rma)
            == (row.kind, row.order, row.sku, row.name, row.rma)
        ]
        return not same or same[-1].text != row.text

    def _import_again(self, step: Step) -> None:
        """A file that was imported before tells nothing, whatever was told since."""
        if not self.files:
            return
        file, store, rows = self.files[step.pick % len(self.files)]
        before = {order.id: len(self.ledger.entries(order.id)) for order in ORDERS}
        self.ledger.tell(file, store)
        after = {order.id: len(self.ledger.entries(order.id)) for order in ORDERS}
        self.lines.append(f"{self.clock.now}  the same file again: {rows[0]}")
        assert before == after, "a file imported again told something"

    # --- what must hold

    def _check_all(self) -> None:
        for order in ORDERS:
            if any(fact.order == order.id for fact in self.facts):
                self._check(order.id)

    def _check(self, order: str) -> None:
        check_order(self.ledger, order, self.facts, self.today(order))

    def today(self, order: str) -> date:
        """The day in the order's store, as far as it is known."""
        return day_in(self.clock.now, Book(order, self.facts).zone)
