"""What a policy is: a case, the book and a day in; findings out, each with the tests it passed and failed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec

from ledger.book import Book
from ledger.case import Case, Ref
from ledger.rulebook import ClaimWindow, Rule, Rulebook, State
from ledger.values import Money

if TYPE_CHECKING:
    from ledger.ruling import Ruling

Verdict = Literal[
    "ready", "waiting", "expired", "paid", "underpaid", "overpaid", "not_claimable", "review"
]
ACT_ON: Final = frozenset({"ready", "underpaid"})
"""Verdicts on which there is something to do now."""


class Evidence(msgspec.Struct, frozen=True):
    """What decided a test: an entry of the log, a rule, or what the imported files cover."""

    kind: Literal["entry", "rule", "coverage"]
    id: str
    text: str


def entry_evidence(ref: Ref) -> Evidence:
    """An entry of the log as evidence: its day, and what it tells of."""
    return Evidence("entry", str(ref.position), f"{ref.day.isoformat()}, {ref.slot}")


_WEAKNESS: Final = "LABCD"
"""Levels of evidence, the strongest first: a statute, Amazon, Amazon quoted, paraphrased, a weak source."""


def weakest(rules: Iterable[Rule]) -> str | None:
    """The weakest evidence among rules; a statute is as good as Amazon's own page."""
    return max((rule.evidence for rule in rules), key=_WEAKNESS.index, default=None)


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """One question asked of a case, its answer, what decided it and what would change it."""

    test: str
    answer: str
    passed: bool
    decided_by: tuple[Evidence, ...] = ()
    would_flip: str


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
    opens_next: date | None = None
    """The first good day that is still to come, where it waits; a new version can close a window for a while."""
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
    """The verdict without the day: `open` for what waits, is ready or has expired, were the files fresh.

    What was paid too little stays `underpaid` when its window passes, and `review` stays for as long as a
    fact or a rule is doubtful, also where the verdict is `expired` by now.
    """

    @property
    def first_day(self) -> date | None:
        """The day that counts for who waits: the next good one, else the window's first."""
        return self.opens_next or self.window_opens

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


class Policy:
    """Judges a case by the rules: claims, and what is ruled beside them. It reads no clock and changes nothing."""

    claim_type: ClassVar[str]
    """Its kind of claim, duty, right or cost."""
    title: ClassVar[str]
    families: ClassVar[tuple[str, ...]]
    """The rule families that its best verdict rests on, the window's first."""
    needs: ClassVar[tuple[str, ...]] = ()
    """The report formats without which it cannot answer."""
    claims: ClassVar[bool] = True
    """False where it gives rulings only: there is nothing to be claimed by it."""
    duties: ClassVar[bool] = False
    """True where its rulings are duties: what the seller must do, and until when."""
    best: ClassVar[Verdict] = "ready"
    """What it answers where every test passes."""
    untold: ClassVar[str] = ""
    """What it would have to know and no report tells; while there is such a fact, `review` is its best."""

    @property
    def name(self) -> str:
        """The policy is called after its kind of claim."""
        return self.claim_type

    def concerns(self, case: Case, book: Book) -> bool:
        """False where it surely has no finding, by a look at what the case holds: most cases are nobody's claim."""
        return self.claims

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """Every claim that this policy sees in a case on a day."""
        return iter(())

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """Every duty, right and cost that this policy sees in a case on a day."""
        return iter(())


def best_verdict(policy: Policy, rulebook: Rulebook, marketplace: str, day: date) -> Verdict:
    """The best answer that the rules of a day allow a policy in a store, were every fact known."""
    rules = [rulebook.in_force(family, marketplace, day) for family in policy.families]
    if policy.untold or not all(rule is not None and rule.sure for rule in rules):
        return "review"
    return policy.best


class Deadline(msgspec.Struct, frozen=True):
    """The days for an answer to a decision: its day picks the rule and starts the clock, not the day of filing."""

    opens: date
    closes: date
    versions: tuple[Rule, ...]
    """The rule that says so."""

    def state(self, day: date) -> State:
        """How the claim stands on that day."""
        if day < self.opens:
            return "waiting"
        return "open" if day <= self.closes else "expired"

    def opens_next(self, day: date) -> date | None:
        """The first day from that one on that is good for filing."""
        return max(day, self.opens) if day <= self.closes else None


