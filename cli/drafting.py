"""Texts for a buyer, a carrier or Amazon, written from what the ledger knows, by templates that a seller can edit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from ledger.case import Case, Ref
from ledger.desk import (
    Claim,
    GivenBack,
    claims_of,
    condition_of,
    delivered,
    graded,
    lines_of,
    receipts_of,
    refunds_of,
    requests_of,
    skus_of,
)
from ledger.errors import LedgerError, UnknownThing
from ledger.events.arrivals import DamageInvestigated, UnitGraded, WrongItemReceived
from ledger.events.keeping import EvidenceAttached
from ledger.events.refunds import ConcessionGranted, RestockingFeeApplied
from ledger.events.requests import (
    DeclineOverridden,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
    ReturnLabelIssued,
)
from ledger.policy import ACT_ON, Finding
from ledger.ruling import Ruling
from ledger.values import Money, code

Lang = Literal["en", "sv", "de"]
LANGS: Final[tuple[Lang, ...]] = ("en", "sv", "de")
_LOCALES: Final[Mapping[Lang, str]] = {"en": "en_GB", "sv": "sv_SE", "de": "de_DE"}
_BLANK: Final = re.compile(r"\{(\w+)\}")
ALLOWED: Final = frozenset(("APPROVED", "AUTHORIZED"))
"""What the seller-fulfilled returns report says of a request that was allowed."""
IF_KNOWN: Final = "? "
"""A line that begins so is left out where a fact in it is not known."""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in one language; `{order_id}` and the like stand for facts."""

    subject: str
    body: str


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A kind of text in every language the product writes."""

    about: str
    """When it is used, in one sentence."""
    audience: Literal["buyer", "amazon", "carrier"]
    limit: int
    """Characters that the text may have: a form that takes more or less is the seller's to know."""
    claim_types: tuple[str, ...] = ()
    """The kinds of claim it is written for; none for a text that claims nothing."""
    en: Text
    sv: Text
    de: Text

    def text(self, lang: Lang) -> Text:
        """The text in a language."""
        text: Text = getattr(self, lang)
        return text


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A text with its facts filled in."""

    kind: str
    lang: str
    audience: str
    subject: str
    body: str
    characters: int
    limit: int
    left_out: tuple[str, ...]
    """Facts that are not known, and whose lines were left out."""
    cautions: tuple[str, ...]
    """What speaks against sending it."""


class MissingFacts(LedgerError):
    """A text cannot be written: the ledger does not know what it must say."""


# --- templates --------------------------------------------------------------------------------


@cache
def shipped_kinds() -> tuple[str, ...]:
    """Every kind of text that comes with this program."""
    found = (one.name for one in (files("cli") / "drafts").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def shipped_source(kind: str) -> str:
    """The file of a kind as it is shipped, to be copied and edited."""
    if kind not in shipped_kinds():
        raise _no_such(kind)
    return (files("cli") / "drafts" / f"{kind}.toml").read_text(encoding="utf-8")


def template(kind: str, own: Path) -> Template:
    """The seller's own template of that kind, where his folder has one; else the shipped one."""
    file = own / f"{kind}.toml"
    if file.is_file():
        return _read(file.read_text(encoding="utf-8"), str(file))
    return _read(shipped_source(kind), f"{kind}.toml")


def _read(source: str, name: str) -> Template:
    try:
        found = msgspec.convert(tomllib.loads(source), Template)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        advice = "`returns-ledger draft copy KIND` writes a fresh copy to begin from."
        raise LedgerError(f"not a template: {error}", file=name, advice=advice) from error
    for lang in LANGS:
        text = found.text(lang)
        for blank in _BLANK.findall(text.subject + text.body):
            if blank not in FACTS:
                advice = f"Facts are called: {', '.join(sorted(FACTS))}."
                raise LedgerError(f"[{lang}] names no fact", file=name, found=blank, advice=advice)
    return found


def _no_such(kind: str) -> UnknownThing:
    return UnknownThing(
        "no such kind of text", found=kind, advice=f"One of: {', '.join(shipped_kinds())}."
    )


