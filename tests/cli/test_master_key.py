"""Where the master key comes from, and when it is refused."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import keyring
import pytest
from keyring.backend import KeyringBackend

from cli.master_key import ENVIRONMENT, master_key
from cli.session import now
from cli.workspace import Workspace
from ledger.errors import LedgerError, StoreTrouble

KEY = bytes(range(220, 252))


def test_the_file_is_made_on_first_use_and_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    key = master_key(folder, in_keyring=False)

    assert len(key) == 32
    assert key == master_key(folder, in_keyring=False)
    assert stat.S_IMODE((folder / "master.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [folder / "master.key"] == list(folder.iterdir())


def test_several_that_are_first_at_once_draw_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as several:
        drawn = set(several.map(lambda _: master_key(tmp_path, in_keyring=False), range(8)))

    assert len(drawn) == 1


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o602])
def test_a_file_that_others_may_read_or_change_is_refused_with_advice(
    tmp_path: Path, mode: int
) -> None:
    master_key(tmp_path, in_keyring=False)
    (tmp_path / "master.key").chmod(mode)
    with pytest.raises(StoreTrouble, match="others may read or change") as error:
        master_key(tmp_path, in_keyring=False)

    assert "chmod 600" in error.value.advice()


@pytest.mark.parametrize(
    "told", [KEY.hex(), base64.b64encode(KEY).decode(), base64.urlsafe_b64encode(KEY).decode()]
)
def test_the_environment_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv(ENVIRONMENT, f"{told}\n")

    assert KEY == master_key(tmp_path, in_keyring=True)
    assert not list(tmp_path.iterdir())


def test_what_is_no_key_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, "hunter2")
    with pytest.raises(LedgerError, match="no master key") as error:
        master_key(tmp_path, in_keyring=False)

    assert "hunter2" not in f"{error.value}{error.value.advice()}"


class Kept(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    kept: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


def test_the_keyring_keeps_it_where_the_settings_say_so(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    (tmp_path / "config.toml").write_text('master_key = "keyring"\n')
    keyring.set_keyring(Kept())  # type: ignore[no-untyped-call]
    try:
        with Workspace(tmp_path, None, now).keystore("us") as keys:
            token = keys.seal("order/1", b"words", b"")
            assert not (tmp_path / "master.key").exists()
        with Workspace(tmp_path, None, now).keystore("us") as keys:
            assert b"words" == keys.unseal("order/1", token, b"", field="comment", why="asked")
    finally:
        keyring.set_keyring(before)


def test_keys_lie_in_the_home_or_where_the_option_the_settings_say(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()

    assert home / "accounts/us/keys.db" == Workspace(home, None, now).keystore("us").path
    (home / "config.toml").write_text(f"keys = {str(elsewhere)!r}\n")
    assert elsewhere / "accounts/us/keys.db" == Workspace(home, None, now).keystore("us").path
    third = tmp_path / "third"
    assert third / "accounts/us/keys.db" == Workspace(home, None, now, third).keystore("us").path


def test_who_may_write_nothing_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file, where a folder should be")
    with pytest.raises(StoreTrouble):
        master_key(tmp_path / "keys", in_keyring=False)
    assert [tmp_path / "keys"] == list(tmp_path.iterdir())
