"""Links: looked up by name, brought to the end of the log, and never those of another log."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from projections.links import NAME, Links
from tests.postgres import fresh_database
from tests.story import FNSKU, ORDER, OTHER_ORDER, SKU, Story, begin, reimbursed, replaced, returned

BACK = f"back:{SKU}"


def links(story: Story) -> Links:
    return Links(story.log, story.views)


def test_what_shares_a_name_is_found_and_nothing_else(story: Story) -> None:
    story.imports(
        returned(ORDER, "2026-06-20"),
        reimbursed("2026-06-21", "10", order=OTHER_ORDER),
        replaced(ORDER, "2026-06-22", by="114-0000009-0000009"),
    )
    found = links(story)

    assert {f"order/{ORDER}"} == found([BACK]) == found([f"back:{FNSKU}"])
    assert {f"order/{OTHER_ORDER}"} == found(["paid-id:10"])
    assert {f"order/{ORDER}"} == found(["replaces:114-0000009-0000009"])
    assert set() == found([]) == found(["back:nothing"])


def test_they_go_on_where_they_ended(story: Story) -> None:
    story.imports(returned(ORDER, "2026-06-20"))
    links(story)
    before = story.views.standings()[NAME].position
    story.imports(returned(OTHER_ORDER, "2026-06-21"))

    assert {f"order/{ORDER}", f"order/{OTHER_ORDER}"} == links(story)([BACK])
    assert before < story.views.standings()[NAME].position == story.log.position()


def test_links_of_another_log_are_read_anew(tmp_path: Path) -> None:
    """As after a backup of the log was put back beside newer views."""
    story = begin(tmp_path / "one", checked=False)
    story.imports(returned(ORDER, "2026-06-20"))
    links(story)
    story.close()
    other = begin(tmp_path / "two", checked=False)
    other.imports(returned(OTHER_ORDER, "2026-06-21"), returned(OTHER_ORDER, "2026-06-22"))
    other.close()
    (tmp_path / "one" / "views.db").replace(tmp_path / "two" / "views.db")
    again = begin(tmp_path / "two", checked=False)

    assert {f"order/{OTHER_ORDER}"} == links(again)([BACK])
    again.close()


def test_links_of_another_version_are_read_anew(tmp_path: Path) -> None:
    story = begin(tmp_path, checked=False)
    story.imports(returned(ORDER, "2026-06-20"))
    links(story)
    with sqlite3.connect(tmp_path / "views.db") as connection:
        connection.execute("UPDATE projections SET version = 99 WHERE name = ?", (NAME,))
        connection.execute("INSERT INTO links VALUES (?, 'order/never')", (BACK,))

    assert {f"order/{ORDER}"} == links(story)([BACK])
    story.close()


@pytest.mark.postgres
def test_a_server_has_the_same(tmp_path: Path) -> None:
    facts = returned(ORDER, "2026-06-20"), returned(OTHER_ORDER, "2026-06-21")
    here, there = begin(tmp_path, checked=False), Story(fresh_database(), checked=False)
    for story in (here, there):
        story.imports(*facts)
        links(story)
        story.imports(reimbursed("2026-06-22", "10", order=ORDER))
    names = [BACK, "paid-id:10"]

    assert links(here)(names) == links(there)(names) == {f"order/{ORDER}", f"order/{OTHER_ORDER}"}
    here.close()
    there.close()
