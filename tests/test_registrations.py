"""Every kind stands in the list beside its folder; a forgotten one is named."""

from __future__ import annotations

from collections import Counter
from types import ModuleType
from typing import Any

from ledger.event import Event
from tests.registries import command_names, modules_in, registered


def forgotten(package: str, registry: str) -> list[str]:
    """The modules of a folder of which the list beside it holds nothing."""
    listed = registered(package, registry)
    return [
        f"{module.__name__} is not in {package}.{registry}"
        for module in modules_in(package)
        if not any(holds(module, kind) for kind in listed)
    ]


def holds(module: ModuleType, kind: Any) -> bool:
    """Whether a module defines a kind: as a class, a function, an instance, or by being it."""
    return kind is module or any(
        value is kind or value is type(kind) for value in vars(module).values()
    )


def event_classes() -> list[type[Event]]:
    """Every kind of event that a module in ledger/events defines."""
    return [
        value
        for module in modules_in("ledger.events")
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Event)
        and value.__module__ == module.__name__
        and "TOPIC" in vars(value)
    ]


def test_every_report_format_is_listed() -> None:
    assert forgotten("ledger.reports", "REPORT_FORMATS") == []


def test_every_policy_is_listed() -> None:
    assert forgotten("ledger.policies", "POLICIES") == []


def test_every_kind_of_event_is_listed() -> None:
    listed = registered("ledger.events", "EVENT_TYPES")
    unlisted = [
        f"{kind.__module__}.{kind.__name__} is not in ledger.events.EVENT_TYPES"
        for kind in event_classes()
        if kind not in listed
    ]

    assert unlisted == []


def test_no_two_kinds_of_event_share_a_topic() -> None:
    topics = Counter(kind.TOPIC for kind in event_classes())

    assert [topic for topic, count in topics.items() if count > 1] == []


def test_every_command_is_listed_and_every_listed_command_is_there() -> None:
    modules = {
        module.__name__.rpartition(".")[2].rstrip("_").replace("_", "-")
        for module in modules_in("cli.commands")
    }
    listed = set(command_names())

    assert [f"{name} is not in cli.commands.COMMANDS" for name in sorted(modules - listed)] == []
    assert [f"cli/commands has no module for {name}" for name in sorted(listed - modules)] == []


def test_every_projection_is_listed() -> None:
    from projections.projection import Projection

    listed = registered("projections", "PROJECTIONS")
    unlisted = [
        f"{module.__name__} is not in projections.PROJECTIONS"
        for module in modules_in("projections")
        if module.__name__ != Projection.__module__
        and any(is_projection(module, value, Projection) for value in vars(module).values())
        and not any(holds(module, kind) for kind in listed)
    ]

    assert unlisted == []


def is_projection(module: ModuleType, value: object, base: type) -> bool:
    """A projection that this very module defines, not one that it imports."""
    if isinstance(value, type):
        return issubclass(value, base) and value.__module__ == module.__name__
    return isinstance(value, base)