# --- filling in -------------------------------------------------------------------------------


GUARANTEE: Final = "may call on the seller's guarantee"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a text is about: a case on a day, and the one refund, claim or finding that is meant."""

    case: Case
    as_of: date
    lang: Lang
    sku: str | None = None
    refund: GivenBack | None = None
    claim: Claim | None = None
    finding: Finding | None = None
    rulings: tuple[Ruling, ...] = ()


def about(
    case: Case,
    as_of: date,
    lang: Lang,
    template_: Template,
    *,
    findings: list[Finding],
    rulings: list[Ruling],
    refund: str | None = None,
    claim: str | None = None,
    finding: str | None = None,
) -> About:
    """The thing that is meant: what was named, else the last refund, the last claim, the first finding."""
    refunds = [one for one in refunds_of(case) if refund in (None, one.name)]
    claims = [one for one in claims_of(case).values() if claim in (None, one.name)]
    meant = [
        one
        for one in findings
        if one.finding_id.startswith(finding or "") and one.claim_type in template_.claim_types
    ]
    for wanted, found, what in (
        (refund, refunds, "refund"),
        (claim, claims, "claim"),
        (finding, meant, "finding"),
    ):
        if wanted is not None and not found:
            raise UnknownThing(
                f"{case.stream} has no such {what}",
                found=wanted,
                advice=f"`returns-ledger story {case.name}` tells what it has.",
            )
    given = refunds[-1] if refunds else None
    skus = skus_of(case)
    return About(
        case=case,
        as_of=as_of,
        lang=lang,
        sku=(given.sku if given else None) or (skus[0] if len(skus) == 1 else None),
        refund=given,
        claim=claims[-1] if claims else None,
        finding=meant[0] if meant else None,
        rulings=tuple(rulings),
    )


def write(kind: str, template_: Template, meant: About) -> Written:
    """The text with its facts; raises MissingFacts where a line needs what is not known."""
    text = template_.text(meant.lang)
    missing: dict[str, None] = {}
    left_out: dict[str, None] = {}
    lines = list(_filled(text.body, meant, missing, left_out))
    (subject,) = _filled(text.subject, meant, missing, left_out) or ("",)
    if missing:
        raise MissingFacts(
            f"the text {kind} needs what the ledger does not know: "
            + ", ".join(name.replace("_", " ") for name in missing),
            found=meant.case.stream,
            advice=" ".join(dict.fromkeys(FACTS[name].recorded_by for name in missing)),
        )
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
    return Written(
        kind=kind,
        lang=meant.lang,
        audience=template_.audience,
        subject=subject,
        body=body,
        characters=len(body),
        limit=template_.limit,
        left_out=tuple(left_out),
        cautions=tuple(_cautions(template_, meant, len(body))),
    )


def _cautions(template_: Template, meant: About, characters: int) -> Iterator[str]:
    if characters > template_.limit:
        yield f"it has {characters:,} characters, and {template_.limit:,} are allowed: shorten it"
    finding = meant.finding
    if finding is not None and finding.verdict not in ACT_ON:
        yield f"{finding.finding_id} is {finding.verdict}, do not file it as it stands: {finding.reason}"


def _filled(
    text: str, meant: About, missing: dict[str, None], left_out: dict[str, None]
) -> list[str]:
    lines = []
    for line in text.strip().splitlines():
        if_known = line.startswith(IF_KNOWN)
        told = {name: FACTS[name].told(meant) for name in _BLANK.findall(line)}
        unknown = [name for name, value in told.items() if value is None]
        if unknown and if_known:
            left_out.update(dict.fromkeys(unknown))
            continue
        missing.update(dict.fromkeys(unknown))
        line = line.removeprefix(IF_KNOWN)
        lines.append(_BLANK.sub(lambda blank, told=told: str(told[blank[1]]), line))  # type: ignore[misc]
    return lines


# --- facts ------------------------------------------------------------------------------------


class Fact(msgspec.Struct, frozen=True):
    """Something a text can say, and the command that records it."""

    told: Callable[[About], str | None]
    recorded_by: str


def said_day(day: date | None, lang: Lang) -> str | None:
    """A day as it is written in a language: `1 March 2026`, `1 mars 2026`, `1. März 2026`."""
    from babel.dates import format_date

    return None if day is None else format_date(day, "long", locale=_LOCALES[lang])


def said_money(amount: Money | None, lang: Lang) -> str | None:
    """An amount as it is written in a language, with its ISO code."""
    from decimal import Decimal

    from babel.numbers import format_decimal

    if amount is None:
        return None
    places = len(amount.text.partition(".")[2])
    pattern = "#,##0." + "0" * places if places else "#,##0"
    number = format_decimal(Decimal(amount.text), pattern, locale=_LOCALES[lang])
    return f"{number} {amount.currency}"


@cache
def _words(lang: Lang) -> Mapping[str, str]:
    source = (files("cli") / "drafts" / "words" / f"{lang}.toml").read_text(encoding="utf-8")
    words: dict[str, Any] = tomllib.loads(source)
    return words


def said_code(code: str | None, lang: Lang) -> str | None:
    """A code in words of the language; one that has none stays as it is."""
    return None if code is None else _words(lang).get(code, code.replace("_", " "))


def _day(ref: Ref | None, meant: About) -> str | None:
    return said_day(ref.day if ref else None, meant.lang)


def _refs_by(pick: Callable[[About], Ref | None]) -> Callable[[About], str | None]:
    return lambda meant: _day(pick(meant), meant)


def _grade(meant: About) -> UnitGraded | WrongItemReceived | None:
    found = graded(meant.case, meant.sku) if meant.sku else []
    return found[-1][1] if found else None


def _grade_ref(meant: About) -> Ref | None:
    found = graded(meant.case, meant.sku) if meant.sku else []
    return found[-1][0] if found else None


def _condition(meant: About) -> str | None:
    grade = _grade(meant)
    return said_code(condition_of(grade), meant.lang) if grade else None


def _of_grade(field: str) -> Callable[[About], str | None]:
    """What was noted last of that, by whichever grade or wrong item noted it."""

    def told(meant: About) -> str | None:
        found = graded(meant.case, meant.sku) if meant.sku else []
        values = [value for _, grade in found if (value := getattr(grade, field, None))]
        return str(values[-1]) if values else None

    return told


def _last(kind: type[Any], field: str) -> Callable[[About], Any]:
    def told(meant: About) -> Any:
        found = meant.case.told(kind)
        return getattr(found[-1][1], field) if found else None

    return told


def _last_money(kind: type[Any]) -> Callable[[About], str | None]:
    return lambda meant: said_money(_last(kind, "amount")(meant), meant.lang)


def _last_ref(kind: type[Any]) -> Callable[[About], Ref | None]:
    def told(meant: About) -> Ref | None:
        found = meant.case.told(kind)
        return found[-1][0] if found else None

    return told


def _request(meant: About, field: str) -> Any:
    found = requests_of(meant.case, meant.sku)
    return getattr(found[-1], field) if found else None


def _allowed(meant: About) -> Ref | None:
    """What allowed the return last: the seller or Amazon, as the seller tells it, or as the report does."""
    told = [ref for ref, _ in meant.case.told(ReturnAuthorized)]
    told += [ref for ref, _ in meant.case.told(DeclineOverridden)]
    told += [
        state.ref
        for state in meant.case.request_states.values()
        if code(state.status or "") in ALLOWED
    ]
    return max(told, key=lambda ref: (ref.day, ref.position), default=None)


def _receipt(meant: About) -> Ref | None:
    found = receipts_of(meant.case, meant.sku) if meant.sku else []
    return found[-1].ref if found else None


def _evidence(meant: About) -> str | None:
    attached = [one for _, one in meant.case.told(EvidenceAttached)]
    return "\n".join(f"- {one.name} (SHA-256 {one.digest})" for one in attached) or None


def _last_day(meant: About) -> str | None:
    """The last day on which the buyer could send it back, where it is firm, and where he asked after it."""
    last = _ended(meant, "return_by")
    asked: Ref | None = _request(meant, "ref")
    return said_day(last, meant.lang) if last and (asked is None or asked.day > last) else None


def _guarantee_until(meant: About) -> str | None:
    """The last day of the seller's own guarantee, once it is over."""
    return said_day(_ended(meant, "own_terms", GUARANTEE), meant.lang)


