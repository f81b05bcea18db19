"""The seller's own rules: a file that corrects the rules that come with the program, or adds to them."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, Literal, get_args, get_type_hints

import msgspec

from ledger.rulebook.rule import EVERYWHERE, Rule, UnreadableRulebook, check_rule, version_of
from ledger.rulebook.rulebook import Rulebook
from ledger.rulebook.terms import TERMS, MisstatedTerm, read_term
from ledger.rulebook.usable import missing_in, too_great_in

LIKE: Final = "like"
"""Names the rule from which a version takes over what it does not say itself."""
WITHOUT: Final = "without"
"""Names what a rule no longer has of the rule that it corrects or is like."""
_DIRECTIONS: Final = (LIKE, WITHOUT)
_NAMES: Final = ("id", "series")
_WORDS: Final = ("title", "note")
_TRUST: Final = ("sources", "evidence", "verified")
_VERSIONS_OWN: Final = frozenset(
    ("title", "effective_from", "effective_to", "announced_on", "status", "note", "first_hand")
).union(_TRUST)
"""What a version says of itself: not taken over from the rule that it is like."""
_OF_THE_SOURCE: Final = ("note", "first_hand")
"""What is said of a source, and not of another one."""
_OURS: Final = "own"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What the seller's own file does to one rule."""

    rule_id: str
    kind: Literal["corrected", "added", "ended"]
    fields: tuple[str, ...] = ()
    """What a correction says otherwise than the rule that came with the program."""
    by: str | None = None
    """The seller's own version that ends a rule."""


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that come with the program and the seller's own, put together."""

    rulebook: Rulebook
    changes: tuple[Change, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """Ids of the rules that are the seller's own: corrected or added."""
        return tuple(one.rule_id for one in self.changes if one.kind != "ended")


def merge(
    shipped: Rulebook,
    file: str,
    content: bytes,
    since: date | None = None,
    beneath: bytes | None = None,
) -> Merged:
    """Put the seller's own rules into those that come with the program.

    A rule with the id of a shipped one corrects it: what it says replaces what the shipped one says. A new id
    is a further version, and ends the one of its series that was open. With `since`, what names no first
    day of its own holds from that day on. `beneath` is a file whose rules hold as well, but those that this
    one tells. Raises UnreadableRulebook naming file, rule, field and value.
    """
    told = _parse(file, content)
    names = {rule.get("id") for rule in told if isinstance(rule.get("id"), str)}
    merging = _Merging(shipped, file)
    for rule in _parse(file, beneath) if beneath else ():
        if rule["id"] not in names:
            merging.take(rule)
    for rule in told:
        merging.take(rule, since)
    rulebook = merging.rulebook()
    return Merged(rulebook=rulebook, changes=changes(shipped, rulebook))


def changes(shipped: Rulebook, rulebook: Rulebook) -> tuple[Change, ...]:
    """What the seller's own rules in a rulebook do to those that came with the program."""
    came = {rule.id: rule for rule in shipped.rules}
    return tuple(
        one for rule in rulebook.rules if (one := _change(came.get(rule.id), rule, rulebook))
    )


def _change(known: Rule | None, rule: Rule, rulebook: Rulebook) -> Change | None:
    if known is None:
        return Change(rule_id=rule.id, kind="added")
    if rule.own:
        return Change(rule_id=rule.id, kind="corrected", fields=_differing(known, rule))
    if rule.effective_to == known.effective_to:
        return None
    following = (
        one.id
        for one in rulebook.history(rule.series)
        if one.own and one.effective_from == rule.effective_to
    )
    return Change(rule_id=rule.id, kind="ended", by=next(following, None))


def _parse(file: str, content: bytes) -> list[dict[str, Any]]:
    advice = 'Write [[rules]], and below it id = "...", once for each rule.'
    try:
        told = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = f"not UTF-8: {error}"
        raise UnreadableRulebook(message, file=file, advice="Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableRulebook(
            f"not TOML: {error}", file=file, advice="Correct the line and column named."
        ) from error
    for name in told:
        if name != "rules":
            raise UnreadableRulebook("not part of a rule", file=file, found=name, advice=advice)
    rules = told.get("rules")
    if not isinstance(rules, list) or not rules:
        raise UnreadableRulebook("holds no rule", file=file, advice=advice)
    if not all(isinstance(rule, dict) for rule in rules):
        raise UnreadableRulebook("holds what is no rule", file=file, advice=advice)
    return rules


class _Merging:
    """The rules so far, while the seller's own are put into them one after the other."""

    def __init__(self, shipped: Rulebook, file: str) -> None:
        self._shipped: Final = {rule.id: rule for rule in shipped.rules}
        self._rules = dict(self._shipped)
        self._file: Final = file
        self._told: set[str] = set()
        self._added: list[Rule] = []

    # --- one rule of the file

    def take(self, told: Mapping[str, Any], since: date | None = None) -> None:
        """Correct the rule that is named, or add it."""
        name = told.get("id")
        if not isinstance(name, str) or not name:
            found = None if name is None else str(name)
            advice = "Give each rule its id: the series, a dot and the version."
            raise self._refusal("a rule", "id", "missing", found, advice)
        if name in self._told:
            advice = "Write all that you say of a rule in one place."
            raise self._refusal(name, "id", "used twice", name, advice)
        self._told.add(name)
        known = self._shipped.get(name)
        if known is None:
            self._add(name, told, since)
        else:
            self._correct(known, told, since)

    def _correct(self, known: Rule, told: Mapping[str, Any], since: date | None) -> None:
        self._demand_source(known.id, told)
        if told.get("series", known.series) != known.series:
            advice = "Leave the line out: a rule stays in its series. A new id makes a new rule."
            raise self._refusal(known.id, "series", "another", told["series"], advice)
        base = self._like(known.id, told) if LIKE in told else msgspec.to_builtins(known)
        if "sources" in told:
            base = {name: value for name, value in base.items() if name not in _OF_THE_SOURCE}
        rule = self._built(known.id, base | {"series": known.series}, told)
        if "sources" in told:
            self._demand_address(rule)
        if since is not None and "effective_from" not in told:
            rule = self._from(since, known, rule)
        self._rules[rule.id] = rule

    def _from(self, since: date, known: Rule, rule: Rule) -> Rule:
        """The corrected rule from a day on, where the rule held before it as it came."""
        if not known.ever_in_force or since <= (known.effective_from or date.min):
            return msgspec.structs.replace(rule, effective_from=since)
        if known.effective_to is not None and known.effective_to <= since:
            advice = "Leave --from out, or name a day before it ended."
            message = f"it ended on {known.effective_to}, before {since}"
            raise self._refusal(known.id, "id", message, known.id, advice)
        self._rules[known.id] = _ended(known, since)
        name = _renamed(known, f"from{since:%y%m%d}")
        return msgspec.structs.replace(rule, id=name, effective_from=since)

    def _add(self, name: str, told: Mapping[str, Any], since: date | None) -> None:
        base: dict[str, Any] = self._like(name, told) if LIKE in told else {"status": "in_force"}
        if since is not None:
            base["effective_from"] = since
        rule = self._built(name, base | {"series": self._series_of(name, base)}, told)
        self._demand_address(rule)
        self._rules[name] = rule
        self._added.append(rule)

    def _series_of(self, name: str, base: Mapping[str, Any]) -> str:
        """The series of which the id names a version: of the rule it is like, a known one or a new one."""
        told = [base["series"]] if "series" in base else []
        known = sorted({rule.series for rule in self._rules.values()})
        usual = name.rpartition(".")[0]
        return next(
            (one for one in [*told, usual, *known] if one in known and version_of(name, one)), usual
        )

    def _like(self, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
        model = told[LIKE]
        rule = self._rules.get(model) if isinstance(model, str) else None
        if rule is None:
            advice = f"`returns-ledger rules list` shows the ids.{_nearest(model, self._rules)}"
            raise self._refusal(name, LIKE, "no such rule", str(model), advice)
        taken: dict[str, Any] = msgspec.to_builtins(rule)
        kept = {field: value for field, value in taken.items() if field not in _VERSIONS_OWN}
        return {"status": "in_force"} | kept

    def _built(self, name: str, base: Mapping[str, Any], told: Mapping[str, Any]) -> Rule:
        """The rule that a base becomes by what is told; refused where it contradicts itself."""
        fields = {field: value for field, value in told.items() if field not in _DIRECTIONS}
        self._refuse_unknown(name, fields)
        kept = self._less(name, base, told)
        whole = {"first_hand": False} | kept | fields | {_OURS: True}
        if isinstance(fields.get("terms"), dict):
            whole["terms"] = {**kept.get("terms", {}), **self._terms(name, fields["terms"])}
        try:
            rule = msgspec.convert(whole | {"id": name}, Rule)
        except msgspec.ValidationError as error:
            raise self._misread(name, whole, error) from error
        try:
            check_rule(rule)
        except UnreadableRulebook as error:
            raise self._here(error) from error
        self._demand_use(rule)
        return rule

    def _less(self, name: str, base: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
        """The base without what the rule is told to be without."""
        kept = dict(base)
        terms = dict(base.get("terms", {}))
        dropped = told.get(WITHOUT, [])
        for field in dropped if isinstance(dropped, list) else [dropped]:
            if field in terms:
                del terms[field]
            elif field in kept and field not in _NAMES:
                del kept[field]
            else:
                advice = "Name what the rule has; `returns-ledger rules show` lists it."
                message = "the rule has no such thing to be without"
                raise self._refusal(name, WITHOUT, message, str(field), advice)
        return kept | {"terms": terms}

    def _terms(self, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
        kept = {}
        for term, value in told.items():
            try:
                kept[term] = read_term(term, value)
            except MisstatedTerm as error:
                place = f"terms.{term}"
                raise self._refusal(name, place, str(error), str(value), error.advice) from error
        return kept

    # --- what a rule may not say

    def _refuse_unknown(self, name: str, fields: Mapping[str, Any]) -> None:
        known = [field for field in Rule.__struct_fields__ if field != _OURS]
        for field, value in fields.items():
            if field not in known:
                advice = f"Leave the line out.{_nearest(field, known)}"
                raise self._refusal(name, field, "a rule has no such field", str(value), advice)

    def _demand_source(self, name: str, told: Mapping[str, Any]) -> None:
        """Who corrects more than words says by what: a number must not pass under another's source."""
        free = {*_NAMES, *_WORDS, *(() if told.get("verified") else ("verified",))}
        if not told.keys() - free:
            return
        for field in _TRUST:
            if field not in told:
                advice = (
                    "Say where the correction is written, how sure that is, and whether it is "
                    'verified: sources = ["https://..."], evidence = "A", verified = true.'
                )
                raise self._refusal(name, field, "missing", None, advice)

    def _demand_use(self, rule: Rule) -> None:
        """A rule that cannot be asked, or counted by, would leave every question about it without an answer."""
        for term in missing_in(rule):
            advice = f"State it below [rules.terms]: {TERMS[term].unit} {TERMS[term].meaning}."
            raise self._refusal(
                rule.id, f"terms.{term}", "missing", None, advice.replace(":  ", ": ")
            )
        for field, number, most in too_great_in(rule):
            advice = f"Write at most {most}."
            raise self._refusal(rule.id, field, "too great a number", str(number), advice)

    def _demand_address(self, rule: Rule) -> None:
        """A claim may rest on a verified rule: anybody must be able to read where it is written."""
        if rule.verified and not any(one.startswith("https://") for one in rule.sources):
            found = ", ".join(rule.sources) or "none"
            advice = "Name the page: https://... Or set verified = false."
            message = "a verified rule names the page where it is written"
            raise self._refusal(rule.id, "sources", message, found, advice)

    def _misread(
        self, name: str, whole: Mapping[str, Any], error: msgspec.ValidationError
    ) -> UnreadableRulebook:
        """What msgspec finds wrong, with the field and its value, and how such a field is written."""
        said, _, path = str(error).partition(" - at `$")
        missing = said.startswith("Object missing required field")
        within = path.strip("`.")
        named = said.rpartition(" `")[2].strip("`") if missing or not within else ""
        place = ".".join(part for part in (within, named) if part)
        field = place.partition(".")[0].partition("[")[0]
        wrong, advice = _how_to_write(field)
        if missing:
            return self._refusal(name, place, "missing", None, advice)
        return self._refusal(name, place, wrong, str(whole.get(field)), advice)

    def _refusal(
        self, name: str, field: str, message: str, found: str | None, advice: str
    ) -> UnreadableRulebook:
        return UnreadableRulebook(
            f"{name}, field '{field}': {message}", file=self._file, found=found, advice=advice
        )

    def _here(self, error: UnreadableRulebook) -> UnreadableRulebook:
        """The same trouble, found in the seller's file."""
        return UnreadableRulebook(
            error.message, file=self._file, found=error.found, advice=error.advice()
        )

    # --- all of them together

    def rulebook(self) -> Rulebook:
        """All the rules, each open version ended by the one that follows it."""
        for rule in sorted(
            self._added, key=lambda rule: (rule.effective_from or date.min, rule.id)
        ):
            self._end_those_before(rule)
        try:
            return Rulebook(self._rules.values())
        except UnreadableRulebook as error:
            raise self._here(error) from error

    def _end_those_before(self, rule: Rule) -> None:
        begins = rule.effective_from
        if not rule.ever_in_force:
            return
        if begins is None:
            self._refuse_no_beginning(rule)
            return
        for earlier in [*self._rules.values()]:
            if _is_open_before(earlier, rule, begins):
                self._refuse_orphans(rule, earlier, begins)
                self._rules[earlier.id] = _ended(earlier, begins)

    def _refuse_no_beginning(self, rule: Rule) -> None:
        others = [
            one.id
            for one in self._rules.values()
            if one.id != rule.id and _is_open_before(one, rule, date.max)
        ]
        if others:
            raise self._refusal(
                rule.id,
                "effective_from",
                f"missing, and {others[0]} has no end",
                None,
                "Give the first day of the new version: the one before it ends on that day.",
            )

    def _refuse_orphans(self, rule: Rule, earlier: Rule, begins: date) -> None:
        """No store may be left without a rule because another store has a new one."""
        followed = {
            store
            for one in self._added
            if one.series == rule.series and one.effective_from == begins
            for store in one.marketplaces
        }
        left = [store for store in earlier.marketplaces if store not in followed]
        if left and EVERYWHERE not in followed:
            stores = ", ".join(left)
            raise self._refusal(
                rule.id,
                "marketplaces",
                f"{earlier.id}, which ends by it, holds in {stores}, too",
                ", ".join(rule.marketplaces),
                "Name these stores as well; or add one more version for them that begins on the "
                f"same day, with like = {earlier.id!r}.",
            )


def _is_open_before(rule: Rule, following: Rule, day: date) -> bool:
    """True for a version of the series that has no end and began before the day.

    What lies over it for a while, such as an overlay, ends nothing.
    """
    return (
        rule.series == following.series
        and rule.precedence == following.precedence
        and rule.ever_in_force
        and rule.status != "superseded_date_unknown"
        and rule.effective_to is None
        and (rule.effective_from or date.min) < day
    )


def _ended(rule: Rule, day: date) -> Rule:
    status = "superseded" if rule.status == "in_force" else rule.status
    return msgspec.structs.replace(rule, effective_to=day, status=status)


def _renamed(rule: Rule, suffix: str) -> str:
    """The rule's id with more behind its version, wherever in the id that stands."""
    words, parts = rule.id.split("."), rule.series.split(".")
    version = next((i for i, part in enumerate(parts) if words[i] != part), len(parts))
    words[version] += suffix
    return ".".join(words)


def _differing(known: Rule, rule: Rule) -> tuple[str, ...]:
    """The fields that a correction says otherwise."""
    return tuple(
        field
        for field in Rule.__struct_fields__
        if field not in (*_NAMES, _OURS) and getattr(known, field) != getattr(rule, field)
    )


def _nearest(name: object, names: Iterable[str]) -> str:
    found = difflib.get_close_matches(str(name), list(names), 1)
    return f" Is {found[0]} meant?" if found else ""


def _how_to_write(field: str) -> tuple[str, str]:
    """What is wrong with a value that the field cannot hold, and how one is written in TOML."""
    hint = get_type_hints(Rule).get(field)
    options = [*_options(hint)]
    if options:
        listed = ", ".join(options)
        return "no such word here", f"Write one of {listed}, in quotation marks."
    if hint in (date, date | None):
        return "not a day", "Write a day without quotation marks: 2026-12-01."
    if hint in (bool, bool | None):
        return "neither true nor false", "Write true or false, without quotation marks."
    if hint in (int, int | None):
        return "not a whole number", "Write a whole number without quotation marks."
    if hint in (str, str | None):
        return "not a text", "Write a text in quotation marks."
    shown = "`returns-ledger rules show` of a rule like it shows what such a field holds."
    return "not what this field holds", shown


def _options(hint: Any) -> Iterable[str]:
    """The words that a field may hold; none where it may hold any."""
    for part in (hint, *get_args(hint)):
        if getattr(part, "__origin__", None) is Literal:
            yield from map(str, get_args(part))
