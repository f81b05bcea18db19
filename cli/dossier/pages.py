"""A dossier page by page, as the template takes it: cover, what is told, the reasons, how to verify it."""

from __future__ import annotations

import base64
from collections import Counter
from datetime import date
from hashlib import sha256
from typing import Any, Final

import msgspec

from cli.dossier import reasoning, telling
from cli.dossier.exhibiting import Exhibits
from cli.dossier.language import Words
from cli.dossier.letters import has_odd
from cli.dossier.matter import Matter, day_in
from cli.dossier.parts import Cell, Part, code, digest, mono, pairs, strong, text

LETTER: Final = ("US", "CA", "MX", "BR")
"""Stores whose people print on paper of that size."""
_HAPPENED_MAX: Final = 6
"""Facts that the first page tells; the timeline has them all."""


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """By what a stranger checks it: the log, its key, and the checkpoint."""

    origin: str
    vkey: str
    size: int
    root: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key's 32 bytes."""
        key = base64.b64decode(self.vkey.split("+", 2)[2])
        return sha256(key[1:]).hexdigest()


def printed(
    matter: Matter, exhibits: Exhibits, seal: Seal, words: Words, *, revealed: bool
) -> dict[str, Any]:
    """Everything that the template sets, in its order."""
    sections = [
        _section(words, "identifiers", telling.identifiers(matter, words)),
        _section(words, "timeline", telling.timeline(matter, words)),
        _section(words, "calculation", telling.calculation(matter, words)),
        _section(words, "rules", reasoning.rules(matter, words)),
        _section(words, "tests", reasoning.tests(matter, words)),
        _section(words, "unpaid", telling.unpaid(matter, exhibits, words)),
        _section(words, "exhibits", telling.exhibit_list(matter, exhibits, words)),
        _section(words, "cases", telling.cases(matter, exhibits, words)),
        _section(words, "checklist", reasoning.checklist(matter, words)),
        _section(words, "draft", reasoning.draft(matter, words)),
        _section(words, "assumptions", reasoning.assumptions(matter, words)),
        _section(words, "verification", _verification(matter, seal, words), together=True),
    ]
    claim = claim_of(matter, words)
    told = {
        "lang": words.lang,
        "paper": "us-letter" if matter.finding.marketplace in LETTER else "a4",
        "page": words("page", page="{page}", pages="{pages}"),
        "contents": words("contents"),
        "kind": words.of("kinds", matter.chosen.kind),
        "title": f"{words('title')}: {matter.thing}",
        "author": matter.account,
        "claim": claim,
        "keywords": [matter.finding.finding_id, matter.thing],
        "date": _date(matter),
        "running": [_running(matter, words), seal.origin],
        "points": _points(matter, exhibits, words)["pairs"],
        "prepared": _prepared(matter, words),
        "sections": sections,
    }
    told["notes"] = list(_notes(told, words, revealed=revealed))
    return told


def _section(
    words: Words, key: str, parts: list[Part], *, together: bool = False
) -> dict[str, Any]:
    return {"title": words(key), "parts": parts, "together": together}


# --- the first page ---------------------------------------------------------------------------


def claim_of(matter: Matter, words: Words) -> str:
    """The claim in one line: what happened, and what is asked."""
    finding = matter.finding
    units = words.units(finding.quantity)
    happened = words.of(
        "claims",
        finding.claim_type,
        thing=matter.thing,
        units=units,
        sku=finding.sku or matter.thing,
    )
    amount = finding.amount_open
    if amount is None:
        unknown = "amount_unsure" if matter.case.kind == "order" else "amount_open"
        return f"{happened} {words(unknown)}"
    if amount.minor <= 0:
        return happened
    return f"{happened} {words('amount_asked', amount=words.money(amount))}"


def _points(matter: Matter, exhibits: Exhibits, words: Words) -> Part:
    """What happened, what Amazon recorded, what is held, how much, and what is asked."""
    finding = matter.finding
    amount = finding.amount_open
    told: list[tuple[str, Cell | None]] = [
        (words("what_happened"), _happened(matter, words)),
        (words("amazon_recorded"), _recorded(matter, exhibits, words)),
        (words("we_hold"), _held(matter, exhibits, words)),
        (words("amount"), strong(words.money(amount)) if amount else words("unknown")),
        (words("wanted_label"), words.of("wanted", matter.chosen.kind)),
        (words("window"), _last_day(matter, words)),
    ]
    return pairs(told)


