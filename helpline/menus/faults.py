"""What is wrong with prompts, said so that its author can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from helpline.menus.shapes import Source


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where it stands, the node, what is wrong and how to mend it. A warning stops nothing."""

    source: Source
    node: str
    what: str
    mend: str
    severity: Literal["fault", "warning"] = "fault"

    def __str__(self) -> str:
        where = f"{self.source}" + (f" {self.node}" if self.node else "")
        return f"{where}: {self.what} Mend: {self.mend}"


class PromptsError(Exception):
    """The prompts cannot be used; the message names every fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(fault for fault in faults if fault.severity == "fault")
        super().__init__("\n".join(str(fault) for fault in self.faults))
