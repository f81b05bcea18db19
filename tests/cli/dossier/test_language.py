"""The words of a dossier: every language has each of them, and the template knows no other."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from cli.dossier.kinds import SORTS
from cli.dossier.language import LANGS, Lang, Words
from cli.drafting import shipped_kinds
from ledger.events import EVENT_TYPES
from ledger.reports import REPORT_FORMATS
from ledger.values import Money

BLANK = re.compile(r"\{\w+\}")


def words_of(lang: str) -> dict[str, str]:
    source = files("cli.dossier").joinpath("words", f"{lang}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(source)))


def _flat(told: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, str]]:
    for name, value in told.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{under}{name}/")
        else:
            yield under + name, value


@pytest.mark.parametrize("lang", LANGS)
def test_every_language_has_every_word_with_the_same_blanks(lang: Lang) -> None:
    english, other = words_of("en"), words_of(lang)

    assert {name: set(BLANK.findall(text)) for name, text in english.items()} == {
        name: set(BLANK.findall(text)) for name, text in other.items()
    }
    assert all(text.strip() for text in other.values())


@pytest.mark.parametrize("lang", LANGS)
def test_every_event_report_and_claim_has_its_name(lang: Lang) -> None:
    told = words_of(lang)
    wanted = [f"events/{kind.TOPIC.rpartition('.')[0]}" for kind in EVENT_TYPES]
    wanted += [f"reports/{form.name}" for form in REPORT_FORMATS]
    wanted += [f"claims/{name}" for sort in SORTS.values() for name in sort.claim_types]
    wanted += [f"{table}/{kind}" for kind in SORTS for table in ("kinds", "wanted", "leads")]

    assert [name for name in wanted if name not in told] == []


def test_every_word_is_used() -> None:
    sources = [one for one in files("cli.dossier").iterdir() if one.name.endswith(".py")]
    source = "".join(one.read_text(encoding="utf-8") for one in sources)
    counted = re.compile(r"(unit|row|file|report)_(none|one|many)|by_\w+")

    assert [
        name
        for name in words_of("en")
        if "/" not in name
        and f'"{name}"' not in source.replace("'", '"')
        and not counted.fullmatch(name)
    ] == []


def test_days_hours_and_amounts_are_written_as_the_language_writes_them() -> None:
    english, swedish, german = (Words(lang) for lang in LANGS)
    amount = Money(-123456, "USD")

    assert ["7 Sept 2026", "7 sep. 2026", "07.09.2026"] == [
        one.day(date(2026, 9, 7)) for one in (english, swedish, german)
    ]
    assert "\u22121,234.56\u00a0USD" == english.money(amount)
    assert "\u22121.234,56\u00a0USD" == german.money(amount)
    assert "1 unit" == english.units(1).replace("\u00a0", " ")
    assert "19:39:52 PDT" == english.hour("2026-07-06T02:39:52Z", "US")
    assert "02:39:52 UTC" == english.hour("2026-07-06T02:39:52Z", None)
    assert "" == english.hour("2026-07-06", "US")


def test_what_is_told_is_never_read_as_a_blank() -> None:
    assert "{origin} of {kind}: a" == Words("en").of("files", "photo").replace(
        "Photo", "{origin} of {kind}: a"
    )
    assert "entry {x}" == Words("en")("entry", number="{x}")


def test_every_kind_of_claim_but_what_nobody_drafts_has_a_template() -> None:
    assert "safe_t_appeal" in shipped_kinds()