def _ended(meant: About, policy: str, what: str = "") -> date | None:
    """The last day of a right that has surely ended; None where any of the kind lasts, or may."""
    rights = [
        one
        for one in meant.rulings
        if one.kind == "right" and one.policy == policy and what in ("", one.what)
        if None in (one.sku, meant.sku) or one.sku == meant.sku
    ]
    if not all(one.firm and one.state == "ended" for one in rights):
        return None
    return max((date.fromisoformat(one.due_at[:10]) for one in rights if one.due_at), default=None)


def _decision(meant: About) -> Ref | None:
    return meant.claim.decision[0] if meant.claim and meant.claim.decision else None


def _of_finding(field: str) -> Callable[[About], str | None]:
    def told(meant: About) -> str | None:
        value = getattr(meant.finding, field, None)
        if isinstance(value, Money):
            return said_money(value, meant.lang)
        if isinstance(value, date):
            return said_day(value, meant.lang)
        return None if value is None else str(value)

    return told


def _refund(field: str) -> Callable[[About], str | None]:
    def told(meant: About) -> str | None:
        value = getattr(meant.refund, field, None)
        if isinstance(value, Money):
            return said_money(value, meant.lang)
        if field == "trigger":
            return said_code(value, meant.lang)
        return None if value is None else str(value)

    return told


