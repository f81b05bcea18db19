"""Header and cells: any delimiter, quoting and line end, ragged rows, and a cut-off end."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import table
from ledger.errors import UnreadableFile, UnreadableRow
from ledger.table import BROKEN_MAX, Table, normalised, read_table


def rows(data: bytes) -> list[tuple[int, list[str]]]:
    """The rows of a file in which every row can be read."""
    found = list(read_table(data, "june.txt").rows())
    assert not [row for row in found if isinstance(row, UnreadableRow)]
    return [row for row in found if not isinstance(row, UnreadableRow)]


def refusals(data: bytes) -> list[UnreadableRow]:
    found = read_table(data, "june.txt").rows()
    return [row for row in found if isinstance(row, UnreadableRow)]


def header(data: bytes) -> tuple[str, ...]:
    return read_table(data, "june.txt").header


@pytest.mark.parametrize(
    "data",
    [
        b"order-id\tsku\n1\tMUG\n",
        b"order-id\tsku\r\n1\tMUG\r\n",
        b"order-id\tsku\r1\tMUG\r",
        b"order-id\tsku\r\r\n1\tMUG\r\r\n",
        b"order-id\tsku\n1\tMUG",
        b"\xef\xbb\xbforder-id\tsku\n1\tMUG\n",
        b"order-id\tsku\t\n1\tMUG\t\n",
        b"order-id\tsku \n 1 \t MUG\n",
        b"order-id\tsku\n1\tMUG\n\n  \n\t\n",
        b'"order-id"\t"sku"\n"1"\t"MUG"\n',
        b'"order-id"\t"sku"\n1\t"MUG"\n',
        b"order-id,sku\n1,MUG\n",
        b"order-id;sku\n1;MUG\n",
        b'"order-id","sku"\r\n"1","MUG"\r\n',
        "order-id\tsku\n1\tMUG\n".encode("utf-16"),
    ],
)
def test_the_same_cells_are_found_however_they_are_written(data: bytes) -> None:
    assert header(data) == ("order-id", "sku")
    assert rows(data) == [(2, ["1", "MUG"])]


@pytest.mark.parametrize(
    "name", ["Order ID", "order-id", "ORDER_ID", " order  id ", '"Order-ID"', "order\tid"]
)
def test_a_column_is_known_however_its_name_is_written(name: str) -> None:
    assert normalised(name) == "order-id"


def test_names_are_kept_as_written_for_the_reader_of_a_message() -> None:
    assert read_table(b"Order ID\tSKU \n", "june.txt").header_as_written == ("Order ID", "SKU")


def test_rows_are_counted_as_an_editor_counts_lines() -> None:
    data = b'\n\n"a","b"\n"1","two\nlines"\n\n"3","4"\n'

    assert rows(data) == [(4, ["1", "two\nlines"]), (7, ["3", "4"])]


def test_a_bare_quotation_mark_in_a_tab_file_is_part_of_the_value() -> None:
    assert rows(b'title\tsku\n12.75" L\tMUG\n"MUG\t1"\n') == [
        (2, ['12.75" L', "MUG"]),
        (3, ['"MUG', '1"']),
    ]


def test_a_quoted_value_may_hold_separators_quotation_marks_and_line_ends() -> None:
    assert rows(b'a,b\n"1, 2","3 ""x""\r\n4"\n5,6" tin\n') == [
        (2, ["1, 2", '3 "x"\n4']),
        (4, ["5", '6" tin']),
    ]


def test_a_return_within_a_tab_separated_value_ends_no_row() -> None:
    assert rows(b"a\tb\r\n1\tx\ry\r\n2\tz\r\n") == [(2, ["1", "x y"]), (3, ["2", "z"])]


def test_short_rows_are_filled_with_blanks() -> None:
    assert rows(b"a\tb\tc\n1\n1\t2\n") == [(2, ["1", "", ""]), (3, ["1", "2", ""])]


def test_blank_cells_beyond_the_columns_are_dropped_where_every_row_has_them() -> None:
    whole = b"a\tb\n1\t2\t\n3\t4\t\n"

    assert rows(whole) == [(2, ["1", "2"]), (3, ["3", "4"])]
    assert [error.row for error in refusals(whole[:-4])] == [3]


@pytest.mark.parametrize("row", [b"1\t2\t3\t4", b"1\t2\t3\t"])
def test_a_row_with_more_cells_than_the_others_was_split(row: bytes) -> None:
    """A separator inside a value moves every cell behind it, even if the last one is blank."""
    (error,) = refusals(b"a\tb\tc\n1\t2\t3\n" + row + b"\n1\t2\t3\n")

    assert (error.row, error.message) == (3, "the row has 4 cells under 3 columns")
    assert error.found is None, "a surplus cell may be somebody's comment"


def test_a_header_that_comes_again_is_no_row() -> None:
    """As in downloads that were joined into one file, or the file is none that can be believed."""
    joined = b"a\tb\n1\t2\na\tb\n3\t4\n"

    assert rows(joined) == [(2, ["1", "2"]), (4, ["3", "4"])]
    with pytest.raises(UnreadableFile, match="the header comes again"):
        list(read_table(joined, "june.txt").rows(may_be_joined=False))


def test_a_header_beside_which_something_stands_is_a_row_with_too_many_cells() -> None:
    (refused,) = refusals(b"order-id\tsku\n1\tMUG\norder-id\tsku\tErika Bergqvist\n2\tMUG\n")
    assert refused.message == "the row has 3 cells under 2 columns"


@pytest.mark.parametrize("data", [b"", b"\n\r\n", b" \t \n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_file_without_text_is_empty(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="empty"):
        read_table(data, "june.txt")


def test_a_header_alone_has_no_rows() -> None:
    assert rows(b"a\tb") == []


def test_a_file_that_ends_within_a_row_says_so() -> None:
    (error,) = refusals(b"a\tb\tc\n1\t2\t3\n4\t5")

    assert (error.row, error.message) == (3, "the file ends within this row, after 2 of 3 cells")


def test_a_last_row_that_is_as_short_as_another_is_believed() -> None:
    """Rows without their blank cells are usual; only the shortest of all was cut off."""
    assert len(rows(b"a\tb\tc\n1\t2\n3\t4")) == 2


WHOLE = b"a\tb\tc\n1\t22\t333\n4\t55\t666\n7\t88\t999\n"


@pytest.mark.parametrize("cut", range(len(b"a\tb\tc\n"), len(WHOLE)))
def test_a_cut_is_seen_wherever_it_is_but_in_the_last_value(cut: int) -> None:
    """Which is why a column that names a thing should never be the last one of a report."""
    data = WHOLE[:cut]
    last = data.rpartition(b"\n")[2]
    found = list(read_table(data, "june.txt").rows())

    assert bool(refusals(data)) == (0 < len(last.split(b"\t")) < 3 and last != b"")
    assert all(row in rows(WHOLE) for row in found[:-1])


@pytest.mark.parametrize(
    "broken",
    [
        '"2","MUG 4" HIGH"',
        '"2","MUG" HIGH',
        '"2","MUG',
        '"2"x,"MUG"',
    ],
)
def test_broken_quoting_costs_its_own_row_and_no_other(broken: str) -> None:
    data = f'"a","b"\n"1","x"\n{broken}\n"3","y"\n"4","z"\n'.encode()
    found = list(read_table(data, "june.csv").rows())

    assert [row for row in found if not isinstance(row, UnreadableRow)] == [
        (2, ["1", "x"]),
        (4, ["3", "y"]),
        (5, ["4", "z"]),
    ]
    assert [error.row for error in refusals(data)] == [3]


def test_a_file_broken_all_over_is_given_up() -> None:
    data = b'"a","b"\n' + b'"1","2" x\n' * (BROKEN_MAX + 1)

    with pytest.raises(UnreadableFile, match="in 100 rows and more"):
        list(read_table(data, "june.csv").rows())


@pytest.mark.parametrize("at", [1, 2, 5])
def test_a_line_longer_than_any_report_is_refused_with_its_number(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "LINE_MAX", 20)
    lines = ["a\tb", *(f"{number}\tx" for number in range(9))]
    lines[at - 1] = "x" * 21

    with pytest.raises(UnreadableFile, match="a line of 21 characters") as caught:
        read_table("\n".join(lines).encode(), "june.txt")
    assert caught.value.row == at


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8).map(
    str.strip
)
FILLED = CELLS.filter(bool)


def expected(told: list[list[str]]) -> list[list[str]]:
    return [[cell.strip() for cell in cells] for cells in told]


@given(st.lists(st.tuples(FILLED, CELLS, FILLED).map(list), max_size=8), st.sampled_from("\t,;"))
def test_what_is_written_quoted_is_read_as_it_was(told: list[list[str]], delimiter: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["name 1", "name 2", "name 3"], *told])
    data = text.getvalue().encode()

    assert [cells for _, cells in rows(data)] == expected(told)


@given(
    st.lists(st.lists(FILLED, min_size=3, max_size=3), max_size=8), st.sampled_from(["\n", "\r\n"])
)
def test_what_is_written_with_tabs_is_read_as_it_was(told: list[list[str]], end: str) -> None:
    plain = [[cell.replace("\t", " ").replace("\n", " ") for cell in cells] for cells in told]
    lines = ["\t".join(cells) for cells in [["one", "two", "three"], *plain]]
    data = (end.join(lines) + end).encode()
    read = read_table(data, "june.txt")

    assert isinstance(read, Table)
    assert [cells for _, cells in rows(data)] == expected(plain)


@given(
    st.lists(
        st.sampled_from(["1\t2", "1\t2\t", "1", "", " \t", "a\tb", '"1', '"1"\t2', "1\t2\t3\t4"])
    ),
    st.sampled_from(["", "\n"]),
    st.sampled_from(['"a"\t"b"', "a\tb", "\na\tb"]),
    st.integers(0, 20),
)
def test_it_does_not_matter_in_what_pieces_a_file_is_split(
    lines: list[str], end: str, header: str, block: int
) -> None:
    read = read_table("\n".join([header, *lines]).encode() + end.encode(), "june.txt")
    whole = [repr(row) for row in read.rows()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "BLOCK", block)

        assert whole == [repr(row) for row in read.rows()]


@pytest.mark.parametrize("end", [b"a\tb", b"\t"])
def test_a_short_row_before_a_last_line_that_is_no_row_was_not_cut_off(end: bytes) -> None:
    assert rows(b"a\tb\n1\n" + end) == [(2, ["1", ""])]
