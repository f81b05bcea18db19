"""What a policy is: a case, the book and a day in; findings out, each with the tests it passed and failed."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar, Final, Literal

import msgspec

from ledger.book import Book
from ledger.case import Case, Ref
from ledger.rulebook import ClaimWindow, Rule
from ledger.values import Money

Verdict = Literal[
    "ready", "waiting", "expired", "paid", "underpaid", "overpaid", "not_claimable", "review"
]
ACT_ON: Final = frozenset({"ready", "underpaid"})
"""Verdicts on which there is something to do now."""
OPEN: Final = frozenset({"ready", "waiting", "expired"})
"""Verdicts that differ only by the day on which they are asked for."""


class Evidence(msgspec.Struct, frozen=True):
    """What decided a test: an entry of the log, a rule, or what the imported files cover."""

    kind: Literal["entry", "rule", "coverage"]
    id: str
    text: str


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """One question asked of a case, its answer, what decided it and what would change it."""

    test: str
    answer: str
    passed: bool
    decided_by: tuple[Evidence, ...] = ()
    would_flip: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A policy's answer about units of one thing: verdict, amount, window, and how it came to it."""

    finding_id: str
    claim_type: str
    stream: str
    marketplace: str | None
    programme: str | None
    order_id: str | None = None
    sku: str | None = None
    fnsku: str | None = None
    asin: str | None = None
    quantity: int
    verdict: Verdict
    reason: str
    window_opens: date | None = None
    window_closes: date | None = None
    amount_expected: Money | None = None
    amount_paid: Money | None = None
    amount_open: Money | None = None
    rule_ids: tuple[str, ...] = ()
    rule_evidence: str | None = None
    assumptions: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()
    entries: tuple[int, ...] = ()
    """Positions of the entries that decided it, in order."""
    units: tuple[str, ...] = ()
    """Names of the units it speaks for: no two findings may claim one of them."""
    standing: str
    """The verdict without the day: `open` for what waits, is ready or has expired, were the files fresh."""

    @property
    def fingerprint(self) -> str:
        """Digest of the judgement, without what the mere passing of days changes."""
        told = (
            self.standing,
            self.quantity,
            str(self.window_opens),
            str(self.window_closes),
            str(self.amount_expected),
            str(self.amount_paid),
            str(self.amount_open),
            sorted(self.rule_ids),
            sorted(self.entries),
        )
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]


def finding_id(claim_type: str, anchor: str, unit: int = 1) -> str:
    """The same claim about the same unit has the same id in every run: claim type, anchor row, unit."""
    told = f"{claim_type}|{anchor}|{unit}".encode()
    return f"F-{hashlib.sha256(told).hexdigest()[:10].upper()}"


class Policy(ABC):
    """Judges a case by the rules; it never reads a clock and changes nothing."""

    claim_type: ClassVar[str]
    title: ClassVar[str]
    families: ClassVar[tuple[str, ...]]
    """The rule families that its best verdict rests on, the window's first."""
    needs: ClassVar[tuple[str, ...]]
    """The report formats without which it cannot answer."""

    @property
    def name(self) -> str:
        """The policy is called after its kind of claim."""
        return self.claim_type

    @abstractmethod
    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """Every answer that this policy has about a case on a day."""


