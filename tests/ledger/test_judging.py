"""Judging whole accounts: nothing claimed twice, nothing claimed without its reports, all of it recorded once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.book import REIMBURSEMENTS, RETURNS, STOCK
from ledger.events.judgements import JudgementRecorded
from ledger.gates import NO_OPEN_CASE
from ledger.judging import (
    CLAIMING,
    STILL_TOLD,
    audit,
    judge,
    record_judgements,
    without_double_claims,
)
from ledger.policies import POLICIES
from ledger.policy import Finding
from tests.ledger.account import ORDER, OTHER, TODAY, Account, after, answer_to
from tests.ledger.invented import accounts, days, pay, payments
from tests.ledger.returned_to_seller import Parcel, wrong_item_back
from tests.story import Story, begin, refunded, reimbursed, returned, sold, taken_back

MANY = 100
DAY = date.fromisoformat(TODAY)


def ready(found: list[Finding], *claim_types: str) -> list[str]:
    """The ids of what may be filed now."""
    return [
        one.finding_id
        for one in found
        if one.verdict in ("ready", "underpaid")
        and (not claim_types or one.claim_type in claim_types)
    ]


# --- what holds of every account --------------------------------------------------------------


@settings(max_examples=MANY)
@given(accounts())
def test_no_unit_is_in_two_findings_that_claim_it(account: Account) -> None:
    claimed = Counter(
        (one.stream, unit)
        for one in account.findings()
        if one.verdict in CLAIMING
        for unit in one.units
    )

    assert [] == [unit for unit, times in claimed.items() if times > 1]


@settings(max_examples=MANY)
@given(accounts(), st.randoms(use_true_random=False))
def test_nothing_is_claimed_that_rests_on_what_is_told_no_more(
    account: Account, dice: random.Random
) -> None:
    """Whatever a newer download leaves out: what rests on it is in review, and the rest is as it was."""
    before = account.findings()
    told = [entry.position or 0 for entries in account.entries.values() for entry in entries]
    gone = set(dice.sample(told, len(told) // 4))
    account.leaves_out(gone)
    found = {one.finding_id: one for one in account.findings()}

    for one in before:
        if one.verdict in ("ready", "waiting", "underpaid") and gone.intersection(one.entries):
            assert found[one.finding_id].verdict == found[one.finding_id].standing == "review"
            assert answer_to(found[one.finding_id], STILL_TOLD).passed is False
        else:
            assert one == found[one.finding_id]


@settings(max_examples=MANY)
@given(accounts())
def test_no_two_findings_share_an_id(account: Account) -> None:
    ids = Counter(one.finding_id for one in account.findings())

    assert [] == [name for name, times in ids.items() if times > 1]


@settings(max_examples=MANY)
@given(accounts())
def test_every_test_says_what_would_change_it_and_every_verdict_why(account: Account) -> None:
    for finding in account.findings():
        assert finding.reason
        assert finding.tests
        assert all(test.answer and test.would_flip for test in finding.tests)
        named = {
            int(evidence.id)
            for test in finding.tests
            for evidence in test.decided_by
            if evidence.kind == "entry"
        }
        assert named <= set(finding.entries)


@settings(max_examples=MANY)
@given(accounts(covered=False), st.sampled_from([RETURNS, REIMBURSEMENTS, STOCK]), days)
def test_nothing_is_ready_where_a_report_that_would_disprove_it_is_missing_holed_or_old(
    account: Account, report: str, hole: str
) -> None:
    """Of the kinds of claim that need the report, whatever else is known."""
    needing = [policy.claim_type for policy in POLICIES if report in policy.needs]
    account.covers("2026-01-01", TODAY, without=[report])

    assert [] == ready(account.findings(), *needing)
    account.covers("2026-01-01", after(TODAY, -8), report)
    assert [] == ready(account.findings(), *needing)


@settings(max_examples=MANY)
@given(accounts(covered=False), st.sampled_from([RETURNS, REIMBURSEMENTS, STOCK]), days)
def test_a_hole_after_the_clock_started_leaves_nothing_ready(
    account: Account, report: str, hole: str
) -> None:
    """A unit that was not restocked is asked about from its return on, which its own page tries."""
    kinds = [one.claim_type for one in POLICIES if report in one.needs]
    kinds.remove("return_not_restocked")
    account.covers("2026-01-01", TODAY, without=[report])
    account.covers("2026-01-01", after(hole, -1), report).covers(after(hole, 1), TODAY, report)

    assert [] == [
        one
        for one in account.findings(*kinds)
        if one.verdict in ("ready", "underpaid") and _clock(one) <= hole
    ]


def _clock(finding: Finding) -> str:
    """The day on which the finding's clock started, as its test says."""
    return answer_to(finding, "Is today a day").answer.rpartition(" ")[2].rstrip(")")


