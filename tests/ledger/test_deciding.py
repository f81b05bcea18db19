"""One thing that the seller tells or decides is recorded once, however often the same command is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.deciding import Decided, Decision, Refused, decide
from ledger.errors import ConcurrentChange
from ledger.event import ACCOUNT_STREAM, Deed, Entry, Source, order_stream
from ledger.events import BY_TOPIC
from ledger.events.arrivals import UnitsReceived
from ledger.events.deliveries import OrderDelivered, OrderTold
from ledger.events.keeping import NoteAdded
from ledger.events.messages import MessageReceived
from ledger.events.requests import RequestReceived, WithdrawalDeclared
from ledger.importing import open_account
from ledger.rulebook import shipped
from ledger.store import Log, open_log
from tests import postgres
from tests.ledger.seller import NOW, Seller, refund, usd
from tests.story import ORDER, SKU, ordered

STREAM = order_stream(ORDER)
NOTE = NoteAdded(text="the lid is scratched")
OTHER_NOTE = NoteAdded(text="the lid is gone")


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    return Seller(tmp_path).sells()


# --- what is recorded -------------------------------------------------------------------------


def test_an_entry_says_who_when_and_by_which_command(seller: Seller) -> None:
    decided = seller.tells(NOTE, "2026-06-20", command_id="one")

    (*_, entry) = seller.story.log.entries(STREAM)
    assert entry == decided.entry
    assert ("2026-06-20", "seller", None) == (entry.occurred_at, entry.actor, entry.telling)
    assert Source(command="test", command_id="one") == entry.source
    assert not decided.repeated


@pytest.mark.parametrize("at", ["0001-01-01", "0001-01-01T00:00:00Z", "1994-12-31"])
def test_a_year_in_which_amazon_sold_nothing_is_mistyped(seller: Seller, at: str) -> None:
    order = OrderTold(order_id="114-1-1", sku=SKU, marketplace="US", price=usd("20.00"))

    assert "sold nothing" in seller.refused(order, at, order="114-1-1").message
    ahead = seller.refused(order, "9999-12-31T23:59:59Z", order="114-1-1")
    assert "not happened yet" in ahead.message


def test_what_happened_now_happened_at_the_moment_of_the_command(seller: Seller) -> None:
    assert NOW == seller.tells(NOTE, None).entry.occurred_at


def test_a_moment_is_kept_as_the_ledger_writes_moments(seller: Seller) -> None:
    decided = seller.tells(NOTE, "2026-06-20T10:00:00+02:00")

    assert "2026-06-20T08:00:00Z" == decided.entry.occurred_at


@pytest.mark.parametrize("at", ["yesterday", "2026-06-31", "2026-06-20T10:00:00", ""])
def test_what_is_no_day_and_no_moment_is_refused(seller: Seller, at: str) -> None:
    assert at == seller.refused(NOTE, at).found


def test_everything_holds_after_it(seller: Seller) -> None:
    seller.tells(NOTE)
    seller.tells(refund())

    seller.story.check()


# --- once -------------------------------------------------------------------------------------


def test_the_same_command_sent_twice_records_once(seller: Seller) -> None:
    first = seller.tells(refund(), command_id="one")
    again = seller.tells(refund(), command_id="one")

    assert first.entry == again.entry
    assert again.repeated
    assert 1 == len([e for e in seller.story.log.entries(STREAM) if e.event == refund()])


def test_the_same_command_sent_later_without_a_day_records_once(seller: Seller) -> None:
    first = seller.tells(NOTE, None, command_id="one", now="2026-08-01T12:00:00Z")
    again = seller.tells(NOTE, None, command_id="one", now="2026-08-02T12:00:00Z")

    assert first.entry == again.entry


def test_what_is_repeated_is_not_refused_by_what_it_did_itself(seller: Seller) -> None:
    seller.tells(refund(("item", "20.00")), command_id="one")
    seller.tells(NOTE)

    assert seller.tells(refund(("item", "20.00")), command_id="one").repeated


@pytest.mark.parametrize(("event", "at"), [(OTHER_NOTE, "2026-07-01"), (NOTE, "2026-07-02")])
def test_an_id_that_says_something_else_is_refused(seller: Seller, event: Deed, at: str) -> None:
    first = seller.tells(NOTE, "2026-07-01", command_id="one")

    assert first.entry.position == seller.refused(event, at, command_id="one").entry


def test_the_same_under_another_id_is_another(seller: Seller) -> None:
    first, second = seller.tells(NOTE), seller.tells(NOTE)

    assert first.entry.position != second.entry.position


# --- tried without recording ------------------------------------------------------------------


def test_a_dry_run_records_nothing_and_says_what_it_would(seller: Seller) -> None:
    before = seller.story.log.position()
    tried = seller.tells(refund(), dry_run=True)
    done = seller.tells(refund())

    assert None is tried.entry.position
    assert before + 1 == done.entry.position
    assert (tried.entry.event, tried.cautions, tried.due) == (refund(), done.cautions, done.due)


def test_a_dry_run_refuses_as_well(seller: Seller) -> None:
    seller.refused(refund(("item", "20.01")), dry_run=True)


def test_a_dry_run_of_what_was_recorded_says_so(seller: Seller) -> None:
    seller.tells(NOTE, command_id="one")

    assert seller.tells(NOTE, command_id="one", dry_run=True).repeated


# --- what is due next -------------------------------------------------------------------------


def due(decided: Decided) -> list[tuple[str, str | None]]:
    return [(one.what, one.due_at) for one in decided.due]


def test_it_says_what_is_due_next(seller: Seller) -> None:
    asked = RequestReceived(order_id=ORDER, sku=SKU, in_policy=False)

    tried = seller.tells(asked, "2026-08-01T10:00:00Z", dry_run=True)
    told = seller.tells(asked, "2026-08-01T10:00:00Z", command_id="one")
    again = seller.tells(asked, "2026-08-01T10:00:00Z", command_id="one")

    assert [("answer the return request", "2026-08-02T10:00:00Z")] == due(told)
    assert due(told) == due(tried) == due(again)


def test_what_was_due_before_and_has_been_done_is_due_no_more(seller: Seller) -> None:
    seller.tells(UnitsReceived(order_id=ORDER, sku=SKU), "2026-07-31")
    before = seller.tells(NOTE)
    after = seller.tells(refund(), "2026-08-01")

    assert any("refund" in what for what, _ in due(before))
    assert not any("refund" in what for what, _ in due(after))


# --- the case and its days --------------------------------------------------------------------


def test_of_an_order_that_nobody_told_of_nothing_is_recorded(tmp_path: Path) -> None:
    seller = Seller(tmp_path)

    refused = seller.refused(NOTE)

    assert ORDER == refused.found
    assert "order tell" in refused.advice()


@pytest.mark.parametrize(
    "event",
    [
        OrderTold(order_id=ORDER, sku=SKU, marketplace="US", price=usd("20.00")),
        RequestReceived(order_id=ORDER, sku=SKU),
        WithdrawalDeclared(order_id=ORDER, sku=SKU),
        MessageReceived(message="M", order_id=ORDER),
    ],
    ids=lambda event: type(event).__name__,
)
def test_some_things_may_be_the_first_that_is_known(tmp_path: Path, event: Deed) -> None:
    seller = Seller(tmp_path)

    seller.tells(event)
    seller.tells(NOTE)


def test_what_is_of_another_order_is_refused(seller: Seller) -> None:
    other = "114-0000002-0000002"

    assert other == seller.refused(refund(order=other)).found


def test_what_is_of_no_sku_of_the_order_is_refused(seller: Seller) -> None:
    refused = seller.refused(refund(sku="SKU-9"))

    assert "SKU-9" == refused.found
    assert f"It has: {SKU}." == refused.advice()


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        ("2026-08-02", False),
        ("2026-08-03", True),
        ("2026-08-02T12:00:00Z", False),
        ("2026-08-02T12:00:01Z", True),
    ],
)
def test_what_is_to_come_is_refused(seller: Seller, at: str, refused: bool) -> None:
    """It is noon of 1 August in UTC, and the morning of the same day in the store."""
    if refused:
        seller.refused(NOTE, at)
    else:
        seller.tells(NOTE, at)


def test_nothing_happens_before_the_order(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells("2026-06-01")
    (order,) = seller.story.log.entries(STREAM)

    assert order.position == seller.refused(NOTE, "2026-05-31").entry
    seller.tells(NOTE, "2026-06-01")


def test_the_days_of_the_store_are_compared(tmp_path: Path) -> None:
    """Six in the morning of 2 June in UTC is still 1 June in the store."""
    seller = Seller(tmp_path)
    seller.story.imports(ordered(ORDER, "2026-06-02T06:00:00+00:00"))

    seller.tells(NOTE, "2026-06-01")
    seller.refused(NOTE, "2026-05-31")


def test_an_order_is_not_told_after_what_followed_it(tmp_path: Path) -> None:
    seller = Seller(tmp_path)
    asked = seller.tells(RequestReceived(order_id=ORDER, sku=SKU), "2026-06-10")
    event = OrderTold(order_id=ORDER, sku=SKU, marketplace="US", price=usd("20.00"))

    assert asked.entry.position == seller.refused(event, "2026-06-11").entry
    seller.tells(event, "2026-06-10")


def test_what_is_dated_later_is_seen_too(seller: Seller) -> None:
    """A refund told of today bounds one that is told of for last month."""
    seller.tells(refund(("item", "15.00")), "2026-07-30")

    seller.refused(refund(("item", "5.01")), "2026-06-10")


# --- at once ----------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)


def opened(url: str) -> Log:
    return open_log(url, "seller", event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))


def at_once(url: str, decisions: list[tuple[str, Deed]]) -> list[Decided | Refused]:
    """Each sent by a writer of its own, all at the same moment."""
    ready = threading.Barrier(len(decisions))
    done: list[Decided | Refused] = []

    def send(command_id: str, event: Deed) -> None:
        log = opened(url)
        ready.wait()
        try:
            done.append(send_one(log, command_id, event))
        except Refused as refused:
            done.append(refused)
        finally:
            log.close()

    threads = [threading.Thread(target=send, args=one) for one in decisions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(decisions) == len(done), "a writer failed with something else"
    return done


def send_one(log: Log, command_id: str, event: Deed, at: str = "2026-07-01") -> Decided:
    decision = Decision(stream=STREAM, event=event, occurred_at=at)
    return decide(log, decision, actor="seller", command="test", command_id=command_id, now=NOW)


@pytest.fixture
def order(url: str) -> Iterator[Log]:
    log = opened(url)
    open_account(log, "seller", "NA", shipped(), "seller")
    told = OrderTold(order_id=ORDER, sku=SKU, marketplace="US", price=usd("20.00"))
    send_one(log, "order", told, "2026-06-01")
    yield log
    log.close()


def test_the_same_command_sent_by_several_at_once_records_once(url: str, order: Log) -> None:
    done = at_once(url, [("one", refund(("item", "5.00")))] * 6)

    decided = [one for one in done if isinstance(one, Decided)]
    assert 6 == len(decided)
    assert 5 == sum(one.repeated for one in decided)
    assert 1 == len({one.entry.position for one in decided})
    assert 2 == len(list(order.entries(STREAM)))


def test_several_at_once_do_not_give_back_more_than_was_paid(url: str, order: Log) -> None:
    """Each amount is allowed by itself; together they are too much."""
    refunds: list[tuple[str, Deed]] = [
        (f"id-{cents}", refund(("item", f"8.{cents:02}"))) for cents in range(5)
    ]

    done = at_once(url, refunds)

    assert 2 == sum(isinstance(one, Decided) for one in done)
    assert 3 == sum(isinstance(one, Refused) for one in done)


def test_others_who_write_meanwhile_are_waited_for(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else delivers between the reading and the writing, once; the case is read anew."""
    log = seller.story.log
    append = log.append
    told = iter([OrderDelivered(order_id=ORDER)])

    def late(entries: list[Entry], *, originals: tuple[bytes, ...] = ()) -> list[Entry]:
        for event in told:
            append(
                [
                    Entry(
                        stream=STREAM,
                        version=log.heads([STREAM])[STREAM] + 1,
                        event=event,
                        occurred_at="2026-06-03",
                        actor="other",
                        source=Source(command="test"),
                    )
                ]
            )
        return append(entries, originals=originals)

    monkeypatch.setattr(log, "append", late)
    decided = seller.tells(NOTE)

    assert 3 == decided.entry.version


def test_who_is_never_first_is_told_so(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> list[Entry]:
        raise ConcurrentChange("somebody was first")

    monkeypatch.setattr(seller.story.log, "append", never)

    with pytest.raises(ConcurrentChange, match="nothing was recorded"):
        seller.tells(NOTE)


def test_the_account_has_no_order(seller: Seller) -> None:
    assert ACCOUNT_STREAM == seller.tells(NOTE, "2020-01-01", order=None).entry.stream
