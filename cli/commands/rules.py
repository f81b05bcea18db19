"""The rules by which everything is judged: listed, searched, explained, and corrected by the seller."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import uuid4

import click
from click.shell_completion import CompletionItem

from cli.accounts import of_each
from cli.answer import Answer, Column, Line, Section
from cli.files import overwrite
from cli.options import (
    AccountName,
    Day,
    InOrder,
    Instant,
    MarketplaceCode,
    account_option,
    accounts_option,
    shared_options,
)
from cli.output import show
from cli.rules import (
    CHANGE_COLUMNS,
    COLUMNS,
    ON_COLUMNS,
    PRECEDENCE_MEANS,
    SELECTED_BY,
    ChangeRow,
    OnRow,
    RuleRow,
    WholeRow,
    change_rows,
    cited,
    clock_in_words,
    letters,
    on_a_day,
    stated,
    whole,
)
from cli.session import Session
from cli.workspace import EVERY
from ledger.errors import UnknownThing
from ledger.rulebook import Rule, Rulebook, shipped
from ledger.rulebook.own import changes, merge
from ledger.values import instant

if TYPE_CHECKING:
    from ledger.store import Log

Function = TypeVar("Function", bound=Callable[..., Any])


@click.group("rules", cls=InOrder, short_help="List, search and explain the rules; adopt your own.")
def command() -> None:
    """List, search and explain the rules; adopt your own.

    Each rule is dated and cited, with the level of its evidence. Nothing that is not verified gives
    a firm date: what rests on it asks for a review, and says which question to settle.
    """


class RuleName(click.ParamType[str]):
    """A rule, a series or the beginning of one; the program's series complete on TAB."""

    name = "rule"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from importlib.resources import files

        # By the names of their files: reading the rules themselves takes too long for a TAB.
        found = (files("ledger.rulebook") / "series").iterdir()
        names = sorted(file.name.removesuffix(".toml") for file in found)
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _asking(function: Function) -> Function:
    """Whose rules, as known when."""
    options = (
        click.option(
            "--account",
            type=AccountName(),
            help="Whose rules: by default those of the only account there is, else `default`.",
        ),
        click.option(
            "--known-at",
            type=Instant(),
            help="The rules as they had been adopted by this moment; by default now.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return shared_options(function)


def _rulebook(session: Session, account: str | None, known_at: datetime | None) -> Rulebook:
    """The rules that an account works by; those that come with the program where there is no account."""
    from ledger.recall import adopted_rulebook

    workspace = session.workspace
    if account is None and not workspace.accounts():
        return shipped()
    name = workspace.one(account)
    session.accounts.append(name)
    with workspace.log(name) as log:
        if known_at is None:
            _note_newer(session, log)
        return adopted_rulebook(log, instant(known_at) if known_at else None)


def _note_newer(session: Session, log: Log) -> None:
    from ledger.recall import adopted

    last = adopted(log)
    if last is not None and (last.shipped or last.digest) != shipped().digest:
        session.note("The program comes with other rules by now; the next audit adopts them.")


def _unknown(name: str, rulebook: Rulebook) -> UnknownThing:
    known = {known for rule in rulebook.rules for known in (rule.id, rule.series, rule.family)}
    near = difflib.get_close_matches(name, sorted(known), 3)
    meant = f"Is one of these meant: {', '.join(near)}? " if near else ""
    return UnknownThing(
        "no rule and no series is called so",
        found=name,
        advice=f"{meant}`returns-ledger rules search WORD` looks for words, "
        "and `returns-ledger rules list` shows all.",
    )


def _below(name: str, rulebook: Rulebook) -> list[Rule]:
    """The rules of a series or a family, or of all that begin with these words."""
    return [rule for rule in rulebook.rules if f"{rule.series}.".startswith(f"{name}.")]


# --- list and search --------------------------------------------------------------------------


@command.command("list", short_help="List the rules, or some of them.")
@click.option("--family", metavar="NAME", help="Only this family or series, or what is below it.")
@click.option("--marketplace", type=MarketplaceCode(), help="Only what holds in this store.")
@click.option("--programme", metavar="NAME", help="Only what holds for FBA, FBM or MCF.")
@click.option("--on", type=Day(), help="Only what was in force on this day.")
@click.option("--unsure", is_flag=True, help="Only those on which nothing may rest.")
@_asking
@click.pass_obj
def list_rules(
    session: Session,
    family: str | None,
    marketplace: str | None,
    programme: str | None,
    on: date | None,
    unsure: bool,
    account: str | None,
    known_at: datetime | None,
) -> None:
    """List the rules, or some of them."""
    rulebook = _rulebook(session, account, known_at)
    if family is not None and not _below(family, rulebook):
        raise _unknown(family, rulebook)
    rules = [
        rule
        for rule in (_below(family, rulebook) if family else rulebook.rules)
        if (marketplace is None or rule.holds_in(marketplace))
        and (programme is None or programme.upper() in rule.programmes)
        and (on is None or (rule.ever_in_force and rule.covers(on)))
        and not (unsure and rule.sure)
    ]
    show(session, _listed("rules list", rules, "No rule is like that."))


@command.command("search", short_help="Find rules by words.")
@click.argument("words", nargs=-1, required=True)
@_asking
@click.pass_obj
def search(
    session: Session, words: tuple[str, ...], account: str | None, known_at: datetime | None
) -> None:
    """Find rules by words.

    All the WORDS must occur: in the id, the title, the note, or what the rule states and means.
    """
    wanted = [word.casefold() for one in words for word in one.split()]
    rules = [
        rule
        for rule in _rulebook(session, account, known_at).rules
        if all(word in _searched(rule) for word in wanted)
    ]
    show(session, _listed("rules search", rules, f"No rule speaks of {' '.join(words)}."))


def _searched(rule: Rule) -> str:
    """All the words of a rule."""
    told = [rule.id, rule.title, rule.note, SELECTED_BY[rule.version_selected_by]]
    told += [clock_in_words(rule) or "", *rule.claim_types, *rule.programmes, *rule.marketplaces]
    told += [f"{one.name} {one.text} {one.meaning}" for one in stated(rule)]
    return " ".join(told).replace("_", " ").casefold() + " " + " ".join(told).casefold()


def _listed(name: str, rules: Sequence[Rule], empty: str) -> Answer:
    rows = [cited(RuleRow, rule) for rule in rules]
    unsure = sum(not rule.sure for rule in rules)
    lines = [Line(letters(rules), "faint")] if rules else []
    if unsure:
        some_of = f"{unsure} of these" if unsure < len(rules) else "these"
        lines.append(Line(f"Nothing firm rests on {some_of}: they are not certain.", "faint"))
    some = rules[0].id if rules else "ID"
    then = [f"One of them with its history: `returns-ledger rules show {some}`."]
    if not rules:
        then = ["All of them: `returns-ledger rules list`."]
    return Answer(
        command=name.replace(" ", "-"),
        kind=RuleRow,
        rows=rows,
        sections=[Section(rows=rows, columns=COLUMNS, lines=lines)],
        empty=empty,
        then=then,
    )


# --- show -------------------------------------------------------------------------------------

_STATED_COLUMNS: Final = (
    Column("name", "states"),
    Column("text", "value", wraps=True),
    Column("meaning", "meaning", wraps=True),
)
_FACT_COLUMNS: Final = (
    Column("when", "day"),
    Column("fact", "fact"),
    Column("rule_id", "rule"),
    Column("text", "in words", wraps=True),
)


@command.command("show", short_help="Show a rule, or a series, with its history.")
@click.argument("name", type=RuleName())
@_asking
@click.pass_obj
def show_rule(session: Session, name: str, account: str | None, known_at: datetime | None) -> None:
    """Show a rule, or a series, with its history.

    NAME is the id of a rule; or a series or a family: then every version is shown.
    """
    rulebook = _rulebook(session, account, known_at)
    rules = [rule for rule in rulebook.rules if rule.id == name] or _below(name, rulebook)
    if not rules:
        raise _unknown(name, rulebook)
    rows = [whole(rule, rulebook) for rule in rules]
    last = rows[-1]
    store = "US" if last.stores == "all" else last.marketplaces[0]
    asking = f"`returns-ledger rules on DATE {last.series} --marketplace {store}`"
    answer = Answer(
        command="rules-show",
        kind=WholeRow,
        rows=rows,
        sections=[section for row in rows for section in _shown(row)] + _histories(rows),
        then=[
            f"Which version holds on a day: {asking}.",
            "Know better? Write it down and adopt it: `returns-ledger rules adopt FILE`.",
        ],
    )
    show(session, answer)


def _shown(row: WholeRow) -> Iterator[Section]:
    yield Section(title=row.id, lines=[Line(text) for text in _in_words(row)])
    yield Section(rows=row.stated, columns=_STATED_COLUMNS)
    lines = [Line(source, "faint", 3) for source in row.sources]
    yield Section(title="Written in", lines=lines or [Line("nowhere", "soon", 3)])
    if row.note:
        yield Section(title="Note", lines=[Line(row.note, "", 3)])


def _in_words(row: WholeRow) -> Iterator[str]:
    yield f"{row.title}."
    if row.own:
        yield "Your own: it stands in the file that you adopted."
    yield f"It {_held(row)}, in {_places(row)}, for {', '.join(row.programmes)}."
    yield f"Status: {row.state}. Precedence: {PRECEDENCE_MEANS[row.precedence]}."
    yield f"The version is picked by {row.selected_by_means}."
    if row.clock_means:
        yield f"Its window is counted from {row.clock_means}."
    sure = "verified" if row.verified else "not verified"
    yield f"Evidence {row.evidence}: {row.evidence_means}; {sure}."
    if row.sure:
        yield "Claims and firm dates may rest on it."
    else:
        yield f"Nothing may rest on it: {row.why_unsure}. To settle: {row.question}"


def _held(row: RuleRow) -> str:
    if row.status == "never_in_force":
        return f"was announced for {row.effective_from} and never came into force"
    begins = f"holds from {row.effective_from or 'an unknown day'}"
    return f"{begins} to the day before {row.effective_to}" if row.effective_to else f"{begins} on"


def _places(row: RuleRow) -> str:
    return "every store" if row.stores == "all" else ", ".join(row.marketplaces)


def _histories(rows: Sequence[WholeRow]) -> list[Section]:
    histories = {row.series: row.history for row in rows}
    return [
        Section(title=f"What became of {series}", rows=facts, columns=_FACT_COLUMNS)
        for series, facts in histories.items()
    ]


# --- on a day ---------------------------------------------------------------------------------


@command.command("on", short_help="Say which version holds on a day, and why.")
@click.argument("day", metavar="DATE", type=Day())
@click.argument("name", type=RuleName())
@click.option("--marketplace", type=MarketplaceCode(), required=True, help="In which Amazon store.")
@_asking
@click.pass_obj
def on(
    session: Session,
    day: date,
    name: str,
    marketplace: str,
    account: str | None,
    known_at: datetime | None,
) -> None:
    """Say which version holds on a day, and why.

    NAME is a series, a family, or words with which several begin: `ret.window`. DATE is the day of
    the fact that picks the version; the answer names that fact.
    """
    rulebook = _rulebook(session, account, known_at)
    rules = _below(name, rulebook) or [one for one in rulebook.rules if one.id == name]
    if not rules:
        raise _unknown(name, rulebook)
    show(session, _on_answer(on_a_day(rules, day, marketplace, rulebook), day, marketplace, name))


def _on_answer(rows: Sequence[OnRow], day: date, marketplace: str, name: str) -> Answer:
    facts = dict.fromkeys(SELECTED_BY[row.version_selected_by] for row in rows)
    holding = [row for row in rows if row.holds]
    said = f"{holding[0].id} holds" if holding else f"No rule of {name} is known"
    title = f"{said} in {marketplace} on {day}"
    picked = f"The version is picked by {', or '.join(facts)}."
    shown = holding[0].id if holding else rows[0].id
    return Answer(
        command="rules-on",
        kind=OnRow,
        rows=rows,
        sections=[
            Section(title=title, lines=[Line(picked)], tone="good" if holding else "soon"),
            Section(rows=rows, columns=ON_COLUMNS),
        ],
        then=[f"What it says, and where that is written: `returns-ledger rules show {shown}`."],
    )


# --- the seller's own -------------------------------------------------------------------------


@command.command("adopt", short_help="Work by a file of your own rules from now on.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--dry-run", is_flag=True, help="Check the file and show what it does; record nothing."
)
@accounts_option
@shared_options
@click.pass_obj
def adopt_file(session: Session, file: Path, dry_run: bool, account: str | None) -> None:
    """Work by a file of your own rules from now on.

    What FILE says corrects the rules that come with the program, or adds to them. It takes the
    place of the file adopted before. It is kept in the ledger, and newer rules of the program are
    put together with it.
    """
    from ledger.adopting import adopt, adoption_of

    content = file.read_bytes()
    merged = merge(shipped(), file.name, content)

    def adopted(name: str) -> list[ChangeRow]:
        session.workspace.refuse_lost(name)
        if not dry_run:
            with session.workspace.log(name) as log:
                _begin(log, session.workspace.actor)
                wanted = adoption_of(shipped(), merged, content)
                done = adopt(log, wanted, **_who(session, "rules adopt"))
            said = "are in use" if done else "were in use already: nothing was recorded"
            session.note(f"Your own rules {said} in the ledger of {name}.")
        return change_rows(name, merged.changes, merged.rulebook)

    rows = list(of_each(session, _written(session, account), adopted))
    show(session, _adopted(rows, file, dry_run))


def _begin(log: Log, actor: str) -> None:
    """Make the account's ledger where there is none yet: its first rules are the program's."""
    from ledger.importing import open_account
    from ledger.recall import adopted

    if adopted(log) is None:
        open_account(log, log.account, None, shipped(), actor)


def _who(session: Session, command: str) -> dict[str, str]:
    return {"actor": session.workspace.actor, "command": command, "command_id": str(uuid4())}


def _written(session: Session, account: str | None) -> list[str]:
    """The accounts whose rules are to be changed."""
    workspace = session.workspace
    return workspace.chosen(EVERY) if account == EVERY else [workspace.to_be_written(account)]


def _adopted(rows: Sequence[ChangeRow], file: Path, dry_run: bool) -> Answer:
    unsure = [row.id for row in rows if not row.sure and row.change != "ended"]
    lines = []
    if unsure:
        names = ", ".join(dict.fromkeys(unsure))
        lines.append(Line(f"What rests on {names} asks for a review: it is not sure.", "soon"))
    then = ["What they change in what is owed: `returns-ledger audit`."]
    if dry_run:
        then = [
            f"What they would change, with nothing recorded: `returns-ledger whatif --rules {file}`.",
            f"Work by them: `returns-ledger rules adopt {file}`.",
        ]
    return _changes_answer("rules-adopt", rows, "The file changes nothing.", then, lines)


def _changes_answer(
    name: str, rows: Sequence[ChangeRow], empty: str, then: Sequence[str], lines: Sequence[Line]
) -> Answer:
    return Answer(
        command=name,
        kind=ChangeRow,
        rows=rows,
        sections=[Section(rows=rows, columns=CHANGE_COLUMNS, lines=lines)],
        empty=empty,
        then=then,
    )


@command.command("drop", short_help="Go back to the rules that come with the program.")
@accounts_option
@shared_options
@click.pass_obj
def drop(session: Session, account: str | None) -> None:
    """Go back to the rules that come with the program.

    That is recorded, too: what was answered by your own rules stays answered by them, as known then.
    """
    from ledger.adopting import adopt, adoption_of

    def dropped(name: str) -> list[ChangeRow]:
        with session.workspace.log_there(name) as log:
            rows = _own_of(log, None)
            if not _has_own(log):
                session.note(f"{name} has no rules of its own: nothing was recorded.")
                return rows
            adopt(log, adoption_of(shipped()), **_who(session, "rules drop"))
        session.note(f"The rules that come with the program hold in the ledger of {name}.")
        return rows

    rows = list(of_each(session, session.workspace.chosen(account), dropped))
    then = ["What that changes in what is owed: `returns-ledger audit`."]
    lines = [Line("These no longer hold.", "soon")] if rows else []
    show(session, _changes_answer("rules-drop", rows, "There was nothing to drop.", then, lines))


@command.command("own", short_help="Show what is your own among the rules.")
@click.option("--write", type=click.Path(path_type=Path), help="Write the adopted file there.")
@account_option
@click.option("--known-at", type=Instant(), help="What had been adopted by this moment.")
@shared_options
@click.pass_obj
def own(
    session: Session, write: Path | None, account: str | None, known_at: datetime | None
) -> None:
    """Show what is your own among the rules: corrected, added, and ended by what was added."""
    from ledger.adopting import own_rules

    name = session.workspace.one(account)
    session.accounts.append(name)
    moment = instant(known_at) if known_at else None
    with session.workspace.log(name) as log:
        rows = _own_of(log, moment)
        content = own_rules(log, moment)
        if known_at is None:
            _note_newer(session, log)
    if write is not None and content is not None:
        overwrite(write, content, "the rules")
        session.note(f"Your own rules, byte for byte as they were adopted, are in {write}.")
    then = ["Change the file, and adopt it again: `returns-ledger rules adopt FILE`."]
    if rows:
        then.append("Go back to the program's own rules: `returns-ledger rules drop`.")
    show(session, _changes_answer("rules-own", rows, "No rule is your own.", then, ()))


def _has_own(log: Log) -> bool:
    from ledger.recall import adopted

    last = adopted(log)
    return last is not None and last.own is not None


def _own_of(log: Log, known_at: str | None) -> list[ChangeRow]:
    """What the seller's own file does to the rules into which it was put."""
    from ledger.recall import adopted, adopted_rulebook

    last = adopted(log, known_at)
    if last is None or last.shipped is None:
        return []
    came = Rulebook.from_json(log.original(last.shipped))
    rulebook = adopted_rulebook(log, known_at)
    return change_rows(log.account, changes(came, rulebook), rulebook)