@settings(max_examples=MANY)
@given(accounts(), st.sampled_from([ORDER, OTHER]), days, payments())
def test_one_more_payment_never_makes_anything_ready(
    account: Account, order: str, on: str, how: dict[str, object]
) -> None:
    kinds = ("return_missing", "return_damaged", "return_not_restocked")
    before = ready(account.findings(), *kinds)
    pay(account, on, "5555555", how, order=order)

    assert set(ready(account.findings(), *kinds)) <= set(before)


@settings(max_examples=MANY)
@given(accounts(), st.sampled_from([ORDER, OTHER]), days)
def test_one_more_return_never_makes_more_units_missing(
    account: Account, order: str, on: str
) -> None:
    before = ready(account.findings(), "return_missing", "return_damaged")
    account.returned(on, order=order)

    assert len(ready(account.findings(), "return_missing", "return_damaged")) <= len(before)


@settings(max_examples=MANY)
@given(accounts(), st.integers(1, 400))
def test_the_passing_of_days_changes_no_judgement(account: Account, number: int) -> None:
    """Neither do the files' growing old, the opening of windows, their closing."""
    today = {one.finding_id: one.fingerprint for one in account.findings()}
    later = {one.finding_id: one.fingerprint for one in account.findings(on=after(TODAY, number))}

    assert today == {name: later.get(name) for name in today}


