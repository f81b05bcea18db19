"""A report with its personal cells sealed is read as before, opens to what was delivered, and forgets for good."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError, StoreTrouble, UnreadableRow
from ledger.events import BY_TOPIC
from ledger.keystore import KeyStore
from ledger.reading import Statement, read_file
from ledger.report import identify
from ledger.reports import REPORT_FORMATS
from ledger.sealing import (
    ERASED,
    is_sealed_whole,
    opened_original,
    sealed_report,
    sealed_whole,
    subjects_in,
)
from ledger.store import Log, Original, lines_of, open_log
from ledger.table import read_table

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
ORDER, OTHER = "302-1234567-1234567", "302-7654321-7654321"
HEADER = (
    "return-date",
    "order-id",
    "sku",
    "asin",
    "fnsku",
    "product-name",
    "quantity",
    "fulfillment-center-id",
    "detailed-disposition",
    "reason",
    "status",
    "license-plate-number",
    "customer-comments",
)
COMMENT = HEADER.index("customer-comments")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyStore]:
    path = tmp_path_factory.mktemp("keys") / "keys.db"
    with KeyStore(path, master=lambda: bytes(32), clock=lambda: MOMENT) as made:
        yield made


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def row(comment: str, order: str = ORDER, title: str = "Mug") -> list[str]:
    told = ["2026-06-02T10:00:00+00:00", order, "SKU-1", "B000000001", "X000000001", title, "1"]
    return [*told, "FRA3", "SELLABLE", "UNWANTED_ITEM", "Unit returned to inventory", "", comment]


def plain(*rows: list[str], end: str = "\r\n") -> str:
    return "".join("\t".join(cells) + end for cells in (list(HEADER), *rows))


def quoted(*rows: list[str], end: str = "\r\n", delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=end, delimiter=delimiter)
    writer.writerows([HEADER, *rows])
    return out.getvalue()


def rows_of(data: bytes) -> list[tuple[int, list[str]]]:
    return [one for one in read_table(data, "f").rows() if not isinstance(one, UnreadableRow)]


def said(place: str) -> Statement:
    return Statement(actor="seller", command_id="test", marketplace=place, keep_going=True)


def seal(data: bytes, keys: KeyStore | None) -> Original:
    table = read_table(data, "june.txt")
    form = identify(table, REPORT_FORMATS)
    return sealed_report(data, digest_of(data), table, form, keys)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """An empty log: to nothing in it was a file attached."""
    url = f"sqlite:///{tmp_path_factory.mktemp('log')}/ledger.db"
    made = open_log(url, "seller", event_types=BY_TOPIC, clock=lambda: MOMENT)
    yield made
    made.close()


def opened(log: Log, kept: Original, keys: KeyStore) -> tuple[bytes, int]:
    done = opened_original(log, keys, kept.digest, kept.content, "test")
    return done.content, done.erased


# --- what is kept -----------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("write", [plain, quoted])
def test_a_comment_is_sealed_and_everything_else_stays(
    log: Log, keys: KeyStore, write: object, encoding: str, end: str
) -> None:
    text = (plain if write is plain else quoted)(
        row("Erika Müller sagt: zu groß"), row("", OTHER), row("again Erika Müller"), end=end
    )
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    data = mark + text.encode(encoding)
    kept = seal(data, keys)
    told, held = rows_of(data), rows_of(kept.content)

    assert kept.sealed == digest_of(kept.content) != kept.digest == digest_of(data)
    assert "Erika" not in read_table(kept.content, "f").text
    assert [cells[:COMMENT] for _, cells in told] == [cells[:COMMENT] for _, cells in held]
    assert [cells[COMMENT][:7] for _, cells in held] == ["sealed:", "", "sealed:"]
    assert len(list(lines_of(data))) == len(list(lines_of(kept.content)))
    assert (data, 0) == opened(log, kept, keys)
    assert {f"order/{ORDER}"} == subjects_in(kept.content, kept.digest)


def test_a_file_without_anything_personal_is_kept_as_it_was_delivered(
    log: Log, keys: KeyStore
) -> None:
    data = plain(row(""), row("  ", OTHER)).encode()

    assert Original(digest_of(data), len(data), data) == seal(data, keys)


def test_a_comment_over_several_lines_keeps_its_lines(log: Log, keys: KeyStore) -> None:
    data = quoted(row('He said ""no"",\r\n\r\nthen left; Erika'), row("short", OTHER)).encode()
    kept = seal(data, keys)

    assert [line for line, _ in rows_of(data)] == [line for line, _ in rows_of(kept.content)]
    assert b"Erika" not in kept.content
    assert (data, 0) == opened(log, kept, keys)


def test_a_column_that_nobody_knows_is_sealed_too(log: Log, keys: KeyStore) -> None:
    cells = [[*HEADER, "buyer-nickname"], [*row(""), "rikchen71"]]
    data = "".join("\t".join(one) + "\n" for one in cells).encode()

    assert b"rikchen71" not in seal(data, keys).content


def test_a_row_that_cannot_be_split_is_sealed_with_all_it_holds(log: Log, keys: KeyStore) -> None:
    torn = [*row("call me"), "Erika Berg", "Elm Street 3"]
    data = plain(row("fine"), torn, row("", OTHER)).encode()
    kept = seal(data, keys)

    assert b"Erika" not in kept.content
    assert b"Elm" not in kept.content
    assert kept.content.count(OTHER.encode()) == 1
    assert (data, 0) == opened(log, kept, keys)


def test_broken_quoting_leaves_nothing_in_clear(log: Log, keys: KeyStore) -> None:
    lines = quoted(row("fine"), row("Erika Berg"), row("", OTHER)).splitlines(keepends=True)
    lines[2] = lines[2].replace('"Erika Berg"', '"Erika "Berg"')
    data = "".join(lines).encode()
    kept = seal(data, keys)

    assert b"Erika" not in kept.content
    assert not is_sealed_whole(kept.content)
    assert (data, 0) == opened(log, kept, keys)


def test_a_file_that_holds_what_looks_sealed_is_sealed_whole(log: Log, keys: KeyStore) -> None:
    data = plain(row("sealed:" + "A" * 40)).encode()
    kept = seal(data, keys)

    assert is_sealed_whole(kept.content)
    assert {f"file/{kept.digest}"} == subjects_in(kept.content, kept.digest)


def test_bytes_that_would_read_otherwise_once_sealed_are_sealed_whole(
    log: Log, keys: KeyStore
) -> None:
    """Only the comment shows that this is Windows-1252: without it the title would be read as UTF-8."""
    data = plain(row("gr\xfcn", title="Tass\xc3\xa9")).encode("latin-1")
    table = read_table(data, "f")
    kept = seal(data, keys)

    assert table.encoding == "cp1252"
    assert is_sealed_whole(kept.content)


def test_without_keys_it_is_sealed_for_nobody(log: Log, keys: KeyStore) -> None:
    data = plain(row("Erika Berg")).encode()
    kept = seal(data, None)

    assert b"Erika" not in kept.content
    with pytest.raises(LedgerError):
        opened(log, kept, keys)


def test_keys_that_were_lost_are_not_said_to_be_erased(
    log: Log, keys: KeyStore, tmp_path: Path
) -> None:
    kept = seal(plain(row("Erika Berg")).encode(), keys)
    with (
        KeyStore(tmp_path / "new.db", master=lambda: bytes(32), clock=lambda: MOMENT) as others,
        pytest.raises(StoreTrouble, match="keys of 1 of those"),
    ):
        opened(log, kept, others)


# --- erased -----------------------------------------------------------------------------------


def test_what_was_erased_opens_as_such_and_the_rest_as_it_was(log: Log, tmp_path: Path) -> None:
    with KeyStore(
        tmp_path / "keys.db",
        master=lambda: bytes(32),
        clock=lambda: MOMENT,
    ) as keys:
        data = plain(row("Erika was here"), row("so was I", OTHER)).encode()
        kept = seal(data, keys)
        keys.destroy([f"order/{ORDER}"])

        assert (data.replace(b"Erika was here", ERASED.encode()), 1) == opened(log, kept, keys)
        again = seal(data, keys)
        assert (data.replace(b"Erika was here", ERASED.encode()), 1) == opened(log, again, keys)


def test_two_tokens_that_changed_places_do_not_open(log: Log, keys: KeyStore) -> None:
    data = plain(row("one"), row("two")).encode()
    kept = seal(data, keys)
    lines = kept.content.split(b"\r\n")
    lines[1], lines[2] = lines[2], lines[1]
    with pytest.raises(LedgerError, match="cannot be opened"):
        opened(log, kept._replace(content=b"\r\n".join(lines)), keys)


def test_a_picture_is_sealed_as_one_token() -> None:
    kept = sealed_whole(b"\x89PNG and Erika", f"order/{ORDER}", None)

    assert is_sealed_whole(kept.content)
    assert kept.digest == digest_of(b"\x89PNG and Erika")


# --- whatever is in the cells -----------------------------------------------------------------

LETTERS = st.text(
    st.one_of(
        st.sampled_from("\t,;\"\r\n ab\u00e9\u00a0\u3042'"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
    ),
    max_size=12,
)
ROWS = st.lists(
    st.tuples(LETTERS, LETTERS, st.sampled_from([ORDER, OTHER, ""]), LETTERS), max_size=5
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    rows=ROWS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "cp932", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    style=st.sampled_from(["plain", "quoted", "raw"]),
    tail=st.sampled_from(["", "cut", "\n"]),
)
def test_whatever_stands_in_the_cells_nothing_personal_is_kept_in_clear_and_all_of_it_opens(
    log: Log,
    keys: KeyStore,
    rows: list[tuple[str, str, str, str]],
    encoding: str,
    end: str,
    style: str,
    tail: str,
) -> None:
    secret = "Qz7xW"
    told = [
        row(f"{secret}{left}{secret}{right}", order, title) for left, right, order, title in rows
    ]
    if any("sealed:" in one for one in map(str, rows)):
        return
    if style == "raw":  # quotation marks and separators wherever they fall
        text = (
            ",".join(f'"{one}"' for one in HEADER) + end + end.join(",".join(one) for one in told)
        )
    else:
        text = plain(*told, end=end) if style == "plain" else quoted(*told, end=end)
    data = (text + tail).encode(encoding, errors="replace")
    place = "JP" if encoding == "cp932" else "US"
    try:
        read = read_file(data, "f", said(place))
    except LedgerError:
        return  # nothing of it would be kept
    kept = sealed_report(
        data,
        read.digest,
        read.table,
        read.form,
        keys,
        refused=[one.row or 0 for one in read.refused],
        marketplace=place,
    )
    is_wide = kept.content.startswith(b"\xff\xfe")

    assert secret not in kept.content.decode("utf-16" if is_wide else "latin-1")
    assert not kept.sealed or (data, 0) == opened(log, kept, keys)
    if not is_sealed_whole(kept.content):
        again = read_file(kept.content, "f", said(place), digest=kept.digest)
        assert [msgspec.structs.replace(one, personal=()) for one in read.told] == [
            msgspec.structs.replace(one, personal=()) for one in again.told
        ]
        assert [one.row for one in read.refused] == [one.row for one in again.refused]
