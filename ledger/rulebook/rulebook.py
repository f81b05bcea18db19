"""All the rules in use: read from one file per series, kept by digest, asked by store and day."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Any

import msgspec

from ledger.errors import UnknownThing
from ledger.rulebook.rule import EVERYWHERE, Rule, UnreadableRulebook, check_rule, refusal
from ledger.rulebook.terms import MisstatedTerm, TermValue, read_term
from ledger.values import BY_CODE


class _SeriesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a series file holds: the name of the series and its versions."""

    series: str
    rules: list[dict[str, Any]]


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rulebook as it is kept: its rules in the order of their ids."""

    rules: tuple[Rule, ...]


class Rulebook:
    """Every rule that an answer may rest on; two rulebooks with the same rules are the same."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.id))
        for rule in self.rules:
            check_rule(rule)
        self._by_id = _by_id(self.rules)
        self._versions = _by_family_and_store(self.rules)
        self._in_force: dict[tuple[str, str, date], Rule | None] = {}
        self._below: dict[tuple[str, str], tuple[Rule, ...]] = {}
        self._kept = msgspec.json.encode(_Kept(self.rules), order="sorted")
        self.digest = hashlib.sha256(self._kept).hexdigest()
        """SHA-256 of the canonical JSON: the name under which a rulebook is kept and adopted."""

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id; raises UnknownThing where there is none."""
        try:
            return self._by_id[rule_id]
        except KeyError:
            advice = "Rule ids are case sensitive and end in the version."
            raise UnknownThing("no such rule", found=rule_id, advice=advice) from None

    @property
    def families(self) -> tuple[str, ...]:
        """Every family of rules, by name."""
        return tuple(sorted({rule.family for rule in self.rules}))

    def versions(self, family: str, marketplace: str) -> tuple[Rule, ...]:
        """All versions for that store, earliest first; empty where no rule is known for it."""
        return self._versions.get((family, marketplace), ())

    def history(self, series: str) -> tuple[Rule, ...]:
        """All versions of a series, earliest first, those that never came into force among them."""
        return tuple(sorted((rule for rule in self.rules if rule.series == series), key=_start))

    def in_force(self, family: str, marketplace: str, on: date) -> Rule | None:
        """The version in force on the day of the fact that selects it, or None.

        Where an overlay lies over the version that holds otherwise, it is the overlay. Asked of every
        unit, and of few days: so kept.
        """
        if type(on) is not date:  # a day that is watched must be compared, not looked up
            return foremost(self.versions(family, marketplace), on)
        key = family, marketplace, on
        if key not in self._in_force:
            self._in_force[key] = foremost(self.versions(family, marketplace), on)
        return self._in_force[key]

    def holding(self, prefix: str, marketplace: str, on: date) -> tuple[Rule, ...]:
        """Every rule of that series, or below it, that is in force in that store on that day.

        In the order of precedence, then of their ids: one day can have a holiday's, a category's
        and the store's own return window, and the law beside them.
        """
        below = self.below(prefix, marketplace)
        found = tuple(rule for rule in below if rule.ever_in_force and rule.covers(on))
        replaced = {rule.series for rule in found if not _replaced_some_day(rule)}
        return tuple(
            sorted(
                (r for r in found if not (_replaced_some_day(r) and r.series in replaced)),
                key=lambda rule: (rule.rank, rule.id),
            )
        )

    def below(self, prefix: str, marketplace: str) -> tuple[Rule, ...]:
        """The rules of that series, or below it, in that store; asked of every unit, so kept."""
        key = prefix, marketplace
        if key not in self._below:
            self._below[key] = tuple(
                rule
                for rule in self.rules
                if f"{rule.series}.".startswith(f"{prefix}.") and rule.holds_in(marketplace)
            )
        return self._below[key]

    def postponed(self, family: str, marketplace: str, on: date) -> Rule | None:
        """The rule that had been announced for that day and was not in force on it, or None.

        It never came into force at all, or it came later.
        """
        for rule in self.versions(family, marketplace):
            if not rule.ever_in_force and rule.covers(on):
                return rule
        for rule in self.versions(family, marketplace):
            start, announced = rule.effective_from, rule.announced_for
            if start is not None and announced is not None and announced <= on < start:
                return rule
        return None

    def to_json(self) -> bytes:
        """The canonical JSON, of which the digest is made."""
        return self._kept

    @classmethod
    def from_json(cls, kept: bytes | str) -> Rulebook:
        """The rulebook that `to_json` wrote."""
        try:
            return cls(msgspec.json.decode(kept, type=_Kept).rules)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            advice = "It was changed or cut off after it was written; take it from a backup."
            raise UnreadableRulebook(f"not a kept rulebook: {error}", advice=advice) from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rulebook) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Rulebook({len(self.rules)} rules, {self.digest[:12]})"


def foremost(versions: Iterable[Rule], on: date) -> Rule | None:
    """The version that holds on a day: of several the one that comes first, or None."""
    holding = [rule for rule in versions if rule.ever_in_force and rule.covers(on)]
    return min(holding, key=standing, default=None)


def standing(rule: Rule) -> tuple[bool, int]:
    """Of versions that cover one day the one with the lowest standing holds.

    A version known to be replaced, but not when, gives way to any other.
    """
    return _replaced_some_day(rule), rule.rank


@cache
def shipped() -> Rulebook:
    """The rulebook that comes with this program."""
    return load(files("ledger.rulebook") / "series")


def load(folder: Traversable) -> Rulebook:
    """The rulebook of a folder with one TOML file per series."""
    names = sorted(
        (found for found in folder.iterdir() if found.name.endswith(".toml")),
        key=lambda found: found.name,
    )
    return Rulebook(rule for found in names for rule in read_series(found.name, found.read_bytes()))


def read_series(file: str, content: bytes) -> tuple[Rule, ...]:
    """The versions in one series file; the file is named by its series."""
    series_file = _parse(file, content)
    if file != f"{series_file.series}.toml":
        raise UnreadableRulebook(
            "field 'series': not the name of the file",
            file=file,
            found=series_file.series,
            advice=f"Rename the file to {series_file.series}.toml, or correct the series.",
        )
    return tuple(_rule(file, series_file.series, told) for told in series_file.rules)


def _parse(file: str, content: bytes) -> _SeriesFile:
    try:
        return msgspec.convert(tomllib.loads(content.decode()), _SeriesFile)
    except UnicodeDecodeError as error:
        raise UnreadableRulebook(
            f"not UTF-8: {error}", file=file, advice="Save the file as UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableRulebook(
            f"not TOML: {error}", file=file, advice="Correct the line and column named."
        ) from error
    except msgspec.ValidationError as error:
        advice = "A series file has the field series and one [[rules]] table per version."
        raise UnreadableRulebook(_in_words(error), file=file, advice=advice) from error


def _rule(file: str, series: str, told: dict[str, Any]) -> Rule:
    name = str(told.get("id", "a rule without an id"))
    if "series" in told:
        raise UnreadableRulebook(
            f"{name}, field 'series': told once, at the top of the file",
            file=file,
            advice="Delete the line.",
        )
    told = told | {"series": series}
    if isinstance(told.get("terms"), dict):
        told["terms"] = _terms(file, name, told["terms"])
    try:
        return msgspec.convert(told, Rule)
    except msgspec.ValidationError as error:
        advice = "Correct the field; the other series files show how each is written."
        raise UnreadableRulebook(f"{name}, {_in_words(error)}", file=file, advice=advice) from error


def _terms(file: str, rule: str, told: dict[str, Any]) -> dict[str, TermValue]:
    """The terms as they are kept.

    Checked here and not in every rule: a kept rulebook must stay readable when the words change.
    """
    kept = {}
    for name, value in told.items():
        try:
            kept[name] = read_term(name, value)
        except MisstatedTerm as error:
            raise UnreadableRulebook(
                f"{rule}, field 'terms.{name}': {error}",
                file=file,
                found=str(value),
                advice=error.advice,
            ) from error
    return kept


def _in_words(error: msgspec.ValidationError) -> str:
    """What msgspec says, with the field first."""
    said, _, path = str(error).partition(" - at `$")
    where = path.strip("`.")
    if where:
        return f"field '{where}': {said}"
    named = re.search(r"`(\w+)`$", said)
    return f"field '{named[1]}': {said}" if named else said


def _by_id(rules: tuple[Rule, ...]) -> dict[str, Rule]:
    for earlier, later in pairwise(rules):
        if earlier.id == later.id:
            raise refusal(later, "id", "used twice", "Give one of them the next free version.")
    return {rule.id: rule for rule in rules}


def _by_family_and_store(rules: tuple[Rule, ...]) -> dict[tuple[str, str], tuple[Rule, ...]]:
    found: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        for market in _stores(rule):
            found[rule.family, market].append(rule)
    ordered = {key: tuple(sorted(versions, key=_start)) for key, versions in found.items()}
    for versions in ordered.values():
        _check_succession(versions)
    return ordered


def _stores(rule: Rule) -> Iterable[str]:
    return (EVERYWHERE, *BY_CODE) if EVERYWHERE in rule.marketplaces else rule.marketplaces


def _start(rule: Rule) -> tuple[date, str]:
    if _replaced_some_day(rule):
        return date.min, rule.id
    return rule.effective_from or date.min, rule.id


def _replaced_some_day(rule: Rule) -> bool:
    """True for a version known to be replaced, but not when."""
    return rule.status == "superseded_date_unknown"


def _check_succession(versions: tuple[Rule, ...]) -> None:
    """Refuse versions for one store that overlap, or are picked by the dates of different facts.

    An overlay may lie over the version that holds otherwise: that is what its precedence says.
    """
    for rule in versions[1:]:
        if rule.version_selected_by != versions[0].version_selected_by:
            message = f"{versions[0].id} is picked by another fact"
            advice = "All versions for one store are picked by the date of the same fact."
            raise refusal(rule, "version_selected_by", message, advice)
    for rank in {rule.rank for rule in versions}:
        _check_overlaps(
            rule
            for rule in versions
            if rule.rank == rank and rule.ever_in_force and not _replaced_some_day(rule)
        )


def _check_overlaps(versions: Iterable[Rule]) -> None:
    for earlier, later in pairwise(versions):
        if earlier.effective_to is None or _start(later)[0] < earlier.effective_to:
            message = f"overlaps {earlier.id}, which ends {earlier.effective_to or 'never'}"
            advice = "End the earlier version on the day this one starts."
            raise refusal(later, "effective_from", message, advice)
