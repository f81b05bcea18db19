"""Procedure documentation of an export, generated from the program: how each figure came about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cli import VERSION
from cli.exports.code import digest_of_module, digest_of_program
from cli.exports.tables import AUDIT, TABLES
from ledger.events import BY_TOPIC
from ledger.policies import POLICIES
from ledger.reports import REPORT_FORMATS
from ledger.rulebook.rule import EVIDENCE_MEANS
from projections import PROJECTIONS

if TYPE_CHECKING:
    from cli.exports.material import Material
    from cli.packs.viewing import Viewed
    from ledger.report import ReportFormat

SHORT: Final = 16
"""As many digits of a digest as a person compares."""


def procedure(material: Material, rows: Mapping[str, int], views: Mapping[str, Viewed]) -> str:
    """The whole page; it says nothing that does not follow from the log and the program."""
    sections = (
        _head(material),
        _recording(),
        _reports(material),
        _entries(material),
        _views(views),
        _rules(material),
        _policies(material),
        _tables(rows),
        _control(material),
        _verifying(),
    )
    return "\n".join(line for section in sections for line in (*section, "")).rstrip("\n") + "\n"


def _head(material: Material) -> Iterator[str]:
    pack = material.pack
    yield "# How this export came about"
    yield ""
    yield (
        "This page is written by the program that made the export, for whoever must be able to follow a "
        "figure to the file it came from, and a file to the figures that it led to, without asking the seller."
    )
    yield ""
    told = {
        "account": material.account,
        "program": f"returns-ledger {VERSION}",
        "code": f"SHA-256 {digest_of_program()} over every source file and rule of the program",
        "log": pack.notary.origin,
        "entries in the log": f"{pack.position:,}",
        "judged on": material.day.isoformat(),
        "rulebook": material.rulebook.digest,
        "asked for": _asked(material),
    }
    yield from _table(("what", "is"), told.items())


def _asked(material: Material) -> str:
    asked = material.asked
    if asked.period:
        return f"what happened from {asked.period[0]} to {asked.period[1]}"
    if asked.orders:
        return f"{len(asked.orders)} of the orders"
    return "everything"


def _recording() -> Iterator[str]:
    yield "## How something is recorded"
    yield ""
    yield (
        "A file is kept under the SHA-256 that it had when it was delivered. Values in it that are personal are "
        "sealed, each by itself and with a key of its buyer's: with the keys the file is given back byte for "
        "byte, and without them its rows stay provable, when a buyer's data had to be forgotten, too. Which "
        "report it is, its header decides, never its name."
    )
    yield (
        "Each row becomes entries: what it is, and what may be told otherwise tomorrow. A row is known by its "
        "natural key; rows alike in every column are separate units, counted. The same row told again adds "
        "nothing. A row told otherwise is a revision that names what it follows; both stay."
    )
    yield (
        "An entry has a position in the log and a version in its stream, both without gaps, the time at which it "
        "happened, the time at which it was recorded, who recorded it, and the file and row or the command that "
        "says so. Nothing is ever changed or removed: what was wrong is corrected by a later entry that names it."
    )
    yield (
        "The entries are the leaves of a Merkle tree (RFC 6962). Its root is signed (C2SP checkpoint, Ed25519), "
        "so an entry cannot be changed, left out or put in afterwards without the signature telling."
    )


def _reports(material: Material) -> Iterator[str]:
    yield "## Which reports were read"
    yield ""
    told: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for one in material.told_by_name("imports"):
        told[one.report_format] += 1
        rows[one.report_format] += one.rows
    read = [
        (
            form.name,
            form.title,
            form.amazon_type,
            f"{told[form.name]:,}",
            f"{rows[form.name]:,}",
            digest_of_module(type(form))[:SHORT],
        )
        for form in REPORT_FORMATS
        if told[form.name]
    ]
    yield from _table(("report", "called", "Amazon's type", "imports", "rows", "code"), read)
    yield ""
    yield "What is not read of them, and why; the files themselves keep it:"
    yield ""
    yield from _table(
        ("report", "columns", "why"),
        (
            (form.name, ", ".join(names), why)
            for form in REPORT_FORMATS
            if told[form.name]
            for why, names in _not_read(form).items()
        ),
    )


def _not_read(form: ReportFormat) -> dict[str, list[str]]:
    """The columns that no event is made of, by the reason."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for column in form.columns:
        if column.ignored:
            found[column.ignored].append(column.name)
    return found


