"""Steps at the desk, drawn from little, so that they meet: nine SKUs, three names, days that are near."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar

from hypothesis import strategies as st

from ledger.values import instant
from tests.desk.facts import BY_ID, DAY, PLACES, Fact, Order

LONGEST: Final = 100
USUAL: Final = 30
"""About as many steps has a sequence; some have a hundred."""
ONE_OF: Final = 2**20

T = TypeVar("T")


class Step(NamedTuple):
    """One step, before it is known what it meets."""

    kind: str
    place: int
    when: str
    pick: int


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a step meets: the time, and what was recorded before."""

    now: datetime
    facts: Sequence[Fact]
    files: int


class _Dice:
    """Choices, one after the other, out of one number; of nought always the first."""

    def __init__(self, pick: int) -> None:
        self._pick = pick

    def of(self, *options: T) -> T:
        self._pick, which = divmod(self._pick, len(options))
        return options[which]


# --- when -------------------------------------------------------------------------------------

MOMENTS: Final = {
    "now": timedelta(0),
    "three hours ago": timedelta(hours=-3),
    "thirty hours ago": timedelta(hours=-30),
    "five days ago": timedelta(days=-5),
    "in three days": timedelta(days=3),
}
DAYS: Final = {"today": 0, "yesterday": -1, "a week ago": -7, "tomorrow": 1, "a season ago": -90}
WHENS: Final = (
    *("now",) * 6,
    *("today",) * 4,
    *("three hours ago", "yesterday") * 2,
    *("thirty hours ago", "five days ago", "a week ago", "tomorrow"),
    *("in three days", "a season ago"),
)
WAITS: Final = {
    "an hour": timedelta(hours=1),
    "half a day": timedelta(hours=13),
    "a day": timedelta(days=1),
    "three days": timedelta(days=3),
    "a week": timedelta(days=7),
    "five weeks": timedelta(days=35),
}


def told_at(when: str, now: datetime) -> str:
    """A day or a moment, as a person tells it."""
    if when in MOMENTS:
        return instant(now + MOMENTS[when])
    return str((now + timedelta(days=DAYS[when])).date())


WAITS_IN_ORDER: Final = tuple(WAITS)


# --- what the seller tells --------------------------------------------------------------------


def _quantity(dice: _Dice, order: Order, sku: str) -> int:
    """Most often one; sometimes one more than there are."""
    line = order.line(sku)
    return dice.of(1, 1, 1, line.quantity, max(line.quantity - 1, 1), line.quantity + 1)


def _rma(dice: _Dice, sku: str) -> str | None:
    return dice.of(None, None, f"D{sku}1", f"D{sku}2")


