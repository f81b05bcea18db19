"""What is said to stand in no row is looked for in whatever encoding a report was delivered."""

from __future__ import annotations

import pytest

from cli.dossier.absence import rows_with


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "cp1252", "cp932"])
def test_a_word_is_found_in_every_encoding_in_which_reports_come(encoding: str) -> None:
    data = "order-id\tamount\n114-1\t1.00\n114-2\t2.00\n".encode(encoding)

    assert (3,) == rows_with(data, ["114-2"])
    assert () == rows_with(data, ["114-3"])


def test_a_word_is_found_in_small_letters_and_in_capital_ones() -> None:
    assert (2,) == rows_with(b"fnsku\nx00YXLM3q4\n", ["X00yxlm3Q4"])


def test_a_line_is_named_once_however_many_words_stand_in_it() -> None:
    assert (1, 2, 4) == rows_with(b"b a\na a\n\nb", ["a", "b"])


def test_a_name_that_could_only_be_found_across_two_lines_is_in_none() -> None:
    """In UTF-16 this letter has a line feed among its bytes."""
    assert () == rows_with("\u0a0a\n".encode("utf-16-be"), ["\u0a0a"])
