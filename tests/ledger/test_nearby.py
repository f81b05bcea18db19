"""What is near a case: by what names it is found, and what would be answered without it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ledger.case import Case
from ledger.judging import judge
from ledger.nearby import BACK, LINKING, PAID_ID, links_of, near
from ledger.policy import Finding
from ledger.recall import Recall
from tests.properties.test_nearby import DAY, ITEMS, by_reading, moved, told
from tests.story import ORDER, OTHER_ORDER, Story, refunded, reimbursed, returned, sold, taken_back

FIRST, THIRD = ITEMS[0], ITEMS[2]
SECOND = {"sku": "LAMP-USED", "fnsku": "X000000007", "asin": FIRST["asin"]}
"""The same product under another SKU and FNSKU."""
OTHER = {"sku": "CLOCK", "fnsku": "X000000008", "asin": "B000000008"}
"""Another product."""


def judged(story: Story, stream: str, without: str = "?") -> tuple[list[Finding], list[Finding]]:
    """A case judged by everything, and by what is near it but for links that begin like this."""
    links = by_reading(story.log)

    def linked(names: Collection[str]) -> set[str]:
        known = [name for name in names if not name.startswith(without)]
        return set().union(*(links.get(name, set()) for name in known))

    recall = Recall(story.log, DAY)
    case: Case = recall.case(stream)
    return judge(case, recall.book, DAY), judge(case, near(recall, case, linked).book, DAY)


def test_a_row_of_another_item_is_anothers_where_that_came_back_too(tmp_path: Path) -> None:
    """Which rows of the inventory ledger are left over depends on returns of their own item."""
    story = told(
        str(tmp_path),
        [
            sold(ORDER, "2026-05-01", sku="LAMP"),
            refunded(ORDER, "2026-05-05", sku="LAMP"),
            returned(ORDER, "2026-05-10", **FIRST),
            sold(OTHER_ORDER, "2026-05-01", sku="LAMP-USED"),
            returned(OTHER_ORDER, "2026-05-10", **SECOND),
            moved("2026-05-10", SECOND, "CustomerReturns", 1, ""),
        ],
    )
    whole, close = judged(story, f"order/{ORDER}")
    _, short = judged(story, f"order/{ORDER}", BACK + SECOND["fnsku"])

    assert whole == close
    assert whole != short
    story.close()


def test_a_reversal_elsewhere_is_found_by_the_id_of_its_payment(tmp_path: Path) -> None:
    story = told(
        str(tmp_path),
        [
            moved("2026-05-10", OTHER, "Adjustments", -1, "M"),
            reimbursed("2026-05-12", "10", reason="Lost_Warehouse", **OTHER),
            taken_back("2026-05-20", "90", of="10", fnsku=THIRD["fnsku"], sku=THIRD["sku"]),
        ],
    )
    stream = f"stock/{OTHER['fnsku']}"
    whole, close = judged(story, stream)
    _, short = judged(story, stream, PAID_ID)

    assert whole == close
    assert whole != short
    story.close()


def test_an_item_that_amazon_made_of_another_is_found_by_the_others_sku(tmp_path: Path) -> None:
    made = {"sku": "AMZN.GR.LAMP-2-abc", "fnsku": "X000000009", "asin": "B000000009"}
    story = told(str(tmp_path), [moved("2026-05-10", made, "Adjustments", 1, "F")])
    (entry,) = story.log.entries(topics=LINKING)

    assert {"moved:LAMP", "moved:LAMP-2", "moved:X000000009"} <= set(links_of(entry.event))
    story.close()
