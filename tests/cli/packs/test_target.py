"""A pack is written beside its place and moved there whole; the same files give the same bytes."""

from __future__ import annotations

import stat
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from cli.packs.target import Target, folder_or_zip
from ledger.errors import LedgerError
from tests import forking

FILES = {
    "views/status.csv": b"order_id\n" * 1000,
    "manifest.note": b"signed",
    "dossier.pdf": b"%PDF" * 1000,
    "checkpoint": b"",
    "manifest.json": b"{}",
}


def filled(output: Path) -> Target:
    target = folder_or_zip(output)
    for path, data in FILES.items():
        with target.open(path) as file:
            file.write(data[:10])
            file.write(data[10:])
    return target


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def published(output: Path) -> Path:
    target = filled(output)
    try:
        target.finish()
    finally:
        target.discard()
    return output


def test_a_zip_has_the_manifest_first_and_nothing_of_the_wall_clock(tmp_path: Path) -> None:
    with zipfile.ZipFile(published(tmp_path / "pack.zip")) as read:
        infos = read.infolist()

        assert [info.filename for info in infos] == [
            "manifest.json",
            "manifest.note",
            "checkpoint",
            "dossier.pdf",
            "views/status.csv",
        ]
        assert {(info.date_time, info.extra, info.comment) for info in infos} == {
            ((1980, 1, 1, 0, 0, 0), b"", b"")
        }
        assert {stat.filemode(info.external_attr >> 16) for info in infos} == {"-rw-r--r--"}
        kinds = {info.filename: info.compress_type for info in infos}
        assert kinds["dossier.pdf"] == zipfile.ZIP_STORED
        assert kinds["views/status.csv"] == zipfile.ZIP_DEFLATED
        assert read.testzip() is None


def test_the_same_files_give_the_same_zip(tmp_path: Path) -> None:
    first, second = published(tmp_path / "one.zip"), published(tmp_path / "another.zip")

    assert first.read_bytes() == second.read_bytes()


def test_a_folder_holds_the_same_files_as_a_zip(tmp_path: Path) -> None:
    folder = published(tmp_path / "pack")
    with zipfile.ZipFile(published(tmp_path / "pack.zip")) as read:
        zipped = {name: read.read(name) for name in read.namelist()}

    assert FILES == zipped
    assert FILES == {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_each_file_is_counted_and_hashed_as_it_is_written(tmp_path: Path) -> None:
    target = filled(tmp_path / "pack")
    with target.place("views/status.parquet") as place:
        place.write_bytes(b"PAR1")
    target.discard()
    expected = {**FILES, "views/status.parquet": b"PAR1"}

    assert {path: (len(data), sha256(data).hexdigest()) for path, data in expected.items()} == {
        path: (written.bytes, written.sha256) for path, written in target.files.items()
    }


def test_what_is_handed_out_is_its_owners_alone_until_he_gives_it_away(tmp_path: Path) -> None:
    folder, file = published(tmp_path / "pack"), published(tmp_path / "pack.zip")

    assert [0o700, 0o600, 0o600] == [
        stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "checkpoint", file)
    ]


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_nothing_is_written_over(tmp_path: Path, name: str) -> None:
    published(tmp_path / name)

    with pytest.raises(LedgerError, match="nothing is written over"):
        folder_or_zip(tmp_path / name)


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_what_somebody_else_has_put_there_meanwhile_stays(tmp_path: Path, name: str) -> None:
    target = filled(tmp_path / name)
    (tmp_path / name).mkdir()
    (tmp_path / name / "theirs").touch()

    with pytest.raises(LedgerError, match="nothing was"):
        target.finish()
    target.discard()

    assert [name] == names(tmp_path)
    assert ["theirs"] == names(tmp_path / name)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="does not exist"):
        folder_or_zip(tmp_path / "nowhere" / "pack.zip")


@pytest.mark.parametrize("path", ["../out", "/out", "a//b", "a/../../out", "VIEWS/status.csv"])
def test_no_file_leads_out_of_a_pack_or_takes_anothers_place(tmp_path: Path, path: str) -> None:
    target = filled(tmp_path / "pack")

    with pytest.raises(AssertionError), target.open(path):
        pass
    target.discard()


FILLING_UP = """\
import resource, sys
from pathlib import Path
from cli.packs.target import folder_or_zip
from ledger.errors import LedgerError

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
target = folder_or_zip(Path(sys.argv[1]))
try:
    for number in range(int(sys.argv[2])):
        with target.open(f"{number}.pdf") as file:
            for _ in range(int(sys.argv[3])):
                file.write(bytes(1000))
    target.finish()
except LedgerError as error:
    print(error, error.advice())
finally:
    target.discard()
"""


@pytest.mark.parametrize(
    ("name", "files", "kilobytes"), [("pack", 1, 200), ("pack.zip", 1, 200), ("pack.zip", 5, 90)]
)
def test_a_full_disk_leaves_no_half_of_it(
    tmp_path: Path, name: str, files: int, kilobytes: int
) -> None:
    """While a file is written, and while what was written is put into the .zip."""
    said = subprocess.run(
        [*forking.python(), "-c", FILLING_UP, tmp_path / name, str(files), str(kilobytes)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "it cannot be written, and nothing was: File too large" in said.stdout
    assert "Make room" in said.stdout
    assert [] == names(tmp_path)
