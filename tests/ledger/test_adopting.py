"""Adopting the seller's own rules: recorded with the file, put into new rules, dropped, and as known once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from ledger.adopting import Adoption, adopt, adoption_of, own_rules
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events.account import RulebookAdopted
from ledger.importing import open_account
from ledger.judging import audit
from ledger.policy import Finding
from ledger.recall import Recall, adopted, adopted_rulebook
from ledger.rulebook import Rulebook, shipped
from ledger.rulebook.own import merge
from tests.ledger.account import TODAY, Account
from tests.story import ORDER, Story, begin, refunded, sold

RULE = "fba.customer_return.window.US.3"
OWN = f"""\
[[rules]]
id = "{RULE}"
title = "A refunded return may be claimed from day 60 to day 200"
window_end_days = 200
sources = ["https://sellercentral.amazon.com/help/hub/reference/G200379860"]
evidence = "A"
verified = true
""".encode()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = begin(tmp_path / "ledger", checked=False)
    yield told
    told.close()


def wanted(content: bytes = OWN, book: Rulebook | None = None) -> Adoption:
    book = book or shipped()
    return adoption_of(book, merge(book, "my-rules.toml", content), content)


def adopts(story: Story, adoption: Adoption) -> bool:
    return adopt(story.log, adoption, actor="seller", command="rules adopt", command_id="adoption")


def adoptions(story: Story) -> list[Entry]:
    return list(story.log.entries(ACCOUNT_STREAM, topics=[RulebookAdopted.TOPIC]))


def known(story: Story) -> str:
    moment = story.log.recorded_at()
    assert moment is not None
    return moment


def end_of(story: Story, known_at: str | None = None) -> int | None:
    return adopted_rulebook(story.log, known_at).rule(RULE).window_end_days


def newer(*, without: str | None = None) -> Rulebook:
    """The rules that a later version of the program comes with: one more, or one less."""
    one = shipped().rule(RULE)
    more = msgspec.structs.replace(one, id="x.mine.US.1", series="x.mine.US")
    return Rulebook([more, *(rule for rule in shipped().rules if rule.id != without)])


# --- recording --------------------------------------------------------------------------------


def test_adopting_is_recorded_with_the_file_byte_for_byte(story: Story) -> None:
    assert adopts(story, wanted())
    entry = adoptions(story)[-1]

    assert isinstance(entry.event, RulebookAdopted)
    assert hashlib.sha256(OWN).hexdigest() == entry.event.own == entry.source.digest
    assert shipped().digest == entry.event.shipped
    assert (RULE,) == entry.event.changed
    assert len(shipped().rules) == entry.event.rules
    assert OWN == story.log.original(entry.event.own) == own_rules(story.log)
    assert Rulebook.from_json(story.log.original(entry.event.digest)).rule(RULE).own
    assert all(check.ok for check in story.log.verify())


def test_the_account_works_by_it_from_then_on(story: Story) -> None:
    before = known(story)
    adopts(story, wanted())

    assert (120, 200) == (end_of(story, before), end_of(story))
    assert own_rules(story.log, before) is None


def test_the_same_file_is_adopted_once(story: Story) -> None:
    adopts(story, wanted())
    position = story.log.position()

    assert not adopts(story, wanted())
    assert position == story.log.position()


def test_dropped_rules_leave_those_that_come_with_the_program(story: Story) -> None:
    adopts(story, wanted())
    meanwhile = known(story)
    adopts(story, adoption_of(shipped()))

    assert (200, 120) == (end_of(story, meanwhile), end_of(story))
    assert adopted_rulebook(story.log) is shipped()
    assert own_rules(story.log) is None


def test_another_file_takes_the_place_of_the_first(story: Story) -> None:
    adopts(story, wanted())
    adopts(story, wanted(OWN.replace(b"200", b"150")))

    assert 150 == end_of(story)
    assert 3 == len(adoptions(story))


# --- when the program brings new rules --------------------------------------------------------


def test_opening_the_account_again_keeps_the_sellers_own_rules(story: Story) -> None:
    adopts(story, wanted())
    position = story.log.position()
    troubles = open_account(story.log, "seller", "NA", shipped(), "seller")

    assert ((), position, 200) == (troubles, story.log.position(), end_of(story))


def test_new_rules_of_the_program_are_adopted_with_the_sellers_own_in_them(story: Story) -> None:
    adopts(story, wanted())
    troubles = open_account(story.log, "seller", "NA", newer(), "seller")
    event = adopted(story.log)

    assert () == troubles
    assert event
    assert (newer().digest, hashlib.sha256(OWN).hexdigest()) == (event.shipped, event.own)
    book = adopted_rulebook(story.log)
    assert (200, "x.mine.US") == (book.rule(RULE).window_end_days, book.rule("x.mine.US.1").series)
    assert () == open_account(story.log, "seller", "NA", newer(), "seller")


def test_where_they_do_not_fit_the_new_rules_the_last_adopted_hold_and_it_is_said(
    story: Story,
) -> None:
    adopts(story, wanted())
    position = story.log.position()
    (trouble,) = open_account(story.log, "seller", "NA", newer(without=RULE), "seller")

    assert (position, 200) == (story.log.position(), end_of(story))
    assert str(trouble) == (
        "the program brings new rules that your own do not fit: your own rules: "
        f"{RULE}, field 'marketplaces': missing; what you adopted last still holds"
    )
    assert trouble.advice() == (
        "Change your file and adopt it again: `returns-ledger rules adopt FILE`; "
        "or go back to the program's own: `returns-ledger rules drop`."
    )


def test_an_account_without_rules_of_its_own_takes_the_programs(story: Story) -> None:
    assert () == open_account(story.log, "seller", "NA", newer(), "seller")

    assert newer().digest == adopted_rulebook(story.log).digest


# --- what it changes --------------------------------------------------------------------------


def missing(story: Story, known_at: str | None = None) -> Finding:
    """Refunded on 1 March: day 120 is 29 June, day 200 is 17 September."""
    recall = Recall(story.log, date(2026, 7, 15), known_at)
    (found,) = [one for one in audit(recall) if one.claim_type == "return_missing"]
    return found


def test_what_was_answered_before_stays_the_answer_as_known_then(story: Story) -> None:
    story.imports(sold(ORDER, "2026-02-20"), refunded(ORDER, "2026-03-01"))
    before = known(story)
    adopts(story, wanted())

    assert "2026-06-29" == str(missing(story, before).window_closes)
    assert "2026-09-17" == str(missing(story).window_closes)


CANADA = "fba.customer_return.window.CA.1"


def canadian(trust: str) -> Finding:
    """What is said of a Canadian return when the seller knows what the program only assumes."""
    own = f"""\
