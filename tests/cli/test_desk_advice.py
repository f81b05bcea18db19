"""What the program advises to type can be typed: the command is there, and so are its options."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import click
import pytest

from cli.main import program
from tests.test_tidy import modules, named, parsed

ADVISED = re.compile(r"`returns-ledger ([^`]+)`")


def advised() -> Iterator[tuple[str, str]]:
    """Where a command is named, and what stands behind the program's name."""
    for path in modules("ledger", "projections", "cli"):
        for node in ast.walk(parsed(path)):
            for words in ADVISED.findall(text_of(node)):
                yield named(path, getattr(node, "lineno", None)), words


def text_of(node: ast.AST) -> str:
    """The text of a string; what is filled in later is one word."""
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "WORD" for part in node.values]
        return "".join(map(str, parts))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def wrong(words: str) -> str:
    """Why this cannot be typed; empty where it can."""
    context = program.make_context("", ["--version"], resilient_parsing=True)
    command: click.Command = program
    options = [word.strip("[]") for word in words.split() if word.startswith(("-", "[-"))]
    rest = [word for word in words.split() if not word.startswith(("-", "["))]
    while isinstance(command, click.Group) and rest:
        found = command.get_command(context, rest[0])
        if found is None:
            return f"no command {rest[0]!r}"
        command = found
        rest = rest[1:]
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    missing = [option for option in options if option not in known and option != "--help"]
    return f"no option {', '.join(missing)}" if missing else ""


def test_every_command_that_is_advised_can_be_typed() -> None:
    cannot = [f"{where} `{words}`: {why}" for where, words in advised() if (why := wrong(words))]

    assert cannot == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("return grade WORD --condition used", ""),
        ("claim filed", "no command 'filed'"),
        ("appeal decided", "no command 'appeal'"),
        ("return grade WORD --state used", "no option --state"),
    ],
)
def test_what_cannot_be_typed_is_seen(words: str, why: str) -> None:
    assert wrong(words) == why
