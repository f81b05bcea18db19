"""What is plain at a glance."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.glancing import Reported, told_before

ROW = Reported("order/1", 0, 2, 1, "2026-06-30", ("LPN1",), (), confides=False, place=None)
FORMER = b'{"actor":"a","event":{},"occurred_at":"2026-06-30","source":{"command":"c"}}'


def test_what_nobody_has_named_is_new() -> None:
    assert told_before([ROW], [FORMER]) == [None]


@pytest.mark.parametrize("damaged", [b"{", b"\xff\xfe", b"", FORMER.decode()])
def test_nothing_is_plain_beside_an_entry_that_cannot_be_read(damaged: Any) -> None:
    assert told_before([ROW], [FORMER, damaged]) is None
