"""Tries so many changes of everything, on several cores, and counts what became of them."""

from __future__ import annotations

import random
import tempfile
import traceback
from collections import Counter
from collections.abc import Collection, Iterator
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from tests.tampering.mutating import FLIP
from tests.tampering.rewriting import ATTACKS, Attempt
from tests.tampering.samples import Samples, made
from tests.tampering.targets import TARGETS, Outcome, Target, fresh

AT_ONCE = 200
"""Changes that a process makes before it says what became of them."""
ATTACKS_PER = 5000
"""Each attack that thinks is made once for so many changes that do not, and once at least."""
SHOWN_MAX = 20


class Task(NamedTuple):
    """Changes of one thing, by their numbers; or one attack."""

    samples: Samples
    folder: Path
    target: int
    first: int
    last: int


class Counted(NamedTuple):
    """What became of the changes of one task."""

    target: int
    outcomes: Counter[tuple[str, str]]
    """By how it was changed and what became of it: found, harmless, missed, crashed."""
    by: Counter[str]
    words: list[str]
    """What must not be."""


class Result(NamedTuple):
    """A whole campaign."""

    counted: list[Counted]
    attempts: list[Attempt]
    sizes: list[int]
    seconds: float

    def total(self, outcome: str) -> int:
        """How many came to this end."""
        return sum(
            count
            for one in self.counted
            for (_, what), count in one.outcomes.items()
            if what == outcome
        )

    @property
    def troubles(self) -> list[str]:
        """What was missed, and what broke a verifier."""
        missed = [f"{one.name}: not found by {', '.join(one.missed)}" for one in self.attempts]
        said = [words for words, one in zip(missed, self.attempts, strict=True) if one.missed]
        said += [words for one in self.counted for words in one.words]
        return sorted(said, key=lambda words: "Traceback" in words)


_opened: dict[int, Target] = {}
"""The things of this process, each in a folder of its own."""


def _done(task: Task) -> Counted:
    if task.target not in _opened:
        _opened[task.target] = fresh(TARGETS[task.target], task.samples, task.folder)
    target = _opened[task.target]
    counted = Counted(task.target, Counter(), Counter(), [])
    for number in range(task.first, task.last):
        try:
            outcome = target.tried(number)
        except Exception:  # a verifier must not break, whatever it is that breaks it
            counted.outcomes["any", "crashed"] += 1
            where = "".join(traceback.format_exc().splitlines(keepends=True)[-7:])
            counted.words.append(f"{target.name} {number}: Traceback\n{where}")
            continue
        ending = _ending(outcome)
        counted.outcomes[outcome.kind, ending] += 1
        counted.by.update(outcome.by)
        if ending == "missed":
            counted.words.append(f"{target.name} {number}: {outcome.kind} was not found")
    return counted


def _ending(outcome: Outcome) -> str:
    if outcome.missed:
        return "missed"
    return "found" if outcome.by else "harmless"


def _tasks(samples: Samples, folder: Path, mutations: int, only: Collection[str]) -> Iterator[Task]:
    for place, target in enumerate(TARGETS):
        if only and target.name not in only:
            continue
        count = mutations if only else -(-mutations * target.share // 100)
        for first in range(0, count, AT_ONCE):
            yield Task(samples, folder, place, first, min(first + AT_ONCE, count))


def campaign(mutations: int, jobs: int = 1, only: Collection[str] = ()) -> Result:
    """Make so many changes, and each attack that thinks at least once; or so many of some things only."""
    started = perf_counter()
    with tempfile.TemporaryDirectory(prefix="tampering-") as name:
        folder = Path(name)
        (folder / "given").mkdir()
        (folder / "work").mkdir()
        samples = made(folder / "given")
        tasks = list(_tasks(samples, folder / "work", mutations, only))
        if jobs > 1:
            with get_context("spawn").Pool(jobs) as pool:
                counted = list(pool.imap_unordered(_done, tasks))
        else:
            counted = [_done(task) for task in tasks]
        _opened.clear()
        sizes = [fresh(target, samples, folder).size for target in TARGETS]
        attempts = [
            attack(samples, folder / "work", random.Random(turn))
            for turn in range(0 if only else max(1, mutations // ATTACKS_PER))
            for attack in ATTACKS
        ]
    return Result(counted, attempts, sizes, perf_counter() - started)


# --- the table ----------------------------------------------------------------------------------


def told(result: Result) -> str:
    """The campaign as a table, and all that must not be."""
    lines = [f"{'what was changed, and how':<48}{'tried':>8}{'found':>8}{'harmless':>10}"]
    for place, target in enumerate(TARGETS):
        if any(one.target == place for one in result.counted):
            lines += ["", *_rows(result, place, target)]
    lines += ["", *_attack_rows(result.attempts), "", *_summary(result)]
    return "\n".join([*lines, *result.troubles[:SHOWN_MAX]])


def _rows(result: Result, place: int, target: type[Target]) -> Iterator[str]:
    ours = [one for one in result.counted if one.target == place]
    outcomes: Counter[tuple[str, str]] = sum((one.outcomes for one in ours), Counter())
    by: Counter[str] = sum((one.by for one in ours), Counter())
    yield _row(target.name, outcomes)
    for kind in sorted({kind for kind, _ in outcomes}):
        only = Counter({key: count for key, count in outcomes.items() if key[0] == kind})
        yield _row(f"  {kind}", only)
    flips = sum(count for (kind, _), count in outcomes.items() if FLIP in kind)
    size = result.sizes[place]
    yield f"  {min(flips, size):,} of {size:,} bytes flipped; found by " + ", ".join(
        name for name, _ in by.most_common(6)
    )


def _row(name: str, outcomes: Counter[tuple[str, str]]) -> str:
    counts: Counter[str] = Counter()
    for (_, what), count in outcomes.items():
        counts[what] += count
    bad = "".join(
        f"  {counts[what]} {what.upper()}" for what in ("missed", "crashed") if counts[what]
    )
    tried = counts.total()
    return f"{name:<48}{tried:>8,}{counts['found']:>8,}{counts['harmless']:>10,}{bad}"


def _attack_rows(attempts: list[Attempt]) -> Iterator[str]:
    yield "attacks that think"
    for name in dict.fromkeys(one.name for one in attempts):
        ours = [one for one in attempts if one.name == name]
        finders = Counter(who for one in ours for who in one.found)
        missed = sum(bool(one.missed) for one in ours)
        who = "; ".join(f"{one} ({count})" for one, count in sorted(finders.items()))
        yield f"  {name}: {len(ours)} made, found by {who}" + (
            f"  {missed} MISSED" if missed else ""
        )


def _summary(result: Result) -> Iterator[str]:
    tried = sum(one.outcomes.total() for one in result.counted)
    yield (
        f"{tried:,} changes: {result.total('found'):,} found, {result.total('harmless'):,} harmless, "
        f"{result.total('missed'):,} missed, {result.total('crashed'):,} broke a verifier; "
        f"{len(result.attempts)} attacks; {result.seconds:,.0f} seconds."
    )
