"""The examples of the documentation do what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import doc_runner
from tests.registries import ROOT

PAGES = tuple(
    page
    for page in sorted((ROOT / "README.md", *(ROOT / "docs").rglob("*.md")))
    if page.is_file()
    and any(b.language in ("console", "python") for b in doc_runner.blocks(page.read_text("utf-8")))
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_examples_print_what_the_page_says(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = doc_runner.outcomes(page, tmp_path)
    if request.config.getoption("--regenerate"):
        failed = [one.wrong() for one in done if one.exit_code not in one.step.exit_codes]
        assert failed == [], "\n\n".join(failed)
        text = page.read_text("utf-8")
        page.write_text(doc_runner.rewritten(text, done), encoding="utf-8")
        return
    wrong = [words for outcome in done if (words := outcome.wrong())]

    assert wrong == [], "\n\n".join(wrong)


EXAMPLE = """\
```console
$ echo one two; echo three
one ...
...
$ mkdir folder && cd folder
$ ls ..
folder
```

```console exit=1
$ ls nowhere && echo found \\
>   || python -c 'import sys; print(sys.stdout.isatty()); sys.exit("no such folder")'
...True
no such ...
```

```python
from pathlib import Path

assert Path.cwd().name == "folder"
```
"""


def test_a_page_that_is_right_has_nothing_wrong(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(EXAMPLE.replace("...True", "..."))

    assert [outcome.wrong() for outcome in doc_runner.outcomes(page, tmp_path)] == [""] * 5


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("one ...", "won ...", "it prints:\none two\nthree"),
        ("console exit=1", "console", "ended 1, not 0 or 3"),
        ('"folder"', '"another"', "AssertionError"),
        ("no such ...", "...\nno such", "no such folder"),
    ],
)
def test_a_page_that_is_wrong_is_told_so(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(EXAMPLE.replace("...True", "...").replace(right, wrong))
    done = doc_runner.outcomes(page, tmp_path)

    assert told in "\n".join(outcome.wrong() for outcome in done)


def test_what_differs_is_rewritten_and_the_rest_is_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(EXAMPLE.replace("...True", "...").replace("one ...", "won"))
    done = doc_runner.outcomes(page, tmp_path)
    expected = EXAMPLE.replace("...True", "...").replace("one ...\n...", "one two\nthree")

    assert expected == doc_runner.rewritten(page.read_text(), done)


def test_an_example_may_not_start_just_anything(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ curl example.org\n```\n")

    with pytest.raises(ValueError, match="may not start with 'curl'"):
        doc_runner.outcomes(page, tmp_path)
