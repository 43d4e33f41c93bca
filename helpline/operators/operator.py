"""Who runs the helpline, and may use the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["reader", "editor"]
ROLES: tuple[Role, ...] = ("reader", "editor")


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who runs the helpline. A reader looks; an editor also changes things."""

    id: int
    name: str
    role: Role

    @property
    def may_edit(self) -> bool:
        return self.role == "editor"
