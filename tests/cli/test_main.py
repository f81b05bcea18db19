"""The program as a whole: help, errors, exit codes, and what it leaves alone."""

from __future__ import annotations

import signal
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cli import VERSION
from cli.commands import COMMANDS, Listed
from cli.main import program
from tests.cli.terminal import HEAVY, ended, environment, imported, started, typed
from tests.registries import ROOT
from tests.story import ORDER, refunded, returned, sold

every_command = pytest.mark.parametrize("listed", COMMANDS, ids=str)


def test_without_arguments_it_shows_its_help_and_ends_2() -> None:
    said = typed()

    assert said.code == 2
    assert "Usage: returns-ledger" in said.out + said.err


def test_the_version_is_that_of_the_package() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        packaged = tomllib.load(file)["project"]["version"]

    assert packaged == VERSION
    assert f"returns-ledger, version {packaged}\n" == typed("--version").out


def test_help_names_every_command_with_its_one_line() -> None:
    shown = " ".join(typed("--help").out.split())

    assert [one.name for one in COMMANDS if f"{one.name} {one.help}" not in shown] == []


@pytest.mark.parametrize(
    ("command", "life"),
    [
        ("order", ["tell", "dispatch", "deliver"]),
        ("return", ["request", "authorize", "label", "scan", "receive", "grade"]),
        ("claim", ["file", "asked", "answer", "decide", "appeal", "paid"]),
        ("rules", ["list", "search", "show"]),
    ],
)
def test_a_commands_own_commands_stand_in_the_order_of_the_trade(
    command: str, life: list[str]
) -> None:
    listed = typed(command, "--help").out.partition("Commands:")[2].splitlines()
    first_words = [line.split()[0] for line in listed if line.startswith("  ") and line.split()]

    assert [word for word in first_words if word in life] == life


@every_command
def test_the_one_line_is_that_of_the_commands_own_help(listed: Listed) -> None:
    command = program.get_command(
        program.make_context("", ["--version"], resilient_parsing=True), listed.name
    )

    assert command is not None
    assert command.name == listed.name
    assert command.get_short_help_str(limit=200) == listed.help


@every_command
def test_every_command_has_help_of_its_own(listed: Listed) -> None:
    said = typed(listed.name, "--help")

    assert said.code == 0
    assert f"Usage: returns-ledger {listed.name}" in said.out


# --- fast -------------------------------------------------------------------------------------

LISTENING = """
import sys
from cli.main import run
try:
    run(sys.argv[1:])
finally:
    sys.stdout.flush()
    print(*sys.modules, file=sys.stderr)
"""


def modules_imported(*arguments: str, **settings: str) -> set[str]:
    """Everything that the program imports to answer."""
    said = ended(started(*arguments, environment=settings, program=("-c", LISTENING)))
    named = said.err.split()
    found = {*named, *(name.partition(".")[0] for name in named)}
    assert "click" in found
    return found


