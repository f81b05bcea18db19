"""The pages that give reasons: rules, tests, checklist, draft, assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cli.dossier.language import Words
from cli.dossier.matter import Matter
from cli.dossier.parts import (
    Cell,
    Part,
    boxed,
    column,
    heading,
    letter,
    mono,
    pairs,
    plain,
    quiet,
    strong,
    table,
    text,
)
from cli.explaining import DecidedBy, TestRow
from cli.rules import SELECTED_BY, clock_in_words, stated
from ledger.rulebook import Rule
from ledger.values import in_words

ENGLISH: Final = "en"
_NAMED_MAX: Final = 16
_SHOWN_APART: Final = frozenset(("required_evidence", "excluded"))


def rules(matter: Matter, words: Words) -> list[Part]:
    """Each rule that had a say: its days, what it states, its source and how sure it is."""
    parts: list[Part] = [text(words("rules_lead"))]
    for rule in matter.rules:
        parts += _rule(rule, words)
    if matter.rulebook:
        parts.append(text(words("rulebook", digest=matter.rulebook), quiet=True))
    return parts


def _rule(rule: Rule, words: Words) -> Iterator[Part]:
    yield heading(rule.title, lang=ENGLISH)
    states: list[Cell] = [
        plain(
            f"{one.text} ({one.meaning})" if one.meaning else f"{in_words(one.name)}: {one.text}",
            ENGLISH,
        )
        for one in stated(rule)
        if one.name not in _SHOWN_APART
    ]
    sure = words("rule_verified" if rule.verified else "rule_unverified")
    clock = clock_in_words(rule)
    yield pairs(
        [
            (words("rule_holds"), _days(rule, words)),
            (
                words("rule_evidence"),
                f"{rule.evidence} ({words.of('evidence', rule.evidence)}), {sure}",
            ),
            (words("rule_selected"), plain(SELECTED_BY[rule.version_selected_by], ENGLISH)),
            (words("rule_clock"), plain(clock, ENGLISH) if clock else None),
            (words("rule_states"), states),
            (words("rule_asks"), _listed(rule.required_evidence)),
            (words("rule_excludes"), _listed(rule.excluded)),
            (words("rule_note"), plain(rule.note, ENGLISH) if rule.note else None),
            (words("rule_sources"), [quiet(one) for one in rule.sources]),
            (words("rule_id"), mono(rule.id)),
        ]
    )


def _listed(told: tuple[str, ...]) -> Cell | None:
    return plain("; ".join(in_words(one) for one in told), ENGLISH) if told else None


def _days(rule: Rule, words: Words) -> str:
    first, last = rule.effective_from, rule.effective_to
    if first and last:
        return words("rule_between", first=words.long_day(first), last=words.long_day(last))
    if first:
        return words("rule_since", first=words.long_day(first))
    return words("rule_until", last=words.long_day(last)) if last else words("rule_always")


# --- tests ------------------------------------------------------------------------------------


def tests(matter: Matter, words: Words) -> list[Part]:
    """Every question that was asked, its answer, what decided it and what would change it."""
    finding = matter.finding
    lead = words("tests_lead", finding=finding.finding_id)
    verdict = words.of("verdicts", finding.verdict)
    outcome: Cell = [strong(verdict), plain(finding.reason, ENGLISH)]
    return [
        text(lead),
        pairs([(words("verdict"), outcome)]),
        {
            "questions": [_test(number, one, words) for number, one in enumerate(matter.tests, 1)],
            "lang": ENGLISH,
        },
    ]


def _test(number: int, test: TestRow, words: Words) -> Part:
    return {
        "number": str(number),
        "question": test.test,
        "mark": "✓" if test.passed else "✗",
        "said": words.of("states", "passed" if test.passed else "failed"),
        "answer": _sentence(test.answer),
        "decided": _deciding(test, words),
        "flip": words("would_change", flip=test.would_flip),
    }


def _deciding(test: TestRow, words: Words) -> list[Part]:
    """What decided it; of very many things the first, as the timeline has them all."""
    told = [_decided(one, words) for one in test.decided_by[:_NAMED_MAX]]
    more = len(test.decided_by) - _NAMED_MAX
    if more > 0:
        told.append(
            {"name": "…", "text": words("and_more", count=words.number(more)), "sources": []}
        )
    return told


def _decided(by: DecidedBy, words: Words) -> Part:
    sources = list(by.sources)
    if by.source_file:
        sources.append(words("source_row", file=by.source_file, row=by.source_row or 1))
    name = words.number(int(by.id)) if by.kind == "entry" and by.id.isdigit() else by.id
    return {"name": words(f"by_{by.kind}", id=name), "text": by.text, "sources": sources}


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


# --- checklist --------------------------------------------------------------------------------


def checklist(matter: Matter, words: Words) -> list[Part]:
    """What was asked before filing; what speaks against it, and why the dossier was made all the same."""
    failed = matter.forbidding
    parts = [text(words("checklist_lead", day=words.long_day(matter.as_of)))]
    if failed:
        all_ = words.number(len(matter.guarded.checks) - 1)
        parts.append(text(words("not_passed", count=words.number(len(failed)), all=all_)))
    else:
        parts.append(text(words("all_passed")))
    if matter.wish.despite is not None:
        parts.append(boxed(matter.wish.despite, words("despite")))
    columns = [
        column("", "16pt"),
        column(words("check"), "150pt"),
        column(words("answer"), "1fr"),
    ]
    marks = {"passed": "✓", "failed": "✗", "unknown": "?"}
    rows: list[list[Cell]] = []
    for one in matter.guarded.checks:
        name = words.of("checks", one.check)
        state = words.of("states", one.state)
        passed = one.state == "passed"
        rows.append(
            [
                marks[one.state],
                name if passed else [strong(name), state],
                plain(_sentence(one.answer), ENGLISH),
            ]
        )
    parts.append(table(columns, rows))
    return parts


# --- draft and assumptions --------------------------------------------------------------------


def draft(matter: Matter, words: Words) -> list[Part]:
    """The text for the form, counted; or why there is none."""
    written = matter.draft
    if written is None:
        return [text(words("draft_none", why=matter.why_no_draft or ""))]
    count, limit = words.number(written.characters), words.number(written.limit)
    lead = "draft_lead" if written.characters <= written.limit else "draft_too_long"
    parts = [
        text(words(lead, characters=count, limit=limit)),
        letter(written.subject, written.body),
    ]
    if written.left_out:
        facts = words.list(
            name.removeprefix("finding_").replace("_", " ") for name in written.left_out
        )
        parts.append(text(words("draft_left_out", facts=facts), quiet=True))
    return parts


def assumptions(matter: Matter, words: Words) -> list[Part]:
    """What no report says and had to be assumed."""
    told = matter.finding.assumptions
    if not told:
        return [text(words("assumptions_none"))]
    columns = [column("", "16pt", right=True), column(words("assumptions"), "1fr")]
    rows: list[list[Cell]] = [
        [str(number), plain(one, ENGLISH)] for number, one in enumerate(told, 1)
    ]
    return [text(words("assumptions_lead")), table(columns, rows)]