class Examination:
    """The tests of one finding, taken in order, and the most that they allow.

    A test that decides (paid, not claimable, overpaid) comes first. A doubt about facts gives `review`,
    whatever the window says: a loss is only booked where there surely was one. Then a window that has surely
    closed gives `expired`, because too late is too late; then a rule that is not certain gives `review`.
    """

    def __init__(
        self,
        claim_type: str,
        as_of: date,
        best: Verdict = "ready",
        because: str = "every test passed and the window is open",
    ) -> None:
        self.claim_type: Final = claim_type
        self.as_of: Final = as_of
        self.best: Final = best
        """The verdict where every test passes and the window is open."""
        self.because: Final = because
        self.tests: list[Test] = []
        self.assumptions: list[str] = []
        self.final: tuple[Verdict, str] | None = None
        self.positions: set[int] = set()
        self.rules: dict[str, Rule] = {}
        self.window: ClaimWindow | Deadline | None = None
        self.window_firm = True
        """False where a rule that had a say in the window is not certain: then its days are not told."""
        self._doubts: list[str] = []
        self._stale: list[str] = []
        self._unsettled: list[str] = []
        self._unsure: list[str] = []

    def passed(self, test: str, answer: str, *decided_by: Evidence, flip: str) -> None:
        """A test that speaks for the claim, or whose answer the verdict reckons with otherwise."""
        self._note(test, answer, True, decided_by, flip)

    def failed(self, test: str, answer: str, *decided_by: Evidence, flip: str) -> None:
        """A test that speaks against it and that the verdict already reckons with, such as the window's."""
        self._note(test, answer, False, decided_by, flip)

    def doubt(self, test: str, answer: str, *decided_by: Evidence, flip: str) -> None:
        """A test that neither passes nor fails for certain: at best `review`."""
        self._doubts.append(answer)
        self._note(test, answer, False, decided_by, flip)

    def outdated(self, test: str, answer: str, *decided_by: Evidence, flip: str) -> None:
        """The files do not reach far enough: `review`, by nothing but the passing of days."""
        self._stale.append(answer)
        self._note(test, answer, False, decided_by, flip)

    def unsettled(self, test: str, answer: str, *decided_by: Evidence, flip: str) -> None:
        """The window itself is not certain on this day: neither too early nor too late may be said."""
        self._unsettled.append(answer)
        self._note(test, answer, False, decided_by, flip)

    def unsure(self, test: str, answer: str, *decided_by: Evidence, flip: str) -> None:
        """A rule that is not certain, or a proof that is missing: at best `review`, unless it is too late anyhow."""
        self._unsure.append(answer)
        self._note(test, answer, False, decided_by, flip)

    def ends(
        self, verdict: Verdict, test: str, answer: str, *decided_by: Evidence, flip: str
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
        return entry_evidence(ref)

    def by(self, rule: Rule) -> Evidence:
        """A rule as evidence."""
        self.rules[rule.id] = rule
        whose = "the seller's own, " if rule.own else ""
        return Evidence("rule", rule.id, f"{rule.title} ({whose}evidence {rule.evidence})")

    def _note(
        self, test: str, answer: str, passed: bool, decided_by: tuple[Evidence, ...], flip: str
    ) -> None:
        assert flip, f"{test}: what would change the answer?"
        evidence = decided_by if len(decided_by) < 2 else tuple(dict.fromkeys(decided_by))
        noted = Test(test=test, answer=answer, passed=passed, decided_by=evidence, would_flip=flip)
        self.tests.append(noted)

    def open_question(self) -> str | None:
        """What is doubtful or not certain, None where nothing is: no rule used counts as certain by omission."""
        open_ = [*self._doubts, *self._stale, *self._unsettled, *self._unsure]
        open_ += [
            f"{rule.id} is not certain: {rule.why_unsure}"
            for rule in self.rules.values()
            if not rule.sure and not any(rule.id in told for told in open_)
        ]
        return "; ".join(open_) or None

    def outcome(self) -> tuple[Verdict, str]:
        """The verdict and its reason."""
        if self.final is not None:
            return self.final
        state = self.window.state(self.as_of) if self.window else "unknown"
        doubts = [*self._doubts, *self._stale, *self._unsettled]
        unsure = [*self._unsure, *self._cited_unsure()]
        if doubts or state == "unknown" or (unsure and state != "expired"):
            reasons = [*doubts, *unsure, *self._when(state)]
            return "review", "; ".join(reasons) or "no claim window is known"
        if state == "open":
            return self.best, self.because
        verdict: Verdict = "waiting" if state == "waiting" else "expired"
        return verdict, self._when(state)[0]

    def standing(self) -> str:
        """The verdict without what the mere passing of days changes.

        `review` stays `review` when its window passes and when its files grow old.
        """
        if self.final is not None:
            return self.final[0]
        if self._doubts or self._unsure or self.window is None or _never_sure(self.window):
            return "review"
        if self._cited_unsure():
            return "review"
        return "open" if self.best == "ready" else self.best

    def _cited_unsure(self) -> list[str]:
        """Rules that decided something and are not certain: none counts as certain because nobody asked.

        The window's versions are asked about by the day; what was announced and never came decides nothing.
        """
        versions = self.window.versions if self.window else ()
        return [
            f"{rule.id} is not certain: {rule.why_unsure}"
            for rule in self.rules.values()
            if rule.ever_in_force and not rule.sure and rule not in versions
            if not any(rule.id in told for told in self._unsure)
        ]

    def _too_late(self, window: ClaimWindow | Deadline) -> str:
        """Whatever the rules before it said, by today's the days have passed."""
        last = last_day_today(window, self.as_of)
        by_today = f": by {last[0].id} the last was {last[1]}" if last else ""
        return f"the days to file have passed{by_today}"

    def _when(self, state: str) -> list[str]:
        if self.window is None or state not in ("waiting", "expired"):
            return []
        if not self.window_firm:
            return ["it is too early" if state == "waiting" else self._too_late(self.window)]
        if state == "waiting":
            return [f"the window opens on {self.window.opens_next(self.as_of)}"]
        if self.window.closes is None:
            return ["there was no day on which it could be filed"]
        return [f"the last day to file was {self.window.closes}"]


def last_day_today(window: ClaimWindow | Deadline, day: date) -> tuple[Rule, date] | None:
    """The last day by the clock of the version in force on a day, where that version is certain."""
    if not isinstance(window, ClaimWindow):
        return None
    rule = window.in_force(day)
    days = window.by_clock(rule) if rule is not None and rule.sure else None
    return (rule, days.last) if rule is not None and days is not None and days.last else None


def _never_sure(window: ClaimWindow | Deadline) -> bool:
    """True where no rule that admits a day is certain, or none is known."""
    rules = [piece.rule for piece in window.pieces] if isinstance(window, ClaimWindow) else []
    rules = rules or list(window.versions)
    return not any(rule.sure for rule in rules)