def _cents(dice: _Dice, order: Order, sku: str) -> int:
    line = order.line(sku)
    each = line.each
    return dice.of(each, each, each // 2, each // 10, each * line.quantity, each + 1, 7_77, 0)


def _request(dice: _Dice, fact: Fact) -> Fact:
    order, sku = BY_ID[fact.order], fact.sku or ""
    return replace(
        fact,
        in_policy=dice.of(False, None, True),
        abroad=dice.of(False, True),
        defect=dice.of(False, False, True),
        quantity=_quantity(dice, order, sku),
        rma=_rma(dice, sku),
    )


def _answering(dice: _Dice, fact: Fact) -> Fact:
    return replace(fact, rma=_rma(dice, fact.sku or ""))


def _authorize(dice: _Dice, fact: Fact) -> Fact:
    goodwill = dice.of(False, False, True)
    return replace(_answering(dice, fact), goodwill=goodwill, approved=dice.of(True, False))


def _decline(dice: _Dice, fact: Fact) -> Fact:
    own = "ret.window.EU.1" if BY_ID[fact.order].store in ("DE", "UK") else "ret.window.US.1"
    rule = dice.of(own, own, own, "ret.window.EU.1", "ret.window.US.1", "ret.window.XX.9")
    fact = _answering(dice, fact)
    return replace(fact, text=rule, against_advice=dice.of(True, False))


def _label(dice: _Dice, fact: Fact) -> Fact:
    return replace(_answering(dice, fact), money=(("label", dice.of(4_50, 6_00)),))


def _some(dice: _Dice, fact: Fact) -> Fact:
    return replace(fact, quantity=_quantity(dice, BY_ID[fact.order], fact.sku or ""))


def _grade(dice: _Dice, fact: Fact) -> Fact:
    return replace(_some(dice, fact), text=dice.of("as_new", "damaged", "used"))


def _refund(dice: _Dice, fact: Fact) -> Fact:
    order, sku = BY_ID[fact.order], fact.sku or ""
    by, trigger = dice.of(
        ("seller", "manual"),
        ("seller", "manual"),
        ("seller", "goodwill"),
        ("amazon", "first_scan"),
        ("amazon", "automated"),
        ("seller", "returnless"),
        ("amazon", "international_deadline"),
        ("amazon", "a_to_z"),
    )
    cents = _cents(dice, order, sku)
    component = dice.of("item", "item", "item", "shipping")
    money: tuple[tuple[str, int], ...] = ((component, cents),)
    if dice.of(False, False, True):
        money = (("item", cents), ("shipping", 1_00))
    return replace(
        fact,
        by=by,
        trigger=trigger,
        money=money,
        quantity=_quantity(dice, order, sku),
        again=dice.of(False, False, True),
        currency=dice.of(None, None, None, None, None, None, None, "SEK"),
    )


def _fee(dice: _Dice, fact: Fact) -> Fact:
    fact = replace(fact, money=(("item", _cents(dice, BY_ID[fact.order], fact.sku or "")),))
    fact = replace(fact, text=dice.of("used_or_damaged", "late"))
    return _some(dice, fact)


def _concede(dice: _Dice, fact: Fact) -> Fact:
    cents = _cents(dice, BY_ID[fact.order], fact.sku or "")
    text = dice.of("a scratch", "a scratch", "for a review of five stars")
    return replace(fact, money=(("item", cents),), text=text)


def _named(dice: _Dice, fact: Fact) -> Fact:
    return replace(fact, sku=None, name=dice.of("m1", "m2", "m3", "m4"))


def _answer(dice: _Dice, fact: Fact) -> Fact:
    return replace(_named(dice, fact), automatic=dice.of(False, False, True))


def _of_claim(dice: _Dice, fact: Fact) -> Fact:
    return replace(fact, sku=None, name=dice.of("c1", "c2", "c3"))


def _claim(dice: _Dice, fact: Fact) -> Fact:
    name = dice.of("c1", "c2", "c3")
    door, by = dice.of(("a_to_z", "buyer"), ("safe_t", "seller"))
    fact = _some(dice, fact)
    if dice.of(False, False, True):
        fact = replace(fact, sku=None, quantity=1)
    return replace(fact, name=name, trigger=door, by=by, money=(("claim", 20_00),))


def _asked(dice: _Dice, fact: Fact) -> Fact:
    fact = _of_claim(dice, fact)
    until = dice.of(None, None, str(_date(fact.at, 3)))
    return replace(fact, until=until, on_appeal=dice.of(False, True))


def _decided(dice: _Dice, fact: Fact) -> Fact:
    fact = _of_claim(dice, fact)
    outcome = dice.of("granted", "denied", "partly_granted", "withdrawn")
    cents = 10_00 if outcome in ("granted", "partly_granted") else dice.of(0, 0, 5_00)
    until = dice.of(None, None, str(_date(fact.at, 10)), str(_date(fact.at, -1)))
    by = dice.of(None, "seller", "amazon")
    money = (("claim", cents),) if cents else ()
    return replace(fact, outcome=outcome, money=money, until=until, by=by)


def _date(at: str, days: int) -> str:
    return str((datetime.fromisoformat(at[:DAY]) + timedelta(days=days)).date())


def _appeal(dice: _Dice, fact: Fact) -> Fact:
    return replace(_of_claim(dice, fact), late=dice.of(False, False, True))


def _appeal_decided(dice: _Dice, fact: Fact) -> Fact:
    fact = _of_claim(dice, fact)
    outcome = dice.of("granted", "denied")
    cents = 10_00 if outcome == "granted" else dice.of(0, 0, 5_00)
    return replace(fact, outcome=outcome, money=(("claim", cents),) if cents else ())


def _paying(dice: _Dice, fact: Fact) -> Fact:
    return replace(_of_claim(dice, fact), money=(("claim", dice.of(10_00, 4_00, 25_00)),))


def _note(dice: _Dice, fact: Fact) -> Fact:
    return replace(fact, sku=None, text=dice.of("a note", " "))


def _plain(_dice: _Dice, fact: Fact) -> Fact:
    return replace(fact, sku=None)


def _line(_dice: _Dice, fact: Fact) -> Fact:
    return fact


TOLD: Final[dict[str, tuple[int, Callable[[_Dice, Fact], Fact]]]] = {
    "tell": (2, _line),
    "dispatch": (1, _plain),
    "deliver": (2, _plain),
    "request": (4, _request),
    "withdraw": (2, _some),
    "authorize": (1, _authorize),
    "decline": (2, _decline),
    "override": (1, _answering),
    "offer": (1, _answering),
    "label": (1, _label),
    "scan": (1, _some),
    "lost": (1, _some),
    "receive": (3, _some),
    "grade": (2, _grade),
    "wrong": (1, _some),
    "refund": (6, _refund),
    "fee": (2, _fee),
    "concede": (2, _concede),
    "replace": (1, _some),
    "message": (3, _named),
    "answer": (2, _answer),
    "claim": (3, _claim),
    "asked": (1, _asked),
    "answered": (1, _of_claim),
    "decided": (1, _decided),
    "appeal": (1, _appeal),
    "appeal_decided": (1, _appeal_decided),
    "paid": (1, _paying),
    "reversed": (1, _paying),
    "hold": (1, _plain),
    "release": (1, _plain),
    "note": (1, _note),
}
"""How often each kind is drawn whatever happened before, and what is drawn for it."""

RETURNS: Final = {
    "request": ("authorize", "receive", "decline", "offer", "label"),
    "withdraw": ("receive", "decline", "refund"),
    "authorize": ("receive", "scan", "decline"),
    "decline": ("override", "receive", "claim"),
    "receive": ("grade", "refund", "receive"),
    "grade": ("refund", "fee", "grade"),
    "refund": ("the same", "grade", "refund", "concede", "claim"),
    "fee": ("refund",),
}
CLAIMS: Final = {
    "claim": ("decided", "asked", "decided", "claim"),
    "asked": ("answered", "decided"),
    "answered": ("decided", "asked"),
    "decided": ("appeal", "paid", "appeal", "refund"),
    "appeal": ("appeal_decided", "asked", "appeal"),
    "appeal_decided": ("paid", "appeal"),
    "paid": ("paid", "reversed"),
    "reversed": ("paid", "reversed"),
}
Follows = Mapping[str, tuple[str, ...]]
GO_ON: Final[dict[str, tuple[int, Follows, str]]] = {
    "go on with a return": (16, RETURNS, "request"),
    "go on with a claim": (16, CLAIMS, "claim"),
    "go on with a message": (4, {"message": ("answer", "message")}, "message"),
}
"""What comes next is likelier than anything else: how often, what follows what, and what is first."""


def told(step: Step, scene: Scene) -> Fact:
    """What the seller tells in a step."""
    order, sku = PLACES[step.place]
    dice, kind, at = _Dice(step.pick), step.kind, told_at(step.when, scene.now)
    if kind == "correct":
        return _correct(dice, order, scene)
    if kind in GO_ON:
        return _go_on(step, dice, Fact(kind="", order=order.id, sku=sku, at=at), scene)
    if kind == "tell" and step.when in ("now", "today"):
        at = order.placed
    return TOLD[kind][1](dice, Fact(kind=kind, order=order.id, sku=sku, at=at))


def _go_on(step: Step, dice: _Dice, fact: Fact, scene: Scene) -> Fact:
    """What follows the last thing that was told of a return, a claim or a message of the order."""
    _, follows, first = GO_ON[step.kind]
    before = [one for one in scene.facts if one.order == fact.order and one.kind in follows]
    if not before:
        return TOLD[first][1](dice, replace(fact, kind=first))
    last = before[-1]
    kind = dice.of(*follows[last.kind])
    if kind == "the same":
        return replace(last, at=fact.at, again=dice.of(False, True), number=0)
    found = TOLD[kind][1](dice, replace(fact, kind=kind, sku=last.sku or fact.sku))
    keeps_name = last.name and kind in follows and kind != first
    return replace(found, name=last.name) if keeps_name else found


def _correct(dice: _Dice, order: Order, scene: Scene) -> Fact:
    """Most often the last things of the same order; sometimes another's, or nothing's."""
    own = [fact.number for fact in scene.facts if fact.order == order.id]
    others = [fact.number for fact in scene.facts if fact.order != order.id]
    options = [*reversed(own[-7:]), *others[-1:], 0]
    return Fact(kind="correct", order=order.id, at=instant(scene.now), corrects=dice.of(*options))


# --- what reports tell ------------------------------------------------------------------------

REPORTS: Final = {"ordered": 3, "settled": 4, "request_row": 4, "fba_return": 2, "reimbursed": 2}


def reported(step: Step, scene: Scene) -> list[Fact]:
    """The rows of the file that is imported in a step."""
    order, sku = PLACES[step.place]
    dice, now = _Dice(step.pick), instant(scene.now)
    at = min(told_at(step.when, scene.now), now[:DAY])[:DAY]
    at = max(at, order.placed[:DAY])
    row = Fact(kind=step.kind, order=order.id, sku=sku, at=at, by_report=True, told_at=now)
    if step.kind == "ordered":
        return [replace(row, sku=line.sku, at=order.placed) for line in order.lines]
    if step.kind == "settled":
        return [_settled(dice, order, row, scene)]
    if step.kind == "request_row":
        return _request_rows(dice, order, row, scene) if order.programme == "FBM" else []
    if order.programme != "FBA":
        return []
    name = f"{dice.of(1, 2)}"
    if step.kind == "fba_return":
        before = [one for one in scene.facts if one.kind == row.kind and one.name == f"LPN{name}"]
        row = replace(row, at=f"{at}T12:00:00Z", name=f"LPN{name}", text="SELLABLE")
        return [replace(before[0], told_at=now) if before else row]
    before = [one for one in scene.facts if one.kind == row.kind and one.name == f"700{name}"]
    row = replace(row, at=f"{at}T12:00:00Z", name=f"700{name}", money=(("paid", 17_00),))
    return [replace(before[0], told_at=now) if before else row]


def _settled(dice: _Dice, order: Order, row: Fact, scene: Scene) -> Fact:
    """A refund that the seller told, or gave for keeping the goods, or of which nobody told."""
    known = [
        fact
        for fact in scene.facts
        if fact.kind in ("refund", "concede") and (fact.order, fact.sku) == (order.id, row.sku)
    ]
    amounts: list[tuple[tuple[str, int], ...]] = [
        fact.money for fact in reversed(known[-3:]) if fact.cents and fact.currency is None
    ]
    each = order.line(row.sku or "").each
    amounts += [(("item", each),), (("item", each // 100),)]
    minute, second = divmod(scene.files, 60)
    return replace(
        row,
        at=f"{row.at}T12:{minute:02}:{second:02}Z",  # no two of one moment
        money=dice.of(*amounts),
        trigger=dice.of("refund", "refund", "refund", "a_to_z"),
        name=str(101 + scene.files),
    )


def _request_rows(dice: _Dice, order: Order, row: Fact, scene: Scene) -> list[Fact]:
    """A request as far as it has come: what was asked stays as it was told first."""
    number = dice.of(1, 2)
    rma = f"D{row.sku}{number}"
    others = [one.at for one in scene.facts if one.kind == row.kind and one.sku == row.sku]
    while row.at in others:  # no two of one day
        row = replace(row, at=_date(row.at, -1))
    before = [one for one in scene.facts if one.by_report and one.rma == rma]
    status = dice.of("Pending", "Approved", "Closed")
    line = order.line(row.sku or "")
    asked = next(
        (one for one in before if one.kind == "request_row"),
        replace(
            row,
            rma=rma,
            quantity=dice.of(1, line.quantity),
            in_policy=dice.of(False, None, True),
            defect=dice.of(False, False, True),
        ),
    )
    arrived = next((one for one in before if one.kind == "arrival_row"), None)
    if arrived is None and dice.of(False, True):
        arrived = replace(asked, kind="arrival_row", at=max(row.at, asked.at), told_at=row.told_at)
    asked = replace(asked, text=status, told_at=row.told_at)
    return [asked, *([replace(arrived, told_at=row.told_at)] if arrived else [])]


# --- sequences --------------------------------------------------------------------------------

KINDS: Final = (
    *("wait",) * 9,
    *("correct",) * 6,
    *("resend", "resend", "import again"),
    *(kind for kind, (often, _) in TOLD.items() for _ in range(often)),
    *(kind for kind, (often, _, _) in GO_ON.items() for _ in range(often)),
    *(kind for kind, often in REPORTS.items() for _ in range(often)),
)
FOCUSES: Final = (
    *((place,) for place in range(len(PLACES))),
    (0, 1),
    (0, 2, 3),
    tuple(range(len(PLACES))),
)
"""A sequence is about one SKU, about one order, about some orders or about all of them."""


@st.composite
def sequences(draw: st.DrawFn) -> list[Step]:
    """Up to a hundred steps; most often what was ordered is told first."""
    places = draw(st.sampled_from(FOCUSES))
    place = st.sampled_from(places)
    more: Any = st.integers(0, USUAL)
    known = draw(st.sampled_from(("tell", "ordered", "deliver", "nothing")))
    steps: list[Step] = []
    if known != "nothing":
        kind = "ordered" if known == "ordered" else "tell"
        steps += [Step(kind, one, "now", 0) for one in places]
    if known == "deliver":
        steps += [Step("deliver", one, "a week ago", 0) for one in places]
    while len(steps) < LONGEST and draw(more):
        kind, when = draw(st.sampled_from(KINDS)), draw(st.sampled_from(WHENS))
        steps.append(Step(kind, draw(place), when, draw(st.integers(0, ONE_OF))))
    return steps