@settings(max_examples=MANY)
@given(accounts(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrived_changes_nothing(
    account: Account, dice: random.Random
) -> None:
    assert told(account) == told(account.in_another_order(dice))


def told(account: Account) -> list[dict[str, object]]:
    """Findings without the positions of their entries, which tell when they arrived."""
    found = []
    for finding in account.findings():
        tests = [
            msgspec.structs.replace(
                test,
                decided_by=tuple(sorted((one.kind, one.text) for one in test.decided_by)),
            )
            for test in finding.tests
        ]
        cells = {**msgspec.structs.asdict(finding), "tests": tests, "entries": len(finding.entries)}
        found.append(cells)
    return found


# --- double claims that are forbidden ---------------------------------------------------------


def account() -> Account:
    return Account().covers("2026-01-01", TODAY)


def refunded_unit() -> Account:
    return account().sold("2026-08-20").refunded("2026-09-01")


def test_1_the_damage_and_the_misplacement_of_one_unit_are_one_claim() -> None:
    found = (
        account().broken("2026-10-15").lost("2026-10-20", disposition="WAREHOUSE_DAMAGED", left=0)
    )

    assert [("fc_damaged", "ready")] == [(one.claim_type, one.verdict) for one in found.findings()]


@pytest.mark.parametrize("disposition", ["SELLABLE", "DAMAGED", "EXPIRED"])
def test_2_a_unit_is_missing_or_came_back_and_never_both(disposition: str) -> None:
    found = refunded_unit().returned("2026-09-05", disposition=disposition).findings()

    assert 1 == len([one for one in found if one.verdict in CLAIMING])


def test_3_nothing_is_claimed_that_was_paid_or_whose_payment_may_not_show_yet() -> None:
    paid = refunded_unit().paid("2026-11-19")
    recent = account().lost(after(TODAY, -2))

    assert (["paid"], ["review"]) == (paid.verdicts("return_missing"), recent.verdicts("fc_lost"))


def test_4_that_no_provider_has_filed_it_is_assumed_aloud() -> None:
    found = refunded_unit().lost("2026-10-15").findings()

    assert [NO_OPEN_CASE in one.assumptions for one in found] == [True, True]
    assert ["paid"] == refunded_unit().paid("2026-11-19", case="1").verdicts("return_missing")


def test_5_no_fee_is_claimed_so_none_is_claimed_twice() -> None:
    assert [] == [policy.name for policy in POLICIES if policy.claims and "fee" in policy.name]


def test_6_a_unit_refunded_through_an_a_to_z_claim_is_never_ready() -> None:
    told = account().sold("2026-08-20").refunded("2026-09-01", trigger="a_to_z")

    assert ["review"] == told.verdicts()
    sent = wrong_item_back().refund("2026-03-06", trigger="a_to_z")
    assert ["not_claimable", "not_claimable"] == sent.verdicts("safe_t", on="2026-03-11")


def test_7_no_claim_about_a_removal_is_ready_so_none_doubles_a_customers_return() -> None:
    told = refunded_unit().returned("2026-09-05", disposition="DAMAGED")
    told.removal("2026-09-10", 2, shipped=1).removal_shipped("2026-09-12", 1)

    assert ["review", "review"] == told.verdicts()


@pytest.mark.parametrize(
    ("life", "verdict"),
    [
        ([], "ready"),
        (["filed"], "not_claimable"),
        (["filed", "withdrawn"], "ready"),
        (["filed", "denied"], "review"),
        (["filed", "granted"], "not_claimable"),
        (["filed", "granted", "paid"], "paid"),
        (["filed", "granted", "paid", "taken back"], "review"),
        (["filed", "denied", "appealed"], "not_claimable"),
        (["filed", "denied", "appealed", "lost"], "review"),
    ],
)
def test_a_claim_that_names_its_finding_is_not_claimed_anew(life: list[str], verdict: str) -> None:
    told = Parcel().covers("2026-01-01", TODAY).sold("2026-08-20").refunded("2026-09-01")
    (open_,) = told.findings("return_missing")
    steps: dict[str, Callable[[], object]] = {
        "filed": lambda: told.filed(
            "2026-11-10", door="fba", claim_type="return_missing", finding_id=open_.finding_id
        ),
        "withdrawn": lambda: told.decided("2026-11-12", "withdrawn"),
        "denied": lambda: told.decided("2026-11-12", "denied"),
        "granted": lambda: told.decided("2026-11-12", "granted"),
        "paid": lambda: told.paid_out("2026-11-14", "17.00"),
        "taken back": lambda: told.taken_back_again("2026-11-16", "17.00"),
        "appealed": lambda: told.appealed("2026-11-14"),
        "lost": lambda: told.appeal_decided("2026-11-16", "denied"),
    }
    for step in life:
        steps[step]()
    (found,) = told.findings("return_missing")

    assert verdict == found.verdict
    assert open_.finding_id == found.finding_id
    assert all(test.would_flip for test in found.tests)
    if verdict in ("paid", "not_claimable"):
        assert found.amount_open == told.money("0.00")


def test_8_what_a_settlement_tells_again_is_not_paid_twice() -> None:
    told = (
        refunded_unit().paid("2026-10-15").settled("2026-10-16", "REVERSAL_REIMBURSEMENT", "17.00")
    )

    assert ["17.00 USD"] == [str(one.amount_paid) for one in told.findings()]


def test_9_no_inbound_shipment_is_claimed_so_none_is_claimed_twice() -> None:
    told = account().lost("2026-10-15").paid("2026-10-20", order=None, reason="Lost_Inbound")

    assert ["ready"] == told.verdicts()
    assert "inbound_missing" not in {policy.name for policy in POLICIES}


def test_10_nothing_that_is_told_later_starts_a_clock_again() -> None:
    """Neither a second refund of the same unit, nor a replacement, nor a payment taken back."""
    first = refunded_unit().the("return_missing").window_opens
    again = refunded_unit().refunded("2026-10-10", number=2).replaced("2026-10-11", by=OTHER)
    back = refunded_unit().paid("2026-10-15").taken_back("2026-10-20")

    assert [first, first] == [one.the("return_missing").window_opens for one in (again, back)]


# --- two findings about one unit --------------------------------------------------------------


def test_where_two_findings_want_one_unit_the_first_has_it() -> None:
    mine = refunded_unit().the("return_missing")
    other = msgspec.structs.replace(mine, finding_id="F-OTHER", claim_type="another")
    first, second = without_double_claims([mine, other])

    assert ("ready", "not_claimable", "not_claimable", "0.00 USD") == (
        first.verdict,
        second.verdict,
        second.standing,
        str(second.amount_open),
    )
    assert mine.finding_id in second.reason
    assert "Is the unit claimed only once?" == second.tests[-1].test


def test_a_finding_that_claims_nothing_takes_no_unit() -> None:
    paid = refunded_unit().paid("2026-10-15").the("return_missing")
    mine = refunded_unit().the("return_missing")

    assert ["paid", "ready"] == [one.verdict for one in without_double_claims([paid, mine])]


def test_findings_come_in_the_order_of_their_ids() -> None:
    told = refunded_unit().lost("2026-10-15").lost("2026-10-16").lost("2026-10-17")
    found = judge(told.case("stock/X000000001"), told.book(), DAY)

    assert sorted(one.finding_id for one in found) == [one.finding_id for one in found]


# --- recorded once ----------------------------------------------------------------------------


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A refund of 10 April; the files speak until 1 August 2026, the returns from 1 March on."""
    made = begin(tmp_path, checked=False)
    made.imports(
        sold(ORDER, "2026-04-01"), sold(OTHER, "2026-04-01"), refunded(ORDER, "2026-04-10")
    )
    made.imports(
        returned(OTHER, "2026-07-20"),
        reimbursed("2026-07-20", "1", order=OTHER),
        period=("2026-03-01", "2026-08-01"),
        told_at="2026-08-01",
    )
    yield made
    made.close()


def recorded(story: Story, on: str = "2026-08-01", streams: list[str] | None = None) -> int:
    """Audit on a day, and record what is new; how much that was."""
    recall = story.recall(date.fromisoformat(on))
    found = audit(recall, streams)
    return record_judgements(recall, found, actor="seller", command_id=on, streams=streams)


def trail(story: Story, claim_type: str = "return_missing") -> list[tuple[str, str]]:
    """What was recorded of a kind of claim about the order, in order."""
    return [
        (entry.event.verdict, entry.event.standing)
        for entry in story.log.entries(f"order/{ORDER}")
        if isinstance(entry.event, JudgementRecorded) and entry.event.claim_type == claim_type
    ]


def test_a_judgement_is_recorded_once(story: Story) -> None:
    assert (recorded(story) > 0, 0) == (True, recorded(story))
    assert [("ready", "open")] == trail(story)


@pytest.mark.parametrize(
    "on", ["2026-08-02", "2026-08-08", "2026-08-09", "2026-08-20", "2027-05-01"]
)
def test_neither_days_nor_files_growing_old_are_news(story: Story, on: str) -> None:
    """Ready, then old files, then too late: what was judged is the same."""
    recorded(story)

    assert 0 == recorded(story, on)


def test_a_payment_is_news(story: Story) -> None:
    recorded(story)
    story.imports(reimbursed("2026-07-25", "2", order=ORDER, amount="17.00"), told_at="2026-08-01")

    assert 1 == recorded(story)
    assert [("ready", "open"), ("paid", "paid")] == trail(story)


def test_what_turns_out_to_be_nothing_is_withdrawn_once(story: Story) -> None:
    """The unit came back: there is no such finding any more, and the trail says so."""
    recorded(story)
    story.imports(returned(ORDER, "2026-07-30", disposition="DEFECTIVE"), told_at="2026-08-01")
    recorded(story)

    assert [("ready", "open"), ("not_claimable", "not_claimable")] == trail(story)
    assert 0 == recorded(story)


def test_what_was_withdrawn_and_is_found_again_is_news(story: Story) -> None:
    recorded(story)
    story.imports(reimbursed("2026-07-25", "2", order=ORDER, amount="17.00"), told_at="2026-08-01")
    recorded(story)
    story.imports(taken_back("2026-07-30", "9", of="2", amount="-17.00"), told_at="2026-08-01")
    recorded(story)

    assert ["open", "paid", "not_claimable"] == [standing for _, standing in trail(story)]


def test_an_audit_of_some_orders_withdraws_nothing_of_the_others(story: Story) -> None:
    recorded(story)

    assert 0 == recorded(story, streams=[f"order/{OTHER}"])
    assert [("ready", "open")] == trail(story)


def test_another_writer_who_was_first_is_waited_out(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judgements of a rival come first; then only what is news to them is recorded."""
    append, rivals = story.log.append, [True]

    def outrun(entries: list[object], **more: object) -> object:
        if rivals.pop() if rivals else False:
            append(entries)  # type: ignore[arg-type]  # what we were about to append
        return append(entries, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(story.log, "append", outrun)

    assert 0 == recorded(story)
    assert [("ready", "open")] == trail(story)


def test_the_recorded_judgement_says_what_was_answered(story: Story) -> None:
    recorded(story)
    (event,) = (
        entry.event
        for entry in story.log.entries(f"order/{ORDER}")
        if isinstance(entry.event, JudgementRecorded)
    )

    assert ("2026-06-09", "2026-08-08") == (event.window_opens, event.window_closes)
    assert ("17.00 USD", 1) == (str(event.amount_open), event.quantity)
    assert story.recall().rulebook.digest == event.rulebook


def test_findings_keep_their_ids_when_everything_is_imported_again_in_another_order(
    tmp_path: Path,
) -> None:
    told = [sold(ORDER, "2026-04-01"), refunded(ORDER, "2026-04-10"), refunded(OTHER, "2026-04-11")]
    ids = []
    for number, order in enumerate((told, told[::-1], [*told, *told])):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = begin(folder, checked=False)
        for one in order:
            made.imports(one)
        ids.append([one.finding_id for one in audit(made.recall())])
        made.close()

    assert ids[0] == ids[1] == ids[2]


def test_a_finding_keeps_its_id_when_amazon_tells_its_row_anew(story: Story) -> None:
    """A status that changes is a revision of the row, and not another unit."""
    first = returned(
        ORDER, "2026-06-01", disposition="DAMAGED", status="Data not available", plate="LPN1"
    )
    again = returned(ORDER, "2026-06-02", disposition="DAMAGED", status="Disposed", plate="LPN1")
    story.imports(first, told_at="2026-06-05")
    before = [one.finding_id for one in audit(story.recall(), [f"order/{ORDER}"])]
    story.imports(again, told_at="2026-08-01")

    assert before == [one.finding_id for one in audit(story.recall(), [f"order/{ORDER}"])]