def completing(words: str) -> dict[str, str]:
    """What a shell sets when TAB is pressed behind these words."""
    return {
        "_RETURNS_LEDGER_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }


@pytest.mark.parametrize(
    "arguments", [["--help"], *([one.name, "--help"] for one in COMMANDS)], ids=" ".join
)
def test_help_imports_nothing_that_takes_long(arguments: list[str]) -> None:
    assert modules_imported(*arguments) & HEAVY == set()


@pytest.mark.parametrize(
    "words",
    [
        "returns-ledger ",
        "returns-ledger audit --account ",
        "returns-ledger due --marketplace ",
        "returns-ledger doctor ",
        "returns-ledger draft write ",
    ],
)
def test_completion_imports_nothing_that_takes_long(words: str) -> None:
    assert modules_imported(**completing(words)) & HEAVY == set()


@pytest.mark.parametrize("command", ["story", "status"])
def test_a_ledger_in_files_reads_nothing_of_servers(tmp_path: Path, command: str) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"))
    found = modules_imported(command, ORDER)

    assert "ledger.store" in found
    assert {"psycopg", "sqlalchemy.dialects.postgresql"} & found == set()


def completions(words: str) -> list[str]:
    said = ended(started(environment=completing(words)))
    return [line.partition(",")[2] for line in said.out.splitlines()]


def test_commands_options_and_accounts_complete(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"), account="northwind")

    assert completions("returns-ledger exp") == ["explain", "export"]
    assert completions("returns-ledger audit --cl") == ["--claim-type"]
    assert completions("returns-ledger audit --account n") == ["northwind"]
    assert completions("returns-ledger status --marketplace U") == ["US", "UK"]
    assert completions("returns-ledger draft write safe") == ["safe_t_appeal", "safe_t_claim"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_be_told_how_to_complete(shell: str) -> None:
    said = ended(started(environment={"_RETURNS_LEDGER_COMPLETE": f"{shell}_source"}))

    assert said.code == 0
    assert "_RETURNS_LEDGER_COMPLETE" in said.out


# --- errors -----------------------------------------------------------------------------------


def test_a_mistyped_command_is_a_usage_error_that_names_the_nearest() -> None:
    said = typed("adit")

    assert said.code == 2
    assert "Did you mean 'audit'" in said.err


def test_an_error_says_the_cause_and_what_to_do_and_shows_no_traceback() -> None:
    said = typed("status")

    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "error: nothing has been imported yet\n"
        "→ Import a folder of downloaded reports: `returns-ledger import FOLDER`. "
        "Or see what it does first: `returns-ledger demo`.\n"
    )


def test_advice_that_several_errors_share_is_given_once(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(b"")
    said = typed("import", tmp_path / "a.txt", tmp_path / "b.txt")

    assert said.code == 1
    assert [line[:6] for line in said.err.splitlines()] == ["error:", "error:", "→ Down"]


def test_what_could_steer_a_terminal_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    said = typed("import", tmp_path / "\x1b[2J.txt")

    assert said.code == 1
    assert "\x1b" not in said.err
    assert r"\x1b[2J.txt" in said.err


def test_ctrl_c_ends_130_with_a_word_that_nothing_is_half_done(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"))

    def interrupted() -> Any:
        raise KeyboardInterrupt

    said = typed("status", clock=interrupted)

    assert said.code == 130
    assert said.err.splitlines()[-1].startswith("stopped. Nothing half-done was recorded")


@pytest.mark.parametrize("form", ["table", "ndjson"])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, form: str) -> None:
    """As `head` does when it has seen enough."""
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"))
    process = started("status", "--format", form)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.wait(timeout=60)
    with process.stderr as errors:
        assert errors.read() == b""

    assert process.returncode == 128 + signal.SIGPIPE


# --- letters ----------------------------------------------------------------------------------


def test_a_terminal_that_knows_no_letters_but_ascii_is_served(tmp_path: Path) -> None:
    imported(tmp_path / "files", returned(ORDER, "2026-06-20", sku="Größe→M"))
    said = typed("status", "--format", "table", encoding="ascii")

    assert said.code == 0
    assert r"Gr\xf6\xdfe->M" in said.out
    assert "-> What Amazon owes" in said.out


def test_json_is_utf_8_whatever_the_terminal_knows(tmp_path: Path) -> None:
    imported(tmp_path / "files", returned(ORDER, "2026-06-20", sku="Größe"))
    said = ended(
        started(
            "status", "--format", "json", environment={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
        )
    )

    assert said.code == 0
    assert said.json["rows"][0]["sku"] == "Größe"


# --- global options ---------------------------------------------------------------------------


def test_global_options_may_stand_before_the_command_or_behind_it(tmp_path: Path) -> None:
    imported(tmp_path / "files", refunded(ORDER, "2026-06-10"))

    before = typed("--format", "json", "status").json
    behind = typed("status", "--format", "json").json

    assert before["rows"] == behind["rows"]
    assert typed("account", "list", "--home", tmp_path / "elsewhere").rows == []


def test_the_home_may_be_named_by_the_environment(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"))
    with environment(RETURNS_LEDGER_HOME=str(tmp_path / "elsewhere")):
        assert typed("account", "list").rows == []

    assert [row["account"] for row in typed("account", "list").rows] == ["seller"]