def _happened(matter: Matter, words: Words) -> list[Cell]:
    """The facts that decided it, each with its day."""
    named = set(matter.finding.entries)
    deciding = [one for one in matter.entries if one.position in named]
    told = dict.fromkeys(
        f"{words.long_day(day_in(one, matter.case))}: {words.event(type(one.event).TOPIC)}"
        for one in deciding
    )
    return [*list(told)[:_HAPPENED_MAX], *(["…"] if len(told) > _HAPPENED_MAX else [])]


def _recorded(matter: Matter, exhibits: Exhibits, words: Words) -> list[Cell]:
    counted: Counter[str] = Counter()
    for one in exhibits.shown:
        if one.what == "rows":
            counted[matter.files[one.digest].report_format] += len(one.rows)
    told: list[Cell] = [
        words("recorded_rows", report=words.of("reports", name), rows=words.rows(count))
        for name, count in sorted(counted.items())
    ]
    silent = len(matter.searched.silent)
    if silent:
        told.append(words("recorded_unpaid", files=words.reports(silent)))
    return told or [words("none")]


def _held(matter: Matter, exhibits: Exhibits, words: Words) -> str:
    own = sum(one.what == "file" for one in exhibits.shown)
    rows = sum(len(one.rows) for one in exhibits.shown if one.what == "rows")
    proofs = words.number(len(matter.entries))
    return words("held", files=words.files(own), rows=words.rows(rows), proofs=proofs)


def _last_day(matter: Matter, words: Words) -> str | None:
    last = matter.finding.window_closes
    return words("window_until", last=words.long_day(last)) if last else None


def _prepared(matter: Matter, words: Words) -> str:
    day, moment = words.long_day(matter.as_of), words.moment(matter.moment)
    return f"{words('account')}: {matter.account}. {words('prepared', day=day, moment=moment)}"


def _notes(told: dict[str, Any], words: Words, *, revealed: bool) -> list[str]:
    notes = [words("revealed" if revealed else "personal_free")]
    if words.lang != "en":
        notes.append(words("in_english"))
    if "sealed:" in str(told) and not revealed:
        notes.append(words("sealed"))
    if has_odd(told):
        notes.append(words("odd_letters"))
    return notes


def _date(matter: Matter) -> list[int]:
    day = date.fromisoformat(matter.moment[:10])
    return [day.year, day.month, day.day]


def _running(matter: Matter, words: Words) -> str:
    """The claim as short as it can be said: kind, thing, amount."""
    amount = matter.finding.amount_open
    told = [words.of("kinds", matter.chosen.kind), matter.thing]
    told += [words.money(amount)] if amount else []
    return " · ".join(told)


# --- the last page ----------------------------------------------------------------------------


def _verification(matter: Matter, seal: Seal, words: Words) -> list[Part]:
    """The log, its key and the checkpoint; two lines to type; what it proves, and what it does not."""
    numbers = ", ".join(words.number(one.position or 0) for one in matter.entries)
    root = base64.b64encode(seal.root).decode()
    return [
        text(words("verification_lead")),
        pairs(
            [
                (words("origin"), mono(seal.origin)),
                (words("vkey"), [mono(part) for part in _in_lines(seal.vkey)]),
                (words("key_fingerprint"), digest(_grouped(seal.fingerprint))),
                (words("checkpoint_size"), words.number(seal.size)),
                (words("checkpoint_root"), mono(root)),
                (words("entries_here"), numbers),
            ]
        ),
        text(words("how_to_verify")),
        code("unzip PACK.zip verify.py\npython3 verify.py PACK.zip"),
        text(words("compare_key")),
        text(words("it_proves")),
        text(words("it_does_not_prove")),
    ]


def _grouped(fingerprint: str) -> str:
    """As `verify.py` prints it: in fours, to be compared by eye."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


def _in_lines(vkey: str) -> list[str]:
    """A key in lines that fit: its name and number, then the key itself."""
    name, number, key = vkey.split("+", 2)
    return [f"{name}+{number}+", key]