def _claimed(meant: About) -> str | None:
    amount = meant.finding.amount_open if meant.finding else None
    if amount is None and meant.claim is not None:
        amount = meant.claim.amount
    return said_money(amount, meant.lang)


def _line(field: str) -> Callable[[About], str | None]:
    def told(meant: About) -> str | None:
        lines = lines_of(meant.case, meant.sku)
        value = getattr(lines[0], field) if lines else None
        return None if value is None else str(value)

    return told


_ORDER: Final = "Import the orders report, or record it: `order tell ORDER`."
_REQUEST: Final = "Record the request: `return request ORDER`."
_GRADE: Final = "Say what came back: `return grade ORDER`, or `return wrong-item ORDER`."
_REFUND: Final = "Import the settlement, or record the refund: `refund give ORDER`."
_CLAIM: Final = "Record the claim: `claim file ORDER`."
_FINDING: Final = "`audit --order ORDER` shows whether there is such a claim."

FACTS: Final[Mapping[str, Fact]] = {
    "order_id": Fact(lambda meant: meant.case.name if meant.case.kind == "order" else None, _ORDER),
    "thing": Fact(lambda meant: meant.case.name, ""),
    "sku": Fact(lambda meant: meant.sku, "Name the SKU: --sku."),
    "asin": Fact(_line("asin"), _ORDER),
    "quantity": Fact(_line("quantity"), _ORDER),
    "price": Fact(
        lambda meant: next(
            (said_money(one.price, meant.lang) for one in lines_of(meant.case, meant.sku)), None
        ),
        _ORDER,
    ),
    "ordered_on": Fact(
        _refs_by(lambda meant: next((one.ref for one in lines_of(meant.case, meant.sku)), None)),
        _ORDER,
    ),
    "delivered_on": Fact(
        _refs_by(lambda meant: delivered(meant.case, meant.sku)),
        "Record the delivery: `order deliver ORDER`.",
    ),
    "requested_on": Fact(lambda meant: _day(_request(meant, "ref"), meant), _REQUEST),
    "reason": Fact(lambda meant: _request(meant, "reason"), _REQUEST),
    "rma_id": Fact(lambda meant: _request(meant, "rma_id"), _REQUEST),
    "allowed_on": Fact(
        _refs_by(_allowed),
        "Record that it was allowed: `return authorize ORDER`.",
    ),
    "last_day": Fact(
        _last_day, "`rights ORDER` shows the last day, whether it is sure, and whether it is over."
    ),
    "guarantee_until": Fact(
        _guarantee_until,
        "Set the guarantee that you gave: `terms returns --guarantee-months`; `rights ORDER` shows "
        "whether it is over.",
    ),
    "declined_on": Fact(_refs_by(_last_ref(ReturnDeclined)), "Record it: `return decline ORDER`."),
    "declined_by": Fact(_last(ReturnDeclined, "rule_id"), "Record it: `return decline ORDER`."),
    "declined_why": Fact(_last(ReturnDeclined, "why"), "Say why: `return decline ORDER --why`."),
    "scanned_on": Fact(_refs_by(_last_ref(ReturnFirstScanned)), "Record it: `return scan ORDER`."),
    "tracking": Fact(
        lambda meant: (
            _last(ReturnFirstScanned, "tracking")(meant)
            or _last(ReturnLabelIssued, "tracking")(meant)
        ),
        "Record the label: `return label ORDER --tracking`.",
    ),
    "carrier": Fact(
        lambda meant: (
            _last(DamageInvestigated, "carrier")(meant)
            or _last(ReturnLabelIssued, "carrier")(meant)
        ),
        "Record the carrier: `return label ORDER --carrier`.",
    ),
    "received_on": Fact(_refs_by(_receipt), "Record it: `return receive ORDER`."),
    "graded_on": Fact(_refs_by(_grade_ref), _GRADE),
    "condition": Fact(_condition, _GRADE),
    "arrived": Fact(_of_grade("arrived"), "Say what came: `return wrong-item ORDER --arrived`."),
    "serial": Fact(_of_grade("serial"), _GRADE),
    "serial_sent": Fact(_of_grade("serial_sent"), _GRADE),
    "license_plate": Fact(_of_grade("license_plate"), _GRADE),
    "cause": Fact(
        lambda meant: said_code(_last(DamageInvestigated, "cause")(meant), meant.lang),
        "Record what you found out: `return investigate ORDER`.",
    ),
    "fee": Fact(_last_money(RestockingFeeApplied), "Record it: `refund fee ORDER`."),
    "fee_reason": Fact(
        lambda meant: said_code(_last(RestockingFeeApplied, "reason")(meant), meant.lang),
        "Record it: `refund fee ORDER`.",
    ),
    "concession": Fact(_last_money(ConcessionGranted), "Record it: `refund concession ORDER`."),
    "refund": Fact(lambda meant: meant.refund.name if meant.refund else None, _REFUND),
    "refunded_on": Fact(
        _refs_by(lambda meant: meant.refund.ref if meant.refund else None), _REFUND
    ),
    "refunded": Fact(_refund("amount"), _REFUND),
    "trigger": Fact(_refund("trigger"), _REFUND),
    "claim": Fact(lambda meant: meant.claim.name if meant.claim else None, _CLAIM),
    "case_id": Fact(lambda meant: meant.claim.case_id if meant.claim else None, _CLAIM),
    "decided_on": Fact(_refs_by(_decision), "Record the decision: `claim decide ORDER CLAIM`."),
    "claimed": Fact(_claimed, _FINDING),
    "finding": Fact(_of_finding("finding_id"), _FINDING),
    "finding_fnsku": Fact(_of_finding("fnsku"), _FINDING),
    "finding_units": Fact(_of_finding("quantity"), _FINDING),
    "finding_closes": Fact(_of_finding("window_closes"), _FINDING),
    "finding_expected": Fact(_of_finding("amount_expected"), _FINDING),
    "finding_paid": Fact(_of_finding("amount_paid"), _FINDING),
    "evidence": Fact(_evidence, "Attach it: `evidence attach ORDER FILE`."),
    "today": Fact(lambda meant: said_day(meant.as_of, meant.lang), ""),
}


def facts_in(template_: Template) -> Iterator[str]:
    """The facts that a template speaks of, in every language."""
    told = "".join(template_.text(lang).subject + template_.text(lang).body for lang in LANGS)
    yield from dict.fromkeys(_BLANK.findall(told))