def _entries(material: Material) -> Iterator[str]:
    yield "## What is recorded"
    yield ""
    topics: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    actors: Counter[str] = Counter()
    for row in material.told_by_name("entries"):
        topics[row.topic] += 1
        parts[row.part] += 1
        actors[row.actor] += 1
    yield from _table(
        ("topic", "means", "entries"),
        ((topic, _first(BY_TOPIC[topic]), f"{topics[topic]:,}") for topic in sorted(topics)),
    )
    yield ""
    yield (
        f"Asked for: {parts['asked']:,}. Recorded after the period: {parts['late']:,}. "
        f"On which others rest: {parts['basis']:,}."
    )
    yield ""
    yield "Recorded by: " + ", ".join(f"{name} ({actors[name]:,})" for name in sorted(actors)) + "."


def _views(views: Mapping[str, Viewed]) -> Iterator[str]:
    yield "## What follows from it"
    yield ""
    yield (
        "A view is made from the entries by a function that reads no clock. The digest is SHA-256 over its rows, "
        "one JSON array a line; for a whole log it is the one that `returns-ledger rebuild --verify` shows."
    )
    yield ""
    yield from _table(
        ("view", "a row is", "version", "rows", "digest", "code"),
        (
            (
                projection.name,
                _first(projection.row_type),
                str(views[projection.name].version),
                f"{views[projection.name].rows:,}",
                views[projection.name].digest[:SHORT],
                digest_of_module(type(projection))[:SHORT],
            )
            for projection in PROJECTIONS
        ),
    )


def _rules(material: Material) -> Iterator[str]:
    yield "## By which rules"
    yield ""
    yield (
        f"The whole rulebook is in `rulebook/{material.rulebook.digest}.json`; the log says when the account "
        "adopted it. These versions decided findings of this export:"
    )
    yield ""
    yield from _table(
        ("rule", "says", "from", "until before", "evidence", "verified", "source"),
        (
            (
                rule.id,
                rule.title,
                rule.effective_from or "not known",
                rule.effective_to or "",
                rule.evidence,
                "yes" if rule.verified else "no",
                rule.sources[0] if rule.sources else "",
            )
            for rule in material.told_by_name("rules")
        ),
    )
    yield ""
    yield "Evidence: " + "; ".join(f"{one}: {means}" for one, means in EVIDENCE_MEANS.items()) + "."
    yield "A rule that is not verified gives `review`, never a claim that is ready."


def _policies(material: Material) -> Iterator[str]:
    yield "## By which code each finding is made"
    yield ""
    found: Counter[str] = Counter(row.claim_type for row in material.told(AUDIT))
    yield from _table(
        ("claim", "asks", "rests on", "findings", "code"),
        (
            (
                policy.claim_type,
                policy.title,
                ", ".join(policy.families),
                f"{found[policy.claim_type]:,}",
                digest_of_module(type(policy))[:SHORT],
            )
            for policy in POLICIES
            if policy.claims
        ),
    )
    yield ""
    yield (
        "A finding's columns `rule_ids` and `entries` name what decided it; `returns-ledger explain` shows every "
        "test with its answer and what would change it."
    )


def _tables(rows: Mapping[str, int]) -> Iterator[str]:
    yield "## The tables"
    yield ""
    yield from _table(
        ("table", "a row is", "rows"),
        ((table.name, table.meaning, f"{rows[table.name]:,}") for table in TABLES),
    )
    yield ""
    yield (
        "Every column is explained in `datapackage.json`; JSON Schemas are in `schemas/`. Amounts are exact "
        "decimals in the currency beside them."
    )


def _control(material: Material) -> Iterator[str]:
    yield "## Control totals"
    yield ""
    yield "What the imported files sum to, each file once:"
    yield ""
    yield from _table(
        ("report", "currency", "amount"),
        (
            (total["report_format"], total["currency"], total["amount"])
            for total in material.pack.control_totals()
        ),
    )
    yield ""
    yield "What each party bears (above zero) or gains; together they bear nothing:"
    yield ""
    yield from _table(
        ("currency", "line", "provisional", "seller", "buyer", "amazon", "carrier", "together"),
        (
            (
                row.currency,
                row.line,
                "yes" if row.provisional else "",
                row.seller,
                row.buyer,
                row.amazon,
                row.carrier,
                row.together,
            )
            for row in material.told_by_name("totals")
        ),
    )


def _verifying() -> Iterator[str]:
    yield "## How to check it"
    yield ""
    yield (
        "`python3 verify.py PACK` needs nothing but Python: it compares every file with the manifest, the "
        "manifest and the checkpoint with their signatures, every entry with the tree, every original with its "
        "SHA-256 and every row with the root that its import recorded. README.txt says more."
    )
    yield (
        "`returns-ledger import --verified PACK` makes the same log of a whole export: the same entries, the same "
        "tree, the same views."
    )


# --- words ------------------------------------------------------------------------------------


def _first(kind: type) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


def _table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"


def _cell(value: Any) -> str:
    """What would end the cell, or the line, is written out."""
    return " ".join(str(value).replace("|", "\\|").split())
