"""In whatever order files arrive, however they are cut and however often they come: the same cases."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.worlds import Download, cases, downloads, imported, log_of, pieces


@given(downloads(), st.data())
def test_the_order_of_arrival_does_not_matter(files: list[Download], data: st.DataObject) -> None:
    other = data.draw(st.permutations(files))
    with log_of(files) as one, log_of(other) as another:
        assert cases(one) == cases(another)


@given(downloads(), st.data())
def test_files_cut_in_pieces_that_overlap_tell_what_the_whole_ones_tell(
    files: list[Download], data: st.DataObject
) -> None:
    cut = [piece for file in files for piece in data.draw(pieces(file))]
    some = data.draw(st.lists(st.sampled_from(files), max_size=2))
    other = data.draw(st.permutations([*cut, *some]))
    with log_of(files) as one, log_of(other) as another:
        assert cases(one) == cases(another)


@given(downloads())
def test_files_that_come_again_add_nothing(files: list[Download]) -> None:
    """The same file adds not one entry; the same rows in another file, nothing that is new."""
    with log_of(files) as log:
        position, before = log.position(), cases(log)
        for file in files:
            assert (imported(log, file).entries, log.position()) == (0, position)
        for file in files:
            again = imported(log, file, more=b"\r\n")

            assert (again.new, again.revised) == (0, 0)
        assert cases(log) == before


@given(downloads(), st.integers(1, 4))
def test_what_was_known_at_a_moment_never_changes(files: list[Download], first: int) -> None:
    """However old what is told later: it was not known then."""
    with log_of(files[:first]) as log:
        moment = log.recorded_at()
        then = cases(log)
        for number, file in enumerate(files[first:]):
            imported(log, file, f"later {number}.txt")

        assert cases(log, moment) == then


@given(downloads())
def test_a_log_of_any_arrivals_is_sound(files: list[Download]) -> None:
    with log_of(files) as log:
        assert [check for check in log.verify() if not check.ok] == []
