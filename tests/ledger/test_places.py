"""Where a cell stands in the bytes is where the table reads it, whatever the quoting and the ends of lines."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError, UnreadableRow
from ledger.places import Span, View, row_places
from ledger.table import read_table

CELLS = st.text(st.sampled_from('ab\t,;"\r\n \u00e9\u3042'), max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5)


def written(rows: list[list[str]], style: str, delimiter: str, end: str) -> str:
    header = ["one", "two", "three"]
    if style == "quoted":
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
        writer.writerows([header, *rows])
        return out.getvalue()
    return "".join(delimiter.join(row) + end for row in [header, *rows])


@given(
    rows=TABLES,
    style=st.sampled_from(["plain", "quoted"]),
    delimiter=st.sampled_from(["\t", ",", ";"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp932", "utf-16"]),
)
def test_a_cell_stands_where_the_table_reads_it(
    rows: list[list[str]], style: str, delimiter: str, end: str, encoding: str
) -> None:
    data = written(rows, style, delimiter, end).encode(encoding, errors="replace")
    try:
        table = read_table(data, "f", "JP" if encoding == "cp932" else None)
        told = list(table.rows())
    except LedgerError:
        return
    view = View.of(data, table.encoding)
    placed = list(row_places(view, table))

    assert data == view.delivered(view.text)
    assert [row.row if isinstance(row, UnreadableRow) else row[0] for row in told] == [
        one.line for one in placed
    ]
    for row, one in zip(told, placed, strict=True):
        if not isinstance(row, UnreadableRow):
            read = [_as_read(view, span) for span in one.cells[: len(row[1])]]
            assert row[1][: len(read)] == read


def _as_read(view: View, span: Span) -> str:
    """What a reader makes of what stands between two separators, or between quotation marks."""
    text = view.bytes_of(view.text[slice(*span)]).decode(view.encoding)
    plain = text.replace("\r\n", "\n").replace("\r", " " if "\n" in view.text else "\n")
    is_quoted = view.text[span.start - 1] == '"'
    return (plain.replace('""', '"') if is_quoted else plain).strip()


@pytest.mark.parametrize("text", ["", " ", "\u00a0", " \u3000 "])
def test_blanks_of_any_alphabet_are_blank(text: str) -> None:
    view = View.of(f"one\n{text}".encode(), "utf-8-sig")

    assert view.is_blank(text.encode().decode("latin-1"))