[[rules]]
id = "{CANADA}"
sources = ["https://example.com/ca"]
{trust}

[[rules]]
id = "fba.valuation.post_order.CA.1"
like = "fba.valuation.post_order.ANY.1"
title = "Canada: a unit is worth its price less the fees"
marketplaces = ["CA"]
sources = ["https://example.com/ca"]
evidence = "A"
verified = true
"""
    book = merge(shipped(), "my-rules.toml", own.encode()).rulebook
    account = Account("CA", book).covers("2026-06-01", TODAY).sold("2026-08-20")
    return account.refunded("2026-09-01").the("return_missing")


def test_a_verified_rule_of_ones_own_makes_a_review_a_firm_answer() -> None:
    finding = canadian('status = "in_force"\nevidence = "A"\nverified = true')

    assert ("ready", "2026-12-30") == (finding.verdict, str(finding.window_closes))
    assert CANADA in finding.rule_ids


@pytest.mark.parametrize(
    "trust",
    [
        'status = "in_force"\nevidence = "C"\nverified = false',
        'status = "in_force"\nevidence = "A"\nverified = false',
        'status = "assumed"\nevidence = "A"\nverified = true',
        'status = "doubtful"\nevidence = "L"\nverified = true',
    ],
)
def test_an_own_rule_that_is_not_verified_or_not_surely_in_force_stays_a_review(trust: str) -> None:
    finding = canadian(trust)

    assert "review" == finding.verdict
    assert CANADA in finding.reason
