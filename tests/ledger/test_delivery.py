"""What is handed in: unpacked, decoded, or refused by what it is instead."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable

import pytest

from ledger import delivery
from ledger.delivery import clip, decoded, unpacked
from ledger.errors import UnreadableFile

TEXT = "order-id\tsku\r\n111-0000001-0000001\tMUG\r\n"


def zipped(members: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return archive.getvalue()


def test_a_plain_file_is_itself() -> None:
    assert unpacked(b"a\tb\n", "june.txt") == [("june.txt", b"a\tb\n")]


def test_a_compressed_file_is_known_by_its_bytes() -> None:
    """The API says it by a field, and a program on the way may have unpacked it already."""
    assert unpacked(gzip.compress(b"a\tb\n"), "june.txt") == [("june.txt", b"a\tb\n")]
    assert unpacked(gzip.compress(b"a\tb\n"), "june.txt.gz") == [("june.txt", b"a\tb\n")]


def test_an_archive_gives_its_files_in_the_order_of_their_names() -> None:
    data = zipped({"b.txt": b"2", "folder/": b"", "folder/a.csv.gz": gzip.compress(b"1")})

    assert unpacked(data, "2026.zip") == [
        ("2026.zip/b.txt", b"2"),
        ("2026.zip/folder/a.csv", b"1"),
    ]


def test_what_an_operating_system_adds_to_an_archive_is_no_report() -> None:
    data = zipped({"a.txt": b"1", "__MACOSX/._a.txt": b"x", "folder/.DS_Store": b"x"})

    assert unpacked(data, "2026.zip") == [("2026.zip/a.txt", b"1")]


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"a.txt": data})])
def test_what_unpacks_without_end_is_refused(
    pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "BYTES_MAX", 999)

    assert len(unpacked(pack(b"x" * 999), "a")) == 1
    with pytest.raises(UnreadableFile, match="unpacks to more than 999 bytes"):
        unpacked(pack(b"x" * 1000), "a")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8-sig"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
        (TEXT.replace("MUG", "CAFÉ").encode(), "utf-8-sig"),
        (TEXT.replace("MUG", "CAFÉ").encode("cp1252"), "cp1252"),
        (TEXT.replace("MUG", "a\xa0b").encode("cp1252"), "cp1252"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
    ],
)
def test_the_encoding_is_found_in_the_bytes(data: bytes, encoding: str) -> None:
    assert decoded(data, "june.txt", None)[0] == encoding
    assert decoded(data, "june.txt", None)[1].startswith("order-id\tsku")


def test_japanese_is_tried_first_where_japan_is_stated() -> None:
    """The same bytes are text in both, and only the store tells which."""
    data = "商品\t数量\n".encode("cp932")

    assert decoded(data, "june.txt", "JP") == ("cp932", "商品\t数量\n")
    assert decoded("é\t1\n".encode(), "june.txt", "JP")[1] == "é\t1\n"


def test_japanese_that_is_no_western_text_needs_no_statement() -> None:
    assert decoded("数量 ー\n".encode("cp932"), "june.txt", None) == ("cp932", "数量 ー\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"\xff\xd8\xff\xe0", "a JPEG picture"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook of the old kind"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"ab\x00c", "binary"),
        (b"\xef\xbb\xbf  <!DOCTYPE HTML><html>", "a web page"),
        (b"\n<Envelope/>", "an XML document"),
        (b' {"a": 1}', "JSON"),
        ("ab".encode("utf-16-le"), "UTF-16 without the mark"),
        ("ab".encode("utf-16-be"), "UTF-16 without the mark"),
        (TEXT.encode("utf-32"), "UTF-32"),
        (b"\x00\x00\xfe\xff" + TEXT.encode("utf-32-be"), "UTF-32"),
        (TEXT.encode("utf-32-le"), "UTF-32"),
        (TEXT.encode("utf-32-be"), "UTF-32"),
        (b"\x00" * 8, "binary|UTF-16"),
        (b"\xff\xfea", "no text in UTF-16"),
    ],
)
def test_what_is_no_report_is_called_what_it_is(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message) as caught:
        decoded(data, "june.txt", None)
    assert caught.value.file == "june.txt"
    assert caught.value.advice()


def test_bytes_that_are_no_text_are_shown_with_their_line() -> None:
    with pytest.raises(UnreadableFile) as caught:
        decoded(b"order-id\nMUG\n\x81 \n", "june.txt", None)
    assert (caught.value.row, caught.value.found) == (3, "byte 0x81")


def test_a_long_value_is_shown_by_its_beginning_and_its_length() -> None:
    assert clip("short") == "short"
    assert clip("x" * 2000, 3) == "xxx... (2,000 characters)"
