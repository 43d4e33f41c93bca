"""A value with some fields changed: `dataclasses.replace`, without what that looks up each time."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Value = TypeVar("Value", bound=DataclassInstance)


def changed(value: Value, **changes: Any) -> Value:
    """The value with these fields; the very same one where they have these values already."""
    for name, new in changes.items():
        if getattr(value, name) != new:
            return type(value)(*[changes.get(name, getattr(value, name)) for name in _names(type(value))])
    return value


@cache
def _names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
