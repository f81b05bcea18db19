"""The command `returns-ledger`: finds the command asked for, says what went wrong, and ends."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import zip_longest
from time import perf_counter
from typing import Any, Final

import click
from click.exceptions import NoSuchCommand
from click.shell_completion import CompletionItem

from cli import VERSION
from cli.commands import COMMANDS
from cli.options import global_options
from cli.session import Session, print_safely
from ledger.errors import LedgerError

FINE: Final = 0
ERROR: Final = 1
USAGE: Final = 2
STOPPED: Final = 130
"""As a shell says of a program that Ctrl-C has ended."""
UNHEARD: Final = 141
"""As a shell says of a program whose reader has gone away."""


class ReaderGone(Exception):
    """Nobody reads what is written: click would make an error of it."""


class Commands(click.Group):
    """The commands, each imported when it is asked for: help and TAB need none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for listed in COMMANDS:
            if listed.name == cmd_name:
                command: click.Command = import_module(listed.module).command
                return command
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        names = self.list_commands(ctx)
        if not ctx.resilient_parsing and args[0] not in names and not args[0].startswith("-"):
            raise NoSuchCommand(args[0], possibilities=names, ctx=ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in dict.fromkeys(command.section for command in COMMANDS):
            with formatter.section(section):
                formatter.write_dl(
                    [(listed.name, listed.help) for listed in COMMANDS if listed.section == section]
                )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = [
            CompletionItem(listed.name, help=listed.help)
            for listed in COMMANDS
            if listed.name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with `returns-ledger demo`, or with `returns-ledger import FOLDER`. "
    "Exit codes: 0 fine, 1 error, 2 usage, 3 there is something to act on.",
)
@global_options
@click.version_option(VERSION, prog_name="returns-ledger")
@click.pass_obj
def program(session: Session) -> None:
    """Returns on Amazon: what to do, until when, who bears which cost, and what Amazon owes you.

    Worked out from your reports and your own word, by dated rules, on a log that cannot be changed.
    """
    session.command = click.get_current_context().invoked_subcommand or ""


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], session: Session | None = None) -> int:
    """Do what the arguments ask; every error is said here, on standard error, and nowhere else."""
    started = perf_counter()
    _write_any_letter()
    session = session or Session()
    code = ERROR
    try:
        code = _invoke(arguments, session)
        sys.stdout.flush()
    except (ReaderGone, BrokenPipeError):
        code = _leave_quietly()
    finally:
        if session.command and session.opened:
            from cli.logs import write_line

            write_line(session, exit_code=code, seconds=perf_counter() - started)
    return code


def _invoke(arguments: Sequence[str], session: Session) -> int:
    try:
        answered = program.main(
            list(arguments),
            prog_name="returns-ledger",
            complete_var="_RETURNS_LEDGER_COMPLETE",
            standalone_mode=False,
            obj=session,
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        print_safely("stopped. Nothing half-done was recorded; what was finished before is kept.")
        return STOPPED
    except LedgerError as error:
        say(*session.failures, error)
        return ERROR
    say(*session.failures)
    if session.left_out:
        return ERROR
    return answered if isinstance(answered, int) else FINE


def say(*errors: LedgerError) -> None:
    """Each cause, and the next thing to do; advice that several share is given once."""
    for error, following in zip_longest(errors, errors[1:]):
        print_safely(f"error: {error}")
        advice = error.advice()
        if advice and (following is None or following.advice() != advice):
            print_safely(f"→ {advice}")


def _leave_quietly() -> int:
    """Whoever read the answer has seen enough: no word of it, now or while Python ends."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    return UNHEARD


# --- letters that a terminal cannot show ------------------------------------------------------

_PLAIN: Final = {
    "→": "->",
    "…": "...",
    "—": "-",
    "─": "-",
    "━": "-",
    "·": "-",
    "✓": "ok",
    "✗": "x",
    "█": "#",
}


def _plainly(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    plain = "".join(
        _PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode()
        for letter in letters
    )
    return plain, error.end


def _write_any_letter() -> None:
    """Whatever the terminal's encoding, no letter of ours is an error."""
    codecs.register_error("plainly", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plainly")


if __name__ == "__main__":
    main()
