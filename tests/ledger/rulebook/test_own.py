"""The seller's own rules: what a file corrects, adds and ends, and what it may not say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.rulebook import Rulebook, UnreadableRulebook, shipped
from ledger.rulebook.own import Merged, merge
from tests.ledger.rulebook.test_rule import rule

FILE = "my-rules.toml"
TRUST = 'sources = ["https://example.com/new"]\nevidence = "A"\nverified = true\n'
PLAIN = Rulebook(
    [
        rule(),
        rule(id="x.window.EU.1", series="x.window.EU", marketplaces=("DE", "FR"), note="Kept."),
        rule(
            id="x.answer.US.1",
            series="x.answer.US",
            version_selected_by="message_received_at",
            clock_from=None,
            window_start_days=None,
            window_end_days=None,
            terms={"respond_hours": 24, "binding": True},
        ),
    ]
)


def merged(text: str, book: Rulebook = PLAIN, **how: Any) -> Merged:
    return merge(book, FILE, text.encode(), **how)


def told(rule_id: str, text: str, trust: str = TRUST) -> str:
    return f'[[rules]]\nid = "{rule_id}"\n{text}\n{trust}'


def added(rule_id: str, text: str = "", like: str = "x.window.US.1") -> str:
    return told(rule_id, f'like = "{like}"\ntitle = "Another"\n{text}')


# --- correcting -----------------------------------------------------------------------------------


def test_a_correction_replaces_only_what_it_says() -> None:
    found = merged(told("x.window.US.1", "window_end_days = 90"))
    corrected = found.rulebook.rule("x.window.US.1")

    assert (10, 90, "A window") == (
        corrected.window_start_days,
        corrected.window_end_days,
        corrected.title,
    )
    assert ("https://example.com/new",) == corrected.sources
    assert corrected.own
    assert ("x.window.US.1",) == found.changed
    assert ("window_end_days", "sources", "first_hand") == found.changes[0].fields


def test_with_a_source_of_its_own_what_was_said_of_the_other_source_goes() -> None:
    told_of = rule(note="Read on a blog.", first_hand=True)
    book = merged(told("x.window.US.1", "window_end_days = 90"), Rulebook([told_of])).rulebook
    noted = 'note = "Read."\nfirst_hand = true\n'
    other = merged(told("x.window.US.1", noted), Rulebook([told_of])).rulebook

    assert [("", False), ("Read.", True)] == [
        (one.rule("x.window.US.1").note, one.rule("x.window.US.1").first_hand)
        for one in (book, other)
    ]


def test_the_other_rules_stay_as_they_came() -> None:
    book = merged(told("x.window.US.1", "window_end_days = 90")).rulebook

    assert [one for one in PLAIN.rules if one.id != "x.window.US.1"] == [
        one for one in book.rules if not one.own
    ]


def test_a_term_is_replaced_and_the_others_stay() -> None:
    text = told("x.answer.US.1", "", TRUST + "[rules.terms]\nrespond_hours = 12\n")
    corrected = merged(text).rulebook.rule("x.answer.US.1")

    assert {"respond_hours": 12, "binding": True} == corrected.terms


def test_a_correction_can_leave_out_a_field_or_a_term() -> None:
    text = told("x.window.US.1", 'without = ["window_end_days"]\nwindow_end_months = 18')
    answer = told("x.answer.US.1", 'without = ["binding"]')

    assert merged(text).rulebook.rule("x.window.US.1").window_end_days is None
    assert {"respond_hours": 24} == merged(answer).rulebook.rule("x.answer.US.1").terms


def test_words_and_doubt_need_no_source() -> None:
    text = told("x.window.US.1", 'note = "Seen again."\nverified = false', trust="")
    corrected = merged(text).rulebook.rule("x.window.US.1")

    assert ("Seen again.", False, ("https://example.com/",)) == (
        corrected.note,
        corrected.sure,
        corrected.sources,
    )


def test_a_file_may_begin_with_a_mark_as_some_editors_write_it() -> None:
    text = "\ufeff" + told("x.window.US.1", "window_end_days = 90")

    assert ("x.window.US.1",) == merged(text).changed


# --- adding ---------------------------------------------------------------------------------------


def test_a_further_version_ends_the_one_before_it() -> None:
    found = merged(added("x.window.US.2", "effective_from = 2026-12-01\nwindow_end_days = 90"))
    ended = found.rulebook.rule("x.window.US.1")

    assert (date(2026, 12, 1), "superseded", False) == (
        ended.effective_to,
        ended.status,
        ended.own,
    )
    assert [("ended", "x.window.US.1", "x.window.US.2"), ("added", "x.window.US.2", None)] == [
        (one.kind, one.rule_id, one.by) for one in found.changes
    ]
    assert ("x.window.US.2",) == found.changed


def test_each_day_has_one_version() -> None:
    text = added("x.window.US.2", "effective_from = 2026-12-01")
    text += added("x.window.US.3", "effective_from = 2027-02-01")
    book = merged(text).rulebook

    def held(on: date) -> str | None:
        found = book.in_force("x.window", "US", on)
        return found.id[-1] if found else None

    days = [date(2026, 11, 30), date(2026, 12, 1), date(2027, 1, 31), date(2027, 2, 1)]
    assert ["1", "2", "2", "3"] == [held(day) for day in days]


def test_a_version_takes_over_what_it_is_like_but_not_how_sure_that_is() -> None:
    text = 'like = "x.window.US.1"\ntitle = "Another"\neffective_from = 2026-12-01'
    unsure = 'sources = []\nevidence = "D"\nverified = false\n'
    found = merged(told("x.window.US.2", text, unsure)).rulebook.rule("x.window.US.2")

    assert ("customer_refund_or_replacement_date", 20) == (found.clock_from, found.window_end_days)
    assert (False, (), "in_force", None) == (
        found.sure,
        found.sources,
        found.status,
        found.effective_to,
    )


def test_a_rule_can_be_written_whole_in_a_series_of_its_own() -> None:
    text = told(
        "mine.answer.US.1",
        'title = "Answer within a day"\nmarketplaces = ["US"]\nprogrammes = ["FBM"]\n'
        'claim_types = []\nversion_selected_by = "message_received_at"',
        TRUST + "[rules.terms]\nrespond_hours = 24\n",
    )
    found = merged(text).rulebook.rule("mine.answer.US.1")

    assert ("mine.answer.US", "mine.answer", 24) == (
        found.series,
        found.family,
        found.number("respond_hours"),
    )
    assert found.sure


def test_what_holds_for_a_while_lies_over_the_rule_and_does_not_end_it() -> None:
    overlay = 'precedence = "overlay"\neffective_from = 2026-12-01\neffective_to = 2027-01-01'
    book = merged(added("x.window.US.2", overlay)).rulebook

    def held(on: date) -> str:
        found = book.in_force("x.window", "US", on)
        assert found
        return found.id

    assert book.rule("x.window.US.1").effective_to is None
    assert ["x.window.US.2", "x.window.US.1"] == [
        held(date(2026, 12, 1)),
        held(date(2027, 1, 1)),
    ]


def test_what_was_only_announced_ends_nothing() -> None:
    announced = 'effective_from = 2026-12-01\nstatus = "never_in_force"'
    book = merged(added("x.window.US.2", announced)).rulebook

    assert book.rule("x.window.US.1").effective_to is None


def test_a_version_whose_number_stands_in_the_middle_joins_its_series() -> None:
    season = rule(
        id="x.season.2026.EU.toys",
        series="x.season.EU.toys",
        effective_from=date(2026, 11, 1),
        effective_to=date(2026, 12, 26),
        status="superseded",
    )
    text = added(
        "x.season.2027.EU.toys",
        "effective_from = 2027-11-01\neffective_to = 2027-12-26",
        like=season.id,
    )
    book = merged(text, Rulebook([season])).rulebook

    assert "x.season.EU.toys" == book.rule("x.season.2027.EU.toys").series
    assert ["2026", "2027"] == [one.id[9:13] for one in book.history("x.season.EU.toys")]


def test_one_store_can_have_a_version_of_its_own() -> None:
    text = added(
        "x.window.EU.2",
        'effective_from = 2026-12-01\nmarketplaces = ["DE"]\nwindow_end_days = 90',
        like="x.window.EU.1",
    )
    text += added(
        "x.window.EU.2b",
        'effective_from = 2026-12-01\nmarketplaces = ["FR"]',
        like="x.window.EU.1",
    )
    book = merged(text).rulebook
    day = date(2026, 12, 1)

    assert ("x.window.EU.2", "x.window.EU.2b") == tuple(
        found.id for store in ("DE", "FR") if (found := book.in_force("x.window", store, day))
    )


def test_a_file_beneath_holds_but_for_the_rules_that_the_other_tells() -> None:
    beneath = told("x.window.US.1", "window_end_days = 90") + told(
        "x.answer.US.1", "", TRUST + "[rules.terms]\nrespond_hours = 12\n"
    )
    text = told("x.window.US.1", "window_end_days = 30")
    book = merged(text, beneath=beneath.encode()).rulebook

    assert (30, 12) == (
        book.rule("x.window.US.1").window_end_days,
        book.rule("x.answer.US.1").number("respond_hours"),
    )


# --- what if it held from a day on ----------------------------------------------------------------

SINCE = date(2026, 6, 1)


def test_from_a_day_on_a_correction_leaves_the_time_before_as_it_was() -> None:
    found = merged(told("x.window.US.1", "window_end_days = 90"), since=SINCE)
    before = found.rulebook.in_force("x.window", "US", date(2026, 5, 31))
    after = found.rulebook.in_force("x.window", "US", SINCE)

    assert before
    assert after
    assert (20, 90) == (before.window_end_days, after.window_end_days)
    assert (SINCE, SINCE) == (before.effective_to, after.effective_from)
    assert (False, True) == (before.own, after.own)


def test_from_a_day_before_the_rule_began_a_correction_begins_there() -> None:
    found = merged(told("x.window.US.1", "window_end_days = 90"), since=date(2023, 1, 1))

    assert [("x.window.US.1", date(2023, 1, 1), 90)] == [
        (one.id, one.effective_from, one.window_end_days) for one in found.rulebook.rules if one.own
    ]


def test_from_a_day_on_a_version_without_a_day_of_its_own_begins_there() -> None:
    text = added("x.window.US.2", "window_end_days = 90")
    text += added("x.window.EU.2", "effective_from = 2027-01-01", like="x.window.EU.1")
    book = merged(text, since=SINCE).rulebook

    assert (SINCE, SINCE) == (
        book.rule("x.window.US.2").effective_from,
        book.rule("x.window.US.1").effective_to,
    )
    assert date(2027, 1, 1) == book.rule("x.window.EU.2").effective_from


def test_a_rule_that_ended_before_cannot_be_corrected_from_a_day_on() -> None:
    book = Rulebook([rule(effective_to=date(2026, 1, 1), status="superseded")])

    with pytest.raises(UnreadableRulebook) as refused:
        merged(told("x.window.US.1", "window_end_days = 90"), book, since=SINCE)

    assert "it ended on 2026-01-01, before 2026-06-01" in str(refused.value)
    assert refused.value.advice() == "Leave --from out, or name a day before it ended."


# --- what it may not say --------------------------------------------------------------------------

US_1 = "x.window.US.1"

BROKEN: tuple[tuple[str, str, str, str], ...] = (
    (
        "a number without a source",
        told(US_1, "window_end_days = 90", trust=""),
        f"{FILE}: {US_1}, field 'sources': missing",
        (
            "Say where the correction is written, how sure that is, and whether it is verified: "
            'sources = ["https://..."], evidence = "A", verified = true.'
        ),
    ),
    (
        "trust without a source",
        told(US_1, "verified = true", trust=""),
        f"{FILE}: {US_1}, field 'sources': missing",
        (
            "Say where the correction is written, how sure that is, and whether it is verified: "
            'sources = ["https://..."], evidence = "A", verified = true.'
        ),
    ),
    (
        "verified by a paraphrase",
        told(US_1, "", 'sources = ["https://example.com/"]\nevidence = "C"\nverified = true'),
        f"{FILE}: {US_1}, field 'verified': evidence C does not verify it (found 'True')",
        "Set verified = false, or name a source of level A, B or L.",
    ),
    (
        "verified by nothing",
        told(US_1, "", 'sources = []\nevidence = "A"\nverified = true'),
        (
            f"{FILE}: {US_1}, field 'sources': a verified rule names the page where it is written "
            "(found 'none')"
        ),
        "Name the page: https://... Or set verified = false.",
    ),
    (
        "verified by a page that anybody could have changed on its way",
        told(US_1, "", 'sources = ["http://example.com/"]\nevidence = "A"\nverified = true'),
        (
            f"{FILE}: {US_1}, field 'sources': a verified rule names the page where it is written "
            "(found 'http://example.com/')"
        ),
        "Name the page: https://... Or set verified = false.",
    ),
    (
        "hearsay",
        told(US_1, "", 'sources = ["somebody said so"]\nevidence = "D"\nverified = false'),
        f"{FILE}: {US_1}, field 'sources': not a web address (found \"('somebody said so',)\")",
        "Cite pages as https://...",
    ),
    (
        "no id",
        "[[rules]]\nwindow_end_days = 90",
        f"{FILE}: a rule, field 'id': missing",
        "Give each rule its id: the series, a dot and the version.",
    ),
    (
        "an id twice",
        told(US_1, "window_end_days = 90") + told(US_1, "window_end_days = 91"),
        f"{FILE}: {US_1}, field 'id': used twice (found '{US_1}')",
        "Write all that you say of a rule in one place.",
    ),
    (
        "an id without a version",
        told("window", 'like = "x.window.US.1"\ntitle = "Another"'),
        f"{FILE}: window, field 'id': not the series and a version (found 'window')",
        "Call it .1, or the next free version, or move it to its own file.",
    ),
    (
        "a rule moved elsewhere",
        told(US_1, 'series = "y.window.US"'),
        f"{FILE}: {US_1}, field 'series': another (found 'y.window.US')",
        "Leave the line out: a rule stays in its series. A new id makes a new rule.",
    ),
    (
        "a field that no rule has",
        told(US_1, "windw_end_days = 90"),
        f"{FILE}: {US_1}, field 'windw_end_days': a rule has no such field (found '90')",
        "Leave the line out. Is window_end_days meant?",
    ),
    (
        "a rule that says of itself that it is the seller's",
        told(US_1, "own = false"),
        f"{FILE}: {US_1}, field 'own': a rule has no such field (found 'False')",
        "Leave the line out.",
    ),
    (
        "a term that nobody knows",
        told(US_1, "", TRUST + "[rules.terms]\nrespond_ours = 24"),
        f"{FILE}: {US_1}, field 'terms.respond_ours': no such term (found '24')",
        "",
    ),
    (
        "a term of another kind",
        told("x.answer.US.1", "", TRUST + '[rules.terms]\nrespond_hours = "soon"'),
        (
            f"{FILE}: x.answer.US.1, field 'terms.respond_hours': not a whole number from 0 up "
            "(found 'soon')"
        ),
        "Write a whole number from 0 up, such as 24: hours within which the seller answers.",
    ),
    (
        "a number in words",
        told(US_1, 'window_end_days = "ninety"'),
        (f"{FILE}: {US_1}, field 'window_end_days': not a whole number (found 'ninety')"),
        "Write a whole number without quotation marks.",
    ),
    (
        "a day in words",
        told(US_1, 'effective_from = "soon"'),
        f"{FILE}: {US_1}, field 'effective_from': not a day (found 'soon')",
        "Write a day without quotation marks: 2026-12-01.",
    ),
    (
        "a status that there is not",
        told(US_1, 'status = "maybe"'),
        f"{FILE}: {US_1}, field 'status': no such word here (found 'maybe')",
        (
            "Write one of in_force, superseded, possibly_stale, assumed, doubtful, never_in_force, "
            "superseded_date_unknown, in quotation marks."
        ),
    ),
    (
        "something to be without that is not there",
        told(US_1, 'without = ["hard_stop_months"]'),
        (
            f"{FILE}: {US_1}, field 'without': the rule has no such thing to be without "
            "(found 'hard_stop_months')"
        ),
        "Name what the rule has; `returns-ledger rules show` lists it.",
    ),
    (
        "like nothing",
        told("x.window.US.2", 'like = "x.windw.US.1"\ntitle = "Another"'),
        f"{FILE}: x.window.US.2, field 'like': no such rule (found 'x.windw.US.1')",
        "`returns-ledger rules list` shows the ids. Is x.window.US.1 meant?",
    ),
    (
        "a new rule without a title",
        told("x.window.US.2", 'like = "x.window.US.1"'),
        f"{FILE}: x.window.US.2, field 'title': missing",
        "Write a text in quotation marks.",
    ),
    (
        "a new version without a day",
        added("x.window.US.2"),
        f"{FILE}: x.window.US.2, field 'effective_from': missing, and x.window.US.1 has no end",
        "Give the first day of the new version: the one before it ends on that day.",
    ),
    (
        "a new version on the day of the one before",
        added("x.window.US.2", "effective_from = 2024-01-01"),
        (
            f"{FILE}: x.window.US.2, field 'effective_from': overlaps x.window.US.1, which ends never "
            "(found '2024-01-01')"
        ),
        "End the earlier version on the day this one starts.",
    ),
    (
        "a new version for one store of two",
        added(
            "x.window.EU.2",
            'effective_from = 2026-12-01\nmarketplaces = ["DE"]',
            like="x.window.EU.1",
        ),
        (
            f"{FILE}: x.window.EU.2, field 'marketplaces': x.window.EU.1, which ends by it, holds in "
            "FR, too (found 'DE')"
        ),
        (
            "Name these stores as well; or add one more version for them that begins on the same day, "
            "with like = 'x.window.EU.1'."
        ),
    ),
    (
        "an end before the beginning",
        told(US_1, "effective_to = 2023-01-01"),
        (
            f"{FILE}: {US_1}, field 'effective_to': not after effective_from (2024-01-01) "
            "(found '2023-01-01')"
        ),
        "effective_to is the first day after the rule; swap or correct the two dates.",
    ),
    (
        "no rule at all",
        "# nothing yet\n",
        f"{FILE}: holds no rule",
        'Write [[rules]], and below it id = "...", once for each rule.',
    ),
    (
        "a table of another name",
        '[[rule]]\nid = "x"',
        f"{FILE}: not part of a rule (found 'rule')",
        'Write [[rules]], and below it id = "...", once for each rule.',
    ),
    (
        "rules that are no tables",
        'rules = ["x"]',
        f"{FILE}: holds what is no rule",
        'Write [[rules]], and below it id = "...", once for each rule.',
    ),
)


@pytest.mark.parametrize(
    ("text", "says", "advice"),
    [broken[1:] for broken in BROKEN],
    ids=[broken[0] for broken in BROKEN],
)
def test_a_file_that_cannot_be_trusted_says_why_and_what_to_do(
    text: str, says: str, advice: str
) -> None:
    with pytest.raises(UnreadableRulebook) as refused:
        merged(text)

    assert says == str(refused.value)
    assert advice == refused.value.advice() or (not advice and refused.value.advice())


def test_a_file_that_is_no_toml_says_where() -> None:
    with pytest.raises(UnreadableRulebook) as refused:
        merged("[[rules]]\nid = x")

    assert str(refused.value).startswith(f"{FILE}: not TOML: ")
    assert "line 2" in str(refused.value)


def test_a_file_that_is_no_text_says_so() -> None:
    with pytest.raises(UnreadableRulebook, match=r"my-rules\.toml: not UTF-8"):
        merge(PLAIN, FILE, b"\xff\xfe")


def test_no_correction_leaves_a_shipped_number_verified_without_a_source_of_its_own() -> None:
    """Each number of each rule: changed alone, it must not pass under the source of another."""
    for known in shipped().rules:
        for field in ("window_start_days", "window_end_days", "window_end_months"):
            if getattr(known, field) is None:
                continue
            with pytest.raises(UnreadableRulebook, match="'sources': missing"):
                merged(told(known.id, f"{field} = 7", trust=""), shipped())


def test_the_same_file_makes_the_same_rulebook() -> None:
    text = told(US_1, "window_end_days = 90")

    assert merged(text).rulebook.digest == merged(text).rulebook.digest
    assert merged(text).rulebook.digest != PLAIN.digest
    assert Rulebook.from_json(merged(text).rulebook.to_json()) == merged(text).rulebook
