"""The pages that tell: identifiers, timeline, calculation, what was not paid, earlier claims, exhibits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from cli.dossier.absence import Searched
from cli.dossier.exhibiting import Exhibit, Exhibits
from cli.dossier.language import Words
from cli.dossier.matter import Matter, day_in
from cli.dossier.parts import (
    Cell,
    Part,
    column,
    digest,
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
from cli.summaries import summary
from ledger.book import Span
from ledger.case import MoneyLine, Ref
from ledger.desk import Claim
from ledger.event import Deed, Entry
from ledger.events.claims import ClaimPaid, ClaimPaymentReversed
from ledger.events.inventory import StockMoved
from ledger.events.orders import ReplacementShipped
from ledger.events.refunds import ConcessionGranted, RefundGiven, RestockingFeeApplied
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.events.returns import UnitReturned
from ledger.events.settlements import RefundIssued
from ledger.exhibits import Exhibit as Paper
from ledger.filed import stage_of
from ledger.policy import ACT_ON
from ledger.values import Money, in_words

ENGLISH: Final = "en"
WORTH: Final = "What is a unit worth?"
"""The question that every claim with an amount answers."""


# --- identifiers ------------------------------------------------------------------------------


def identifiers(matter: Matter, words: Words) -> list[Part]:
    """Every number by which Amazon, the carrier or the seller knows it."""
    case, finding = matter.case, matter.finding
    what = {"order": "order_id", "removal": "removal_id", "stock": "fnsku"}.get(
        case.kind, "order_id"
    )
    fnsku = finding.fnsku or next((one.fnsku for one in case.returns if one.fnsku), None)
    asin = finding.asin or next((one.asin for one in case.lines if one.asin), None)
    told: list[tuple[str, Cell | None]] = [
        (words(what), _ids([case.name])),
        (words("sku"), _ids([finding.sku])),
        (words("fnsku"), _ids([fnsku]) if case.kind != "stock" else None),
        (words("asin"), _ids([asin])),
        (words("quantity"), words.units(finding.quantity)),
        (words("marketplace"), _marketplace(matter)),
        (words("programme"), finding.programme),
        (words("finding"), _ids([finding.finding_id])),
        (words("window"), _window(matter, words)),
        (words("claim_id"), _ids(case_numbers(matter))),
        (words("reimbursement_ids"), _ids(one.reimbursement_id for one in case.reimbursements)),
        (words("return_request"), _ids(one.rma_id for one in case.requests)),
        (words("plates"), _ids(case.license_plates.values())),
        (words("tracking"), _ids(_trackings(matter))),
        (words("fulfilment_centre"), _ids(_centres(matter))),
    ]
    return [pairs(told)]


def case_numbers(matter: Matter) -> list[str]:
    """Amazon's own numbers for claims about it, as told by the seller and by payments."""
    told = [one.case_id for one in matter.claims]
    told += [one.case_id for one in matter.case.reimbursements]
    told += [one.safe_t_claim_id for one in matter.case.request_states.values()]
    return list(dict.fromkeys(one for one in told if one))


def _ids(names: Any) -> Cell | None:
    found = list(dict.fromkeys(str(one) for one in names if one))
    return mono(", ".join(found)) if found else None


def _marketplace(matter: Matter) -> str | None:
    from ledger.values import BY_CODE

    market = BY_CODE.get(matter.finding.marketplace or matter.case.marketplace or "")
    return f"{market.domain} ({market.code})" if market else None


def _window(matter: Matter, words: Words) -> str | None:
    first, last = matter.finding.first_day, matter.finding.window_closes
    if first and last:
        return words("window_days", first=words.long_day(first), last=words.long_day(last))
    if last:
        return words("window_until", last=words.long_day(last))
    return words("window_from", first=words.long_day(first)) if first else None


def _trackings(matter: Matter) -> Iterator[str | None]:
    for one in matter.case.removal_shipments:
        yield one.tracking
    for entry in matter.entries:
        yield getattr(entry.event, "tracking", None)


