"""In whatever order files arrive, however they are cut and however often they come: the same cases."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.event import order_stream
from ledger.folding import fold
from ledger.store import Log
from tests.properties.worlds import LINE, Download, cases, downloads, imported, log_of, pieces


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


def test_an_order_line_has_its_item_id_whichever_file_tells_it_first() -> None:
    """The newer form tells nothing else that is new: it is recorded for the name alone, and once."""
    row = {
        "amazon-order-id": "111-0000001-0000001",
        "purchase-date": "2026-06-01T10:00:00+00:00",
        "order-status": "Shipped",
        "fulfillment-channel": "Amazon",
        "sales-channel": "Amazon.com",
        "sku": "MUG",
        "asin": "A",
        "quantity": "1",
        "currency": "USD",
        "item-price": "10.00",
    }
    older = {**row, "last-updated-date": "2026-06-06T10:00:00+00:00"}
    newer = {**row, "last-updated-date": "2026-06-08T10:00:00+00:00", "order-item-id": "I1"}
    files = [
        Download(LINE, (older,), "2026-06-06"),
        Download((*LINE, "order-item-id"), (newer,), "2026-06-08"),
    ]
    with log_of(files) as one, log_of(files[::-1]) as another:
        again = imported(one, files[1], more=b"\r\n")

        assert _slots(one) == _slots(another) != []
        assert _slots(one)[0].startswith("order-item:")
        assert (again.new, again.revised, again.entries) == (0, 0, 1)


def _slots(log: Log) -> list[str]:
    order = order_stream("111-0000001-0000001")
    return [line.ref.slot for line in fold(order, log.entries(order)).lines]
