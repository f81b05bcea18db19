"""What a row tells in full and in brief is the same."""

from __future__ import annotations

from ledger.events import BY_TOPIC
from ledger.reading import Statement, read_file
from ledger.store import EntryMapper
from ledger.telling import Scribe
from tests.ledger.reports.test_told_the_same import deliveries


def test_what_a_row_tells_in_brief_stands_in_the_entries_that_record_it() -> None:
    statement = Statement(actor="tests", command_id="c", marketplace="DE", keep_going=True)
    scribe = Scribe(statement, "0" * 64, "f" * 32, EntryMapper(BY_TOPIC).state)
    for name, data in deliveries():
        for row in read_file(data, name, statement).told:
            full = scribe.reported(row, 1, 2, None)
            brief = scribe.in_brief(row, 1, 2, None)
            states = [state for _topic, state, _key in full.facts]
            assert full == brief._replace(facts=full.facts, brief=())
            for (_part, told), state in zip(brief.brief, states, strict=True):
                assert state.startswith(told, state.find(b'"event":'))