def _centres(matter: Matter) -> Iterator[str | None]:
    for entry in matter.entries:
        if entry.position in matter.finding.entries:
            yield getattr(entry.event, "fulfillment_center", None)


# --- timeline ---------------------------------------------------------------------------------


def timeline(matter: Matter, words: Words) -> list[Part]:
    """Each fact with the day it happened, the day it was told and the moment it was recorded."""
    columns = [
        column(words("happened"), "58pt"),
        column(words("told"), "58pt"),
        column(words("recorded"), "58pt"),
        column(words("what"), "1fr"),
        column(words("source"), "112pt"),
    ]
    parts = [
        text(words("timeline_lead")),
        table(columns, (_fact(one, matter, words) for one in matter.entries)),
    ]
    own = sum(one.stream == matter.case.stream for one in matter.entries)
    if own < matter.entries_all:
        shown, all_ = words.number(own), words.number(matter.entries_all)
        parts.append(
            text(words("timeline_rest", shown=shown, all=all_, thing=matter.thing), quiet=True)
        )
    return parts


def _fact(entry: Entry, matter: Matter, words: Words) -> list[Cell]:
    told = entry.telling.told_at if entry.telling else None
    if told is None and isinstance(entry.event, Deed):
        told = entry.recorded_at
    elif told is None and (file := matter.files.get(entry.source.digest or "")) is not None:
        told = file.told_at
    happened: list[Cell] = [words.day(day_in(entry, matter.case))]
    if hour := words.hour(entry.occurred_at, matter.finding.marketplace or matter.case.marketplace):
        happened.append(quiet(hour))
    what: list[Cell] = [
        strong(words.event(type(entry.event).TOPIC)),
        plain(summary(entry.event), ENGLISH),
    ]
    clear = matter.clear.get(entry.position or 0, {})
    what += [plain(f"{field}: {value}") for field, value in clear.items()]
    corrected_by = matter.taken_back.get(entry.position or 0)
    if corrected_by is not None:
        what.append(strong(words("taken_back", number=words.number(corrected_by))))
    return [
        happened,
        _at(told, words),
        _at(entry.recorded_at, words),
        what,
        _source(entry, matter, words),
    ]


def _at(told: str | None, words: Words) -> Cell:
    if told is None:
        return words("unknown")
    day, _, hour = words.moment(told).partition(", ")
    return [day, quiet(hour)] if hour else day


def _source(entry: Entry, matter: Matter, words: Words) -> Cell:
    file = matter.files.get(entry.source.digest or "")
    said = words("said_by", actor=entry.actor)
    if file is not None:
        said = words("source_row", file=file.file, row=entry.source.row or 1)
    return [said, quiet(words("entry", number=words.number(entry.position or 0)))]


# --- calculation ------------------------------------------------------------------------------


def calculation(matter: Matter, words: Words) -> list[Part]:
    """Expected, paid, taken back and open; and every amount that a report tells, with its entry."""
    finding = matter.finding
    reversed_ = taken_back(matter)
    figures: list[tuple[str, Cell | None]] = [
        (words("worth"), plain(_worth(matter), ENGLISH) if _worth(matter) else None),
        (words("expected"), _money(finding.amount_expected, words) or words("unknown")),
        (words("paid"), _money(finding.amount_paid, words) or words("none")),
        (words("reversed"), _money(reversed_, words) or words("none")),
        (words("open"), strong(_money(finding.amount_open, words) or words("unknown"))),
    ]
    parts: list[Part] = []
    if finding.amount_expected is None and finding.amount_open is None:
        parts.append(text(words("no_amounts")))
    else:
        parts.append(pairs(figures))
    rows = [row for entry in matter.entries for row in _amounts(entry, matter, words)]
    if rows:
        columns = [
            column(words("day"), "66pt"),
            column(words("what"), "1fr"),
            column(words("line"), "1.4fr"),
            column(words("amount"), "82pt", right=True),
            column(words("entry_column"), "48pt", right=True),
        ]
        parts += [text(words("calculation_lead")), table(columns, rows)]
    return parts


