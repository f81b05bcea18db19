"""The days on which a claim may be filed."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rulebook import ClaimWindow, Days, Rule, Rulebook, claim_window, shipped
from ledger.rulebook.window import months_after
from tests.ledger.rulebook.test_rule import rule

REFUND = "customer_refund_or_replacement_date"
REPORTED = "reported_lost_or_damaged_date"
MOVED = "last_confirmed_movement_date"
REMOVED = "removed_from_network_date"
CREATED = "removal_shipment_created_date"
DELIVERED = "removal_delivered_date"


def day(text: str) -> date:
    return date.fromisoformat(text)


def window(family: str, store: str, **anchors: str) -> ClaimWindow:
    """The window that the shipped rulebook gives."""
    known = {fact: day(text) for fact, text in anchors.items()}
    found = claim_window(shipped(), f"fba.{family}.window", store, known)
    assert found is not None
    return found


def states(found: ClaimWindow, *days: str) -> list[str]:
    return [found.state(day(text)) for text in days]


def cited(found: ClaimWindow, text: str) -> str:
    rule = found.cite(day(text))
    return rule.id.rpartition("window.")[2] if rule else ""


# --- worked examples ------------------------------------------------------------------------------


def test_a_refund_in_the_united_states_is_claimed_from_day_60_to_day_120() -> None:
    found = window("customer_return", "US", **{REFUND: "2025-01-10"})

    assert (found.opens, found.closes) == (day("2025-03-11"), day("2025-05-10"))
    assert states(found, "2025-03-10", "2025-03-11", "2025-05-10", "2025-05-11") == [
        "waiting",
        "open",
        "open",
        "expired",
    ]
    assert cited(found, "2025-05-11") == "US.3"


def test_an_old_refund_is_in_the_window_on_the_last_day_of_the_old_rule() -> None:
    """Refunded 2024-06-01: 18 months on the eve of the change, 120 days from the change on."""
    found = window("customer_return", "US", **{REFUND: "2024-06-01"})

    assert states(found, "2024-10-22", "2024-10-23") == ["open", "expired"]
    assert (cited(found, "2024-10-22"), cited(found, "2024-10-23")) == ("US.2", "US.3")
    assert (found.opens, found.closes) == (day("2024-07-31"), day("2024-10-22"))


def test_the_swedish_window_closes_under_the_old_rule_when_the_new_one_starts() -> None:
    found = window("customer_return", "SE", **{REFUND: "2024-07-01"})

    assert states(found, "2025-01-08", "2025-01-09") == ["open", "expired"]
    by_new_clock = found.by_clock(shipped().rule("fba.customer_return.window.EU.2"))
    assert by_new_clock == Days(day("2024-08-15"), day("2024-10-14"))


def test_a_window_in_two_pieces_goes_on_without_a_hole() -> None:
    """Refunded 2024-11-20 in Germany: day 45 is under the old rule, day 105 under the new one."""
    found = window("customer_return", "DE", **{REFUND: "2024-11-20"})

    assert [(piece.rule.id[-4:], piece.first, piece.last) for piece in found.pieces] == [
        ("EU.1", day("2025-01-04"), day("2025-01-08")),
        ("EU.2", day("2025-01-09"), day("2025-03-05")),
    ]


def test_a_new_rule_can_shut_an_open_window_for_a_while() -> None:
    """Day 45 became day 60 on 2021-06-17: what was open on the eve had to wait again."""
    found = window("customer_return", "US", **{REFUND: "2021-05-01"})

    assert states(found, "2021-06-14", "2021-06-15", "2021-06-16") == ["waiting", "open", "open"]
    assert states(found, "2021-06-17", "2021-06-29", "2021-06-30") == ["waiting", "waiting", "open"]
    assert found.opens == day("2021-06-15")
    assert found.opens_next(day("2021-06-17")) == day("2021-06-30")
    assert found.opens_next(day("2021-07-15")) == day("2021-07-15")
    assert found.opens_next(day("2022-11-02")) is None


def test_a_loss_in_the_fulfilment_centre_may_be_claimed_at_once() -> None:
    found = window("fc_ops", "UK", **{REPORTED: "2025-02-01"})

    assert (found.opens, found.closes) == (day("2025-02-01"), day("2025-04-02"))
    assert states(found, "2025-01-31", "2025-02-01", "2025-04-02", "2025-04-03") == [
        "waiting",
        "open",
        "open",
        "expired",
    ]


def test_an_undated_old_page_still_gives_days_but_no_certainty() -> None:
    found = window("customer_return", "JP", **{REFUND: "2025-08-31"})

    assert (found.opens, found.closes) == (day("2025-10-15"), day("2027-02-28"))
    admitting = found.admits(day("2026-01-01"))
    assert admitting is not None
    assert not admitting.sure


# --- the clock's fact changes between versions ----------------------------------------------------


def test_a_removal_that_got_lost_lately_needs_only_its_creation() -> None:
    found = window("removal_lost", "US", **{CREATED: "2025-02-01"})

    assert (found.opens, found.closes) == (day("2025-02-16"), day("2025-04-17"))
    assert states(found, "2025-02-15", "2025-02-16", "2025-04-17", "2025-04-18") == [
        "waiting",
        "open",
        "open",
        "expired",
    ]
    assert found.missing_anchors == (MOVED, REMOVED)
    assert found.missing_on(day("2025-02-15")) == ()


def test_the_old_removal_rule_counts_from_the_last_movement() -> None:
    found = window(
        "removal_lost", "US", **{CREATED: "2024-09-01", MOVED: "2024-09-10", REMOVED: "2024-09-02"}
    )

    assert found.missing_anchors == ()
    assert [(piece.rule.id[-4:], piece.first, piece.last) for piece in found.pieces] == [
        ("US.1", day("2024-09-24"), day("2024-10-22")),
        ("US.2", day("2024-10-23"), day("2024-11-15")),
    ]


def test_the_hard_stop_ends_a_removal_claim_whatever_moved_last() -> None:
    found = window("removal_lost", "US", **{MOVED: "2023-11-20", REMOVED: "2022-05-31"})

    assert (found.opens, found.closes) == (None, None)
    assert found.pieces == ()
    early = window("removal_lost", "US", **{MOVED: "2023-11-01", REMOVED: "2022-05-31"})
    assert (early.opens, early.closes) == (day("2023-11-15"), day("2023-11-30"))


def test_without_the_fact_its_clock_needs_a_version_says_neither_early_nor_late() -> None:
    """Before the change the last movement is needed; afterwards the creation is enough."""
    found = window("removal_lost", "US", **{CREATED: "2024-09-20"})

    assert states(found, "2024-10-22", "2024-10-23", "2024-12-04", "2024-12-05") == [
        "unknown",
        "open",
        "open",
        "expired",
    ]
    assert found.missing_on(day("2024-10-22")) == (MOVED, REMOVED)
    assert found.missing_on(day("2024-10-23")) == ()
    assert cited(found, "2024-10-22") == "US.2"


def test_a_later_version_that_cannot_be_read_keeps_a_window_from_being_called_expired() -> None:
    found = window("removal_lost", "US", **{MOVED: "2024-05-01", REMOVED: "2023-01-01"})

    assert found.closes == day("2024-07-01")
    assert found.state(day("2024-07-02")) == "unknown"
    assert found.missing_on(day("2024-07-02")) == (CREATED,)
    assert cited(found, "2024-07-02") == "US.1"
    assert cited(found, "2025-01-01") == "US.1", "the last version that could be read bounds it"


def test_before_the_first_known_version_nothing_is_known() -> None:
    """How Europe handled lost removals before 2025-01-09 was not found."""
    past = window("removal_lost", "FR", **{CREATED: "2024-06-01"})
    recent = window("removal_lost", "FR", **{CREATED: "2024-12-30"})

    assert states(past, "2024-12-01", "2025-01-09") == ["unknown", "expired"]
    assert past.cite(day("2024-12-01")) is None
    assert states(recent, "2025-01-08", "2025-01-13", "2025-01-14") == [
        "waiting",
        "waiting",
        "open",
    ]
    assert cited(recent, "2025-01-08") == "EU.2"


def test_no_fact_at_all_leaves_everything_unknown() -> None:
    found = window("removal_other", "US")

    assert found.missing_anchors == (REMOVED, DELIVERED)
    assert states(found, "2020-01-01", "2026-01-01") == ["unknown", "unknown"]
    assert cited(found, "2026-01-01") == "US.2"


# --- edges ----------------------------------------------------------------------------------------


def test_a_store_without_a_rule_has_no_window() -> None:
    anchors = {REFUND: day("2025-01-10")}

    assert claim_window(shipped(), "fba.customer_return.window", "MX", anchors) is None
    assert claim_window(shipped(), "fba.nothing.window", "US", anchors) is None


def test_a_family_not_picked_by_the_filing_date_has_no_claim_window() -> None:
    with pytest.raises(ValueError, match="the filing date does not pick"):
        claim_window(shipped(), "fba.valuation.pre_order", "US", {})


def test_a_fact_that_no_clock_runs_from_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no clock runs from invoice_date"):
        claim_window(shipped(), "fba.customer_return.window", "US", {"invoice_date": date.max})


def test_a_rule_without_an_end_leaves_the_window_open() -> None:
    book = Rulebook([rule(window_end_days=None)])
    found = claim_window(book, "x.window", "US", {REFUND: day("2025-01-01")})

    assert found is not None
    assert found.open_ended
    assert (found.opens, found.closes) == (day("2025-01-11"), None)
    assert found.state(day("2099-01-01")) == "open"


def test_a_rule_that_never_came_into_force_admits_nothing() -> None:
    book = Rulebook([rule(status="never_in_force", effective_to=day("2025-01-01"))])

    assert claim_window(book, "x.window", "US", {REFUND: day("2024-02-01")}) is None


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-07-15", 18, "2026-01-15"),
        ("2024-08-31", 18, "2026-02-28"),
        ("2022-08-31", 18, "2024-02-29"),
        ("2024-12-31", 1, "2025-01-31"),
        ("2024-11-30", 1, "2024-12-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-05-31", 0, "2024-05-31"),
    ],
)
def test_months_are_calendar_months_cut_to_the_end_of_a_shorter_one(
    start: str, months: int, end: str
) -> None:
    assert months_after(day(start), months) == day(end)


def test_a_window_without_a_first_day_opens_with_its_fact() -> None:
    book = Rulebook([rule(window_start_days=None, opens_when="it may be investigated")])
    found = claim_window(book, "x.window", "US", {REFUND: day("2025-01-01")})

    assert found is not None
    assert (found.opens, found.closes) == (day("2025-01-01"), day("2025-01-21"))


def test_an_overlay_parts_the_window_of_the_version_below_it() -> None:
    """SAFE-T, May 2020: 90 days instead of 60."""
    found = claim_window(shipped(), "safet.window", "US", {"refund_date": day("2020-04-15")})

    assert found is not None
    pieces = [(p.rule.id[-7:], p.first.isoformat(), str(p.last)) for p in found.pieces]
    assert pieces == [
        ("ow.US.1", "2020-04-15", "2020-04-30"),
        (".0covid", "2020-05-01", "2020-05-31"),
        ("ow.US.1", "2020-06-01", "2020-06-14"),
    ]
    assert cited(found, "2020-05-10") == "US.0covid"


def test_the_last_scan_counts_where_the_parcel_was_lost() -> None:
    """There is no scan of a return that never arrived."""
    lost = {"refund_date": day("2026-03-01"), "last_carrier_scan_date": day("2026-03-05")}
    found = claim_window(shipped(), "safet.window", "US", lost)
    arrived = claim_window(
        shipped(),
        "safet.window",
        "US",
        lost | {"later_of_return_scan_and_refund_date": day("2026-03-02")},
    )

    assert found is not None
    assert (found.opens, found.closes) == (day("2026-03-05"), day("2026-04-04"))
    assert found.missing_anchors == ()
    assert arrived is not None
    assert arrived.closes == day("2026-04-01")


# --- what always holds ----------------------------------------------------------------------------

FIRST, LAST = day("2024-01-01"), day("2027-06-30")
ALL_DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
FACTS = (REFUND, REPORTED, REMOVED)


@st.composite
def clocks(draw: st.DrawFn) -> dict[str, Any]:
    """The clock of one version: any fact, any ends, with or without a hard stop."""
    start = draw(st.integers(0, 90))
    clock: dict[str, Any] = {
        "clock_from": draw(st.sampled_from(FACTS)),
        "window_start_days": start,
        "window_end_days": draw(st.none() | st.integers(start, 200)),
        "window_end_months": draw(st.none() | st.integers(0, 18)),
    }
    if draw(st.booleans()):
        clock["lost_clock_from"] = draw(st.sampled_from(FACTS))
    if draw(st.booleans()):
        clock["hard_stop_from"] = draw(st.sampled_from(FACTS))
        clock["hard_stop_months"] = draw(st.integers(0, 18))
    return clock


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    """One to four versions in a row, some after a hole, the first perhaps without a start."""
    changes = st.dates(day("2023-06-01"), day("2026-06-30"))
    dates = sorted(draw(st.sets(changes, min_size=2, max_size=5)))
    spans: list[tuple[date | None, date | None]] = list(pairwise(dates))
    if draw(st.booleans()):
        spans[0] = (None, spans[0][1])
    if draw(st.booleans()):
        spans[-1] = (spans[-1][0], None)
    kept = draw(st.lists(st.sampled_from(spans), min_size=1, unique=True))
    base = [
        rule(id=f"x.window.US.{n}", effective_from=start, effective_to=end, **draw(clocks()))
        for n, (start, end) in enumerate(kept)
    ]
    return Rulebook(base + draw(st.lists(beside(), max_size=2, unique_by=lambda rule: rule.id)))


@st.composite
def beside(draw: st.DrawFn) -> Rule:
    """An overlay, or a version replaced on an unknown day, wherever it lies among the others."""
    days = st.dates(day("2023-06-01"), day("2026-06-30"))
    start, end = sorted(draw(st.sets(days, min_size=2, max_size=2)))
    kind = draw(
        st.sampled_from(
            (
                {"id": "x.window.US.o", "precedence": "overlay"},
                {"id": "x.window.US.s", "status": "superseded_date_unknown"},
            )
        )
    )
    return rule(
        effective_from=draw(st.sampled_from((None, start))),
        effective_to=draw(st.sampled_from((None, end))),
        **kind,
        **draw(clocks()),
    )


ANCHORS = st.dictionaries(st.sampled_from(FACTS), st.dates(FIRST, day("2024-12-31")))


def in_force_admits(book: Rulebook, anchors: dict[str, date], on: date) -> Rule | None:
    """The definition, day by day: what the version in force on the day says of that day."""
    found = book.in_force("x.window", "US", on)
    clocks = (found.clock_from, found.lost_clock_from) if found else ()
    clock = next((fact for fact in clocks if fact in anchors), None)
    if found is None or clock is None:
        return None
    start = anchors[clock]
    admitted = (on - start).days >= (found.window_start_days or 0)
    if found.window_end_days is not None:
        admitted &= (on - start).days <= found.window_end_days
    if found.window_end_months is not None:
        admitted &= on <= months_after(start, found.window_end_months)
    if found.hard_stop_from is not None:
        if found.hard_stop_from not in anchors:
            return None
        stop = months_after(anchors[found.hard_stop_from], found.hard_stop_months or 0)
        admitted &= on <= stop
    return found if admitted else None


def window_of(book: Rulebook, anchors: dict[str, date]) -> ClaimWindow:
    found = claim_window(book, "x.window", "US", anchors)
    assert found is not None
    return found


@given(rulebooks(), ANCHORS)
def test_a_day_is_good_exactly_when_the_version_in_force_admits_it(
    book: Rulebook, anchors: dict[str, date]
) -> None:
    found = window_of(book, anchors)

    for on in ALL_DAYS:
        assert found.admits(on) == in_force_admits(book, anchors, on)


@given(rulebooks(), ANCHORS)
def test_the_window_opens_on_the_first_good_day_and_closes_on_the_last(
    book: Rulebook, anchors: dict[str, date]
) -> None:
    found = window_of(book, anchors)
    good = [on for on in ALL_DAYS if in_force_admits(book, anchors, on)]

    assert found.opens == min(good, default=None)
    if found.open_ended:
        assert (found.closes, max(good)) == (None, LAST)
    else:
        assert found.closes == max(good, default=None)


@given(rulebooks(), ANCHORS, st.dates(FIRST, LAST))
def test_a_state_never_contradicts_the_good_days(
    book: Rulebook, anchors: dict[str, date], on: date
) -> None:
    found = window_of(book, anchors)
    ahead = [later for later in ALL_DAYS if later >= on and in_force_admits(book, anchors, later)]

    assert (found.state(on) == "open") == (on in ahead[:1])
    assert found.opens_next(on) == (ahead[0] if ahead else None)
    if found.state(on) == "waiting":
        assert ahead
        assert ahead[0] > on
    if found.state(on) == "expired":
        assert not ahead
        assert not found.missing_on(on)


@given(rulebooks(), ANCHORS, st.dates(FIRST, LAST))
def test_an_open_day_cites_the_rule_that_admits_it(
    book: Rulebook, anchors: dict[str, date], on: date
) -> None:
    found = window_of(book, anchors)
    admitting = found.admits(on)

    assert admitting is None or found.cite(on) == admitting


@given(rulebooks(), ANCHORS)
def test_pieces_follow_one_another(book: Rulebook, anchors: dict[str, date]) -> None:
    pieces = window_of(book, anchors).pieces

    for earlier, later in pairwise(pieces):
        assert earlier.last is not None
        assert earlier.last < later.first
