"""A ledger and the oracle taking the same steps; after every step all that must hold is checked."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ledger.deciding import Allowed, Refused
from ledger.event import Entry
from tests.desk import drawing
from tests.desk.drawing import Scene, Step
from tests.desk.facts import BY_ID, ORDERS, Fact
from tests.desk.invariants import (
    Answers,
    check_order,
    what_was_answered_once_is_answered_again,
)
from tests.desk.ledgers import Clock, Ledger
from tests.desk.oracle import Book, day_in
from tests.desk.refusing import SAID, objections
from tests.desk.translating import deed_of, file_of
from tests.story import File

BEGINS: Final = datetime(2026, 1, 20, 10, tzinfo=UTC)
"""Six days before the refund clock of the US changes."""


REMEMBERED: Final = 3
"""So many earlier answers are asked for again when a sequence ends."""


class Disagreement(AssertionError):
    """The ledger and the oracle differ, with the story that led there."""

    def __init__(self, what: str, story: Sequence[str]) -> None:
        told = "\n".join(f"  {line}" for line in story)
        super().__init__(f"{what}\n\nafter this:\n{told}")
        self.what = what


class Machine:
    """One sequence."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self.ledger = ledger
        self.clock = clock
        self.facts: list[Fact] = []
        self.positions: dict[int, int] = {}
        self.files: list[tuple[File, str, tuple[Fact, ...]]] = []
        self.commands: list[tuple[Fact, str]] = []
        self.answered: list[tuple[str, date, str, Answers]] = []
        self.story: list[str] = []
        self.steps = 0

    def run(self, steps: Sequence[Step]) -> None:
        """Take the steps, one after the other; then ask again what was answered on the way."""
        try:
            for step in steps:
                self.take(step)
            self._ask_again()
        except AssertionError as error:
            raise Disagreement(str(error), self.story) from error

    def _ask_again(self) -> None:
        dice = random.Random(len(self.facts))
        for order, today, known_at, told in dice.sample(
            self.answered, min(REMEMBERED, len(self.answered))
        ):
            what_was_answered_once_is_answered_again(self.ledger, order, today, known_at, told)

    def take(self, step: Step) -> None:
        """Take one step; nothing happens in the same second as what was before."""
        self.steps += 1
        self.clock.moment += timedelta(seconds=61)
        if step.kind == "wait":
            how_long = drawing.WAITS_IN_ORDER[step.pick % len(drawing.WAITS)]
            self.clock.moment += drawing.WAITS[how_long]
            self.story.append(f"{self.clock.now}  {how_long} later")
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
        self.story.append(f"{self.clock.now}  {fact} (at {fact.at}) -> {outcome}")
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
        if not self.commands or not self.ledger.keeps_ids:
            return
        fact, command_id = self.commands[step.pick % len(self.commands)]
        before = self.ledger.position()
        refused, entry = self._send(fact, command_id)
        self.story.append(f"{self.clock.now}  the same command again: {fact}")
        assert refused is None, f"sent again, and refused: {refused}"
        assert entry is not None
        assert entry.source.command_id == command_id
        note = Fact(kind="note", order=fact.order, at=fact.at, text="something else")
        refused, _ = self._send(note, command_id)
        assert refused is not None, "another command under the same id was recorded"
        assert "says something else" in refused, refused
        assert self.ledger.position() == before, "a command sent again was recorded again"

    # --- what reports tell

    def _import(self, rows: Sequence[Fact]) -> None:
        """A file tells what is news in it."""
        file, store = file_of(rows), BY_ID[rows[0].order].store
        news = [row for row in rows if self._is_news(row)]
        for row in rows:
            known = "" if row in news else " (known)"
            self.story.append(f"{self.clock.now}  {row}, at {row.at}{known}")
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
        self.story.append(f"{self.clock.now}  the same file again: {rows[0]}")
        assert before == after, "a file imported again told something"

    # --- what must hold

    def _check_all(self) -> None:
        for order in ORDERS:
            if any(fact.order == order.id for fact in self.facts):
                self._check(order.id)

    def _check(self, order: str) -> None:
        today = self.today(order)
        told = check_order(self.ledger, order, self.facts, today)
        self.answered.append((order, today, self.ledger.moment(), told))

    def today(self, order: str) -> date:
        """The day in the order's store, as far as it is known."""
        return day_in(self.clock.now, Book(order, self.facts).zone)


Run = Callable[[Sequence[Step]], Disagreement | None]


def shortest(steps: Sequence[Step], run: Run) -> Disagreement | None:
    """The same disagreement with as few steps as can be, the simplest ones; None where there is none.

    Hypothesis would get there as well, in minutes: it does not know that most steps are about other things.
    """
    found = run(steps)
    if found is None:
        return None
    what, steps = _kind_of(found), list(steps)
    size = max(len(steps) // 2, 1)
    while size:
        start = 0
        while start < len(steps):
            fewer = [*steps[:start], *steps[start + size :]]
            again = run(fewer)
            if again is not None and _kind_of(again) == what:
                found, steps = again, fewer
            else:
                start += size
        size //= 2
    for number, step in enumerate(steps):
        for simpler in (step._replace(pick=0), step._replace(when="now")):
            instead = [*steps[:number], simpler, *steps[number + 1 :]]
            again = run(instead)
            if again is not None and _kind_of(again) == what:
                found, steps = again, instead
                break
    return found


def _kind_of(found: Disagreement) -> str:
    """What is disagreed about, without the days and numbers of this sequence."""
    return re.sub(r"[\d-]+", "#", found.what)[:60]