def taken_back(matter: Matter) -> Money | None:
    """What was paid for it and taken back again; None where nothing was."""
    amounts = [
        -one.amount
        for one in matter.case.reimbursements
        if one.reversal and one.sku in (None, matter.finding.sku)
    ]
    if not amounts or len({one.currency for one in amounts}) > 1:
        return None
    return sum(amounts[1:], start=amounts[0])


def _worth(matter: Matter) -> str:
    """What the rule says that a unit is worth, as the finding was told."""
    return next((one.answer for one in matter.tests if one.test == WORTH), "")


def _money(amount: Money | None, words: Words) -> str | None:
    return words.money(amount) if amount else None


def _amounts(entry: Entry, matter: Matter, words: Words) -> Iterator[list[Cell]]:
    if entry.position in matter.taken_back:
        return
    what: Cell = words.event(type(entry.event).TOPIC)
    day: Cell = words.day(day_in(entry, matter.case))
    for line, amount in lines_of(entry):
        number = words.number(entry.position or 0)
        yield [day, what, plain(line, ENGLISH), words.money(amount), number]
        day, what = "", ""


def lines_of(entry: Entry) -> Iterator[tuple[str, Money]]:
    """Every amount that moved by an entry, plus in the seller's favour, with what it is for."""
    event: Any = entry.event
    told = getattr(event, "lines", ())
    if told and isinstance(told[0], MoneyLine):
        for line in told:
            yield f"{line.kind}: {line.what}", line.amount
    elif isinstance(event, ReimbursementPosted | ReimbursementReversed):
        yield f"{event.reason}, {event.reimbursement_id}", event.amount
    elif isinstance(event, RefundGiven) and event.amount is not None:
        yield in_words(event.trigger), -event.amount
    elif isinstance(event, ConcessionGranted) and event.amount is not None:
        yield "concession", -event.amount
    elif isinstance(event, RestockingFeeApplied):
        yield "restocking fee", event.amount
    elif isinstance(event, ClaimPaid):
        yield event.claim, event.amount
    elif isinstance(event, ClaimPaymentReversed):
        yield event.claim, -event.amount


# --- not already paid -------------------------------------------------------------------------


def unpaid(matter: Matter, exhibits: Exhibits, words: Words) -> list[Part]:
    """The reports that would show a payment, the days they speak for, and the rows in them: best none."""
    found = matter.searched
    parts = [text(words("unpaid_none"))]
    if found.reports:
        lead = words("unpaid_lead", words=words.list(found.words))
        parts = [text(lead), *_search(found, exhibits, words)]
    back = matter.not_back
    if back is not None and back.reports:
        lead = words("not_back_lead", words=words.list(back.words))
        parts += [heading(words("not_back")), text(lead), *_search(back, exhibits, words)]
    elif back is not None and back.left_out:
        parts += [heading(words("not_back")), text(words("not_back_large"))]
    return parts


def _search(found: Searched, exhibits: Exhibits, words: Words) -> Iterator[Part]:
    columns = [
        column(words("report"), "1fr"),
        column(words("period"), "124pt"),
        column(words("basis"), "62pt"),
        column(words("rows_for_it"), "78pt"),
        column(words("exhibit_number"), "32pt", right=True),
    ]
    rows: list[list[Cell]] = []
    for one in found.reports:
        exhibit = exhibits.of(one.digest)
        rows.append(
            [
                [words.of("reports", one.report_format), quiet(one.file)],
                _span(one.period, words) if one.period else words("unknown"),
                words("stated" if one.stated else "inferred"),
                words.rows(len(one.rows)) if one.rows else strong(words.rows(0)),
                str(exhibit.number) if exhibit else "",
            ]
        )
    yield table(columns, rows)
    for coverage in found.coverage:
        if coverage.spans:
            spans = ", ".join(_span(one, words) for one in coverage.spans)
            told = words.day(coverage.told_on) if coverage.told_on else words("unknown")
            yield text(words("covered", spans=spans, day=told))
    for gap in found.gaps:
        first, last = words.long_day(gap.first), words.long_day(gap.last)
        yield text(words("unpaid_gap", first=first, last=last))