class Examination:
    """The tests of one finding, taken in order, and the worst that they allow.

    The first test that fails with a final verdict decides; a doubt turns `ready` into `review`.
    """

    def __init__(self, claim_type: str, as_of: date) -> None:
        self.claim_type = claim_type
        self.as_of = as_of
        self.tests: list[Test] = []
        self.assumptions: list[str] = []
        self.doubts: list[str] = []
        self.rule_doubts: list[str] = []
        self.stale: list[str] = []
        self.final: tuple[Verdict, str] | None = None
        self.positions: set[int] = set()
        self.rules: dict[str, Rule] = {}
        self.window: ClaimWindow | None = None

    def passed(self, test: str, answer: str, *decided_by: Evidence, flip: str = "") -> None:
        """A test that speaks for the claim."""
        self._note(test, answer, True, decided_by, flip)

    def doubt(self, test: str, answer: str, *decided_by: Evidence, flip: str = "") -> None:
        """A test that neither passes nor fails for certain: at best `review`."""
        self.doubts.append(answer)
        self._note(test, answer, False, decided_by, flip)

    def outdated(self, test: str, answer: str, *decided_by: Evidence, flip: str = "") -> None:
        """The files are no longer fresh enough: `review`, by nothing but the passing of days."""
        self.stale.append(answer)
        self._note(test, answer, False, decided_by, flip)

    def unsure(self, test: str, answer: str, *decided_by: Evidence, flip: str = "") -> None:
        """A rule that is not certain: at best `review`, unless it is too late whatever the rule says."""
        self.rule_doubts.append(answer)
        self._note(test, answer, False, decided_by, flip)

    def ends(
        self, verdict: Verdict, test: str, answer: str, *decided_by: Evidence, flip: str = ""
    ) -> None:
        """A test that decides the verdict, unless one before it did."""
        if self.final is None:
            self.final = (verdict, answer)
        self._note(test, answer, False, decided_by, flip)

    def assume(self, text: str) -> None:
        """Something that had to be assumed and that no report says."""
        if text not in self.assumptions:
            self.assumptions.append(text)

    def saw(self, ref: Ref) -> Evidence:
        """An entry of the log as evidence."""
        self.positions.add(ref.position)
        return Evidence("entry", str(ref.position), f"{ref.day.isoformat()}, {ref.slot}")

    def by(self, rule: Rule) -> Evidence:
        """A rule as evidence."""
        self.rules[rule.id] = rule
        return Evidence("rule", rule.id, f"{rule.title} (evidence {rule.evidence})")

    def failed(self, test: str, answer: str, *decided_by: Evidence, flip: str = "") -> None:
        """A test whose answer the verdict already reckons with, such as the window's state."""
        self._note(test, answer, False, decided_by, flip)

    def _note(
        self, test: str, answer: str, passed: bool, decided_by: Iterable[Evidence], flip: str
    ) -> None:
        self.tests.append(
            Test(
                test=test,
                answer=answer,
                passed=passed,
                decided_by=tuple(decided_by),
                would_flip=flip,
            )
        )

    def outcome(self) -> tuple[Verdict, str]:
        """The verdict and its reason: the test that decided, else the doubts, else the window.

        A doubt about facts comes before the window: a loss is only booked where there surely was one. A doubt
        about a rule comes after it: too late is too late.
        """
        if self.final is None and self.stale:
            state = self.window.state(self.as_of) if self.window else "unknown"
            doubts = [*self.doubts, *self.stale, *self.rule_doubts]
            return "review", "; ".join([*doubts, *self._when(state)])
        return self._while_fresh()

    def standing(self) -> str:
        """The verdict without what the mere passing of days changes."""
        verdict = self._while_fresh()[0]
        return "open" if verdict in OPEN else verdict

    def _while_fresh(self) -> tuple[Verdict, str]:
        if self.final is not None:
            return self.final
        state = self.window.state(self.as_of) if self.window else "unknown"
        if self.doubts or (self.rule_doubts and state != "expired"):
            return "review", "; ".join([*self.doubts, *self.rule_doubts, *self._when(state)])
        if state == "open":
            return "ready", "every test passed and the window is open"
        if state == "waiting":
            return "waiting", self._when(state)[0]
        if state == "expired" and self.window is not None:
            return "expired", f"the last day to file was {self.window.closes}"
        return "review", "no claim window is known"

    def _when(self, state: str) -> list[str]:
        if self.window is None or state not in ("waiting", "expired"):
            return []
        if state == "waiting":
            return [f"the window opens on {self.window.opens_next(self.as_of)}"]
        return [f"the last day to file was {self.window.closes}"]
