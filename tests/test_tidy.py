"""What no linter knows of: the manners of this repository."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ledger", "projections", "cli", "tests")
LINES_MAX = 70
BYTES_MAX = 1_000_000

# Put together here, so that this file does not find itself.
# In quotation marks the last of them is a currency: ISO 4217's code for none.
LEFTOVERS = re.compile(
    r"""(?<!["'])\b(?:""" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b"
)
FOLDERS_OF_A_MACHINE = ("home", "root", "Users", "tmp", "work", "opt")
A_MACHINES_PATH = re.compile(r"(?<![\w.~-])/(?:" + "|".join(FOLDERS_OF_A_MACHINE) + r")/\w")

CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "os.environ",
    "os.environb",
    "os.getenv",
}
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
REFERENCE = re.compile(r"^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def committed() -> tuple[Path, ...]:
    """Every file of the repository, and those about to be added to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:  # not a clone: an unpacked source distribution
        found = (path for path in ROOT.rglob("*") if path.is_file())
        return tuple(path for path in found if not _hidden(path))
    names = listed.stdout.decode().split("\0")
    return tuple(sorted({ROOT / name for name in names if name and (ROOT / name).is_file()}))


def _hidden(path: Path) -> bool:
    """Made by a tool: inside a folder such as .venv, or a cache."""
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def modules(*packages: str) -> tuple[Path, ...]:
    """The Python files of these packages, but not those among the samples."""
    return tuple(
        path
        for path in committed()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in packages
        and "samples" not in path.parts
    )


def own_words() -> Iterator[tuple[Path, str]]:
    """Every text we wrote ourselves; a report in the samples says what Amazon says."""
    for path in committed():
        parts = path.relative_to(ROOT).parts
        if parts[:2] in (("tests", "samples"), ("tests", "history")) or path.name == "LICENSE":
            continue
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def named(path: Path, line: int | None = None) -> str:
    """Where it is, as an editor understands it."""
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def places(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """The numbers and words of the lines in which the pattern is found."""
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            yield number, line.strip()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_every_module_says_what_it_is_in_one_sentence() -> None:
    unsaid = [
        named(path)
        for path in modules(*PACKAGES)
        if not (ast.get_docstring(parsed(path)) or "").partition("\n")[0].endswith(".")
    ]

    assert unsaid == [], "the first line of the docstring is a sentence with a full stop"


def test_the_ledger_and_its_projections_read_no_clock_and_no_environment() -> None:
    """The day and the settings are passed in, so that every answer can be had again."""
    read = [
        f"{named(path, line)} {name}"
        for path in modules("ledger", "projections")
        for line, name in clock_reads(parsed(path))
    ]

    assert read == []


def clock_reads(tree: ast.AST) -> list[tuple[int, str]]:
    """The clock and environment reads in a module, under whatever name they were imported."""
    called = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } | {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.asname
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, _, rest = ast.unparse(node).partition(".")
            name = ".".join(filter(None, (called.get(first, first), rest)))
            short = ".".join(name.split(".")[-2:])
            if short in CLOCKS:
                found.append((node.lineno, short))
    return found


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\nx = datetime.datetime.now()",
        "from datetime import datetime as moment\nx = moment.now(UTC)",
        "from datetime import date\nx = date.today()",
        "from time import time\nx = time()",
        "import time as t\nx = t.time()",
        "from os import environ\nx = environ['HOME']",
        "import os\nx = os.getenv('HOME')",
    ],
)
def test_a_clock_is_seen_under_any_name(source: str) -> None:
    assert [line for line, _ in clock_reads(ast.parse(source))] == [2]


def test_no_function_is_longer_than_a_screen() -> None:
    longest = [
        f"{named(path, node.lineno)} {node.name}: {size} lines"
        for path in modules("ledger", "projections", "cli")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or node.lineno) - node.lineno + 1) > LINES_MAX
    ]

    assert longest == [], "look for the second thing in it"


def test_nothing_is_left_for_later() -> None:
    left = [
        f"{named(path, line)} {words}"
        for path, text in own_words()
        for line, words in places(LEFTOVERS, text)
    ]

    assert left == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    told = [
        f"{named(path, line)} {words}"
        for path, text in own_words()
        for line, words in places(A_MACHINES_PATH, text)
    ]

    assert told == []


def test_no_file_is_larger_than_a_megabyte() -> None:
    large = [named(path) for path in committed() if path.stat().st_size > BYTES_MAX]

    assert large == []


def pages() -> tuple[Path, ...]:
    return tuple(path for path in committed() if path.suffix == ".md" and path.name != "LICENSE")


def links(page: Path) -> Iterator[str]:
    """What a page links to inside the repository, anchors left off; code is no link."""
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    for target in (*LINK.findall(text), *REFERENCE.findall(text)):
        if not re.match(r"[a-z][a-z0-9+.-]*:|#", target):
            yield target.partition("#")[0]


def test_links_lead_somewhere() -> None:
    dead = [
        f"{named(page)} -> {target}"
        for page in pages()
        for target in links(page)
        if not (page.parent / target).exists()
    ]

    assert dead == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.is_file():
            continue
        reached.add(page)
        linked = [(page.parent / target).resolve() for target in links(page)]
        waiting += [target for target in linked if target.suffix == ".md"]
    unreached = [
        named(page)
        for page in pages()
        if page not in reached and page.relative_to(ROOT).parts[0] == "docs"
    ]

    assert unreached == [], "link the page from README.md, or from a page that is linked"


def test_the_lock_has_every_dependency_by_its_hash_and_names_no_index() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    wanted = {
        re.split(r"[^\w.-]", requirement)[0].lower()
        for requirement in (*project["dependencies"], *project["optional-dependencies"]["dev"])
    }
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    hashed = set(re.findall(r"^([\w.-]+)==[^\n]*\\\n +--hash=sha256:\w{64}", lock, re.MULTILINE))

    assert wanted - locked == set(), "make lock"
    assert locked - hashed == set(), "a version without a hash"
    assert re.findall(r"://|--index|--find-links|file:", lock) == []