def _span(span: Span, words: Words) -> str:
    return words("window_days", first=words.day(span.first), last=words.day(span.last))


# --- earlier claims ---------------------------------------------------------------------------


def cases(matter: Matter, exhibits: Exhibits, words: Words) -> list[Part]:
    """What was claimed about it before, with the exact words of a decision where they were attached."""
    paid_under = dict.fromkeys(one.case_id for one in matter.case.reimbursements if one.case_id)
    parts: list[Part] = []
    if matter.claims:
        columns = [
            column(words("case_name"), "1fr"),
            column(words("case_filed"), "84pt"),
            column(words("case_decided"), "84pt"),
            column(words("case_outcome"), "118pt"),
        ]
        rows = [_claim(one, words) for one in matter.claims]
        parts += [text(words("cases_lead")), table(columns, rows)]
        parts += [part for one in matter.claims for part in _denial(one, matter, exhibits, words)]
    else:
        parts.append(text(words("cases_none")))
    if paid_under:
        parts.append(text(words("paid_under", numbers=words.list(paid_under))))
    return parts


def _claim(claim: Claim, words: Words) -> list[Cell]:
    name: list[Cell] = [strong(claim.name)]
    if claim.case_id:
        name.append(quiet(words("case_number", number=claim.case_id)))
    decided = claim.appeal_decision or claim.decision
    outcome = [words.of("outcomes", stage_of(claim))]
    if decided and decided[1].amount:
        outcome.append(words.money(decided[1].amount))
    return [
        name,
        _day(claim.filed, words),
        _day(decided[0] if decided else None, words),
        list(outcome),
    ]


def _day(ref: Ref | None, words: Words) -> str:
    return words.day(ref.day) if ref else words("none")


def _denial(claim: Claim, matter: Matter, exhibits: Exhibits, words: Words) -> Iterator[Part]:
    """The words in which it was refused, from a text that was attached to the claim."""
    if not claim.lost and stage_of(claim) not in ("denied", "lost"):
        return
    quoted = [
        exhibit
        for entry in matter.entries
        if getattr(entry.event, "claim", None) == claim.name
        and (exhibit := exhibits.about(entry.position or 0)) is not None
        and exhibit.text
    ]
    yield heading(claim.name)
    if not quoted:
        yield text(words("no_denial_text"))
    for exhibit in quoted:
        yield text(words("denial_text", number=exhibit.number))
        yield letter("", exhibit.text or "")


# --- exhibits ---------------------------------------------------------------------------------


def exhibit_list(matter: Matter, exhibits: Exhibits, words: Words) -> list[Part]:
    """The exhibits by number, with file, size and SHA-256; and which of them shows what the rule asks for."""
    columns = [
        column(words("exhibit_number"), "26pt", right=True),
        column(words("exhibit_title"), "1fr"),
        column(words("exhibit_file"), "262pt"),
        column(words("exhibit_bytes"), "48pt", right=True),
    ]
    rows: list[Sequence[Cell]] = [
        [str(one.number), one.title, [_path(one.path), digest(one.sha256)], words.number(one.size)]
        for one in exhibits.shown
    ]
    parts = [
        text(f"{words.of('leads', matter.chosen.kind)} {words('exhibits_lead')}"),
        table(columns, rows) if rows else text(words("none")),
    ]
    parts += [
        text(words("exhibit_sealed", name=one.name, digest=one.digest), quiet=True)
        for one in exhibits.sealed
    ]
    if matter.papers:
        parts += _papers(matter, exhibits, words)
    return parts


