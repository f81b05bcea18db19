"""A line of a form that is known is believed or refused as one that is taken apart: whatever was changed in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import verify

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
numbers = st.integers(-(10**41), 10**41) | st.integers(-20, 20)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def line_of(body: Any, position: int = 7, stream: str = "order/1", version: int = 3) -> bytes:
    told = {
        "body": body,
        "position": position,
        "recorded_at": "2026-11-29T08:00:00.000001Z",
        "stream": stream,
        "topic": "unit-returned.v1",
        "version": version,
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def said(entry_of: Any, line: bytes) -> dict[str, Any] | None:
    """What is said of a line but for its body, or None where it is refused."""
    try:
        told = entry_of(line)
    except verify.Refused:
        return None
    return {name: told[name] for name in told if name != "body"}


@given(st.dictionaries(texts, values, max_size=4), st.data())
def test_what_is_changed_in_a_known_line_is_seen(body: dict[str, Any], data: st.DataObject) -> None:
    forms, line = verify.Forms(), line_of(body)
    assert said(verify.entry_of, line) == said(forms.entry_of, line)
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(len(line), start + 3)))
    piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))
    changed = line[:start] + piece + line[end:]

    assert said(verify.entry_of, changed) == said(forms.entry_of, changed)


PIECES = [
    *(b"0", b"-0", b"00", b"7", b"-7", b"1.0", b"1e5", b"-", b".", b"e", b"9" * 41, b"9" * 39),
    *(b'"', b'""', b'","', b'":"', b"\\", b'\\"', b"\\u0041", b"\n", b"\t", b" ", b"\x7f", b"\xff"),
    *(b"{", b"}", b"[", b"]", b",", b":", b"null", b"NaN", b'{"a":1}', b',"a":1', "é".encode()),
]


@given(st.dictionaries(texts, values, max_size=3), st.dictionaries(texts, values, max_size=3))
def test_two_lines_are_told_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    forms = verify.Forms()
    for line in (line_of(one), line_of(other), line_of(one, 8, "stock/é", 10), line_of(other, 9)):
        assert said(verify.entry_of, line) == said(forms.entry_of, line)


@pytest.mark.parametrize(
    ("told", "instead"),
    [
        (b'"position":7', b'"position":07'),
        (b'"position":7', b'"position":-0'),
        (b'"position":7', b'"position":7.0'),
        (b'"position":7', b'"position":7e0'),
        (b'"position":7', b'"position":"7"'),
        (b'"n":12', b'"n":012'),
        (b'"n":12', b'"n":' + b"1" * 41),
        (b'"sku":"A"', b'"sku":"A\x01"'),
        (b'"sku":"A"', b'"sku":"\\u0041"'),
        (b'"sku":"A"', b'"sku":"\xff"'),
        (b'"sku":"A"', b'"sku" :"A"'),
        (b'"sku":"A"', b'"n":"A"'),
        (b'"sku":"A"', b'"aaa":"A"'),
        (b"08:00", b"8:000"),
        (b'"version":3}', b'"version":3}"'),
        (b'"version":3}', b'"version":3}"x'),
        (b'"version":3}', b'"version":3} '),
        (b'{"body"', b'\xef\xbb\xbf{"body"'),
    ],
)
def test_what_no_line_may_be_is_none_in_a_known_form(told: bytes, instead: bytes) -> None:
    forms, line = verify.Forms(), line_of({"n": 12, "sku": "A"})
    assert told in line
    assert {"position": 7, "version": 3}.items() <= forms.entry_of(line).items()
    changed = line.replace(told, instead)

    assert said(verify.entry_of, changed) == said(forms.entry_of, changed)


def test_a_body_that_is_looked_at_is_there() -> None:
    forms = verify.Forms()
    for position in (7, 8):
        line = line_of({"event": {}}, position).replace(b"unit-returned.v1", b"report-imported.v1")
        assert {"event": {}} == forms.entry_of(line)["body"]


def test_a_line_of_a_known_form_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    forms = verify.Forms()
    forms.entry_of(line_of({"n": 12, "sku": "A"}))
    monkeypatch.setattr(verify, "entry_of", None)

    assert 1250 == forms.entry_of(line_of({"n": 4, "sku": "é B"}, 1250))["position"]