def _path(path: str) -> Cell:
    """A report that is there whole has the SHA-256 of the file that was delivered for a name."""
    folder, _, name = path.rpartition("/")
    return mono(f"{folder}/{name[:16]}…") if folder == "originals" else mono(path)


def _papers(matter: Matter, exhibits: Exhibits, words: Words) -> list[Part]:
    """Each proof that the rule asks for, with what shows it; what can be filed lacks nothing that it needs."""
    columns = [column(words("paper"), "1fr"), column(words("papers_shown"), "1.3fr")]
    rows: list[list[Cell]] = []
    for paper in matter.papers:
        asked = plain(paper.what.replace("_", " "), ENGLISH)
        shown = list(_shown_by(paper, matter, exhibits, words))
        if shown:
            rows.append([asked, ", ".join(dict.fromkeys(shown))])
        elif matter.finding.verdict not in ACT_ON:
            rows.append([asked, [strong(words("missing")), plain(paper.advice, ENGLISH)]])
    return [heading(words("papers")), table(columns, rows)] if rows else []


def _shown_by(paper: Paper, matter: Matter, exhibits: Exhibits, words: Words) -> Iterator[str]:
    for ref in paper.refs:
        exhibit = exhibits.about(ref.position)
        number = words.number(ref.position)
        if exhibit is None:
            yield words("ledger_entry", number=number)
        else:
            yield words("exhibit", number=exhibit.number)
    shows = _SHOWN.get(paper.what.partition("(")[0])
    for exhibit in shows(matter, exhibits) if shows and not paper.shown else ():
        yield words("exhibit", number=exhibit.number)


def _rows_of(*kinds: type[Any]) -> Callable[[Matter, Exhibits], list[Exhibit]]:
    """The exhibits of what such events tell."""

    def found(matter: Matter, exhibits: Exhibits) -> list[Exhibit]:
        told = [one for one in matter.entries if isinstance(one.event, kinds)]
        about = [exhibits.about(one.position or 0) for one in told]
        return [one for one in about if one is not None]

    return found


def _deciding(matter: Matter, exhibits: Exhibits) -> list[Exhibit]:
    about = [exhibits.about(position) for position in matter.finding.entries]
    return [one for one in about if one is not None]


def _with_fnsku(matter: Matter, exhibits: Exhibits) -> list[Exhibit]:
    told = [one for one in matter.entries if getattr(one.event, "fnsku", None)]
    about = [exhibits.about(one.position or 0) for one in told]
    return [one for one in about if one is not None]


def _silent(matter: Matter, exhibits: Exhibits) -> list[Exhibit]:
    """The reports of payments, where nothing of it stands in any of them."""
    if matter.searched.telling:
        return []
    about = [exhibits.of(one.digest) for one in matter.searched.silent]
    return [one for one in about if one is not None]


def _came_back(matter: Matter, exhibits: Exhibits) -> list[Exhibit]:
    """The rows of what came back; where nothing did, the reports that say so."""
    found = _rows_of(UnitReturned)(matter, exhibits)
    silent = matter.not_back.silent if matter.not_back else ()
    about = [exhibits.of(one.digest) for one in silent]
    return found or [one for one in about if one is not None]


_SHOWN: Final[Mapping[str, Callable[[Matter, Exhibits], list[Exhibit]]]] = {
    "FNSKU": _with_fnsku,
    "quantity": _deciding,
    "refund_or_replacement_event_by_amazon": _rows_of(RefundIssued, ReplacementShipped),
    "customer_returns_report_row_or_its_absence": _came_back,
    "reimbursement_report_shows_no_prior_payment": _silent,
    "no_prior_reimbursement": _silent,
    "inventory_ledger_adjustment_row": _rows_of(StockMoved),
}
"""What the reports themselves show, by the words in which the rules ask for it."""
