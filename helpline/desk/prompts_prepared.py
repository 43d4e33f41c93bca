"""What the pages of the prompts show, made once for each state of the prompts folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from markupsafe import Markup

from helpline.desk.prompts_map import Map, map_of
from helpline.menus.check import check
from helpline.menus.faults import Fault
from helpline.prompts_folder import Loaded, PromptsFolder


@dataclass(frozen=True, slots=True)
class Prepared:
    """One state of the folder. `warnings` are what the check says of it; faults it has none, else it were not in use.

    `drawn` holds pieces of pages, by language, once they were made.
    """

    loaded: Loaded
    map: Map
    warnings: tuple[Fault, ...]
    drawn: dict[str, Markup] = field(default_factory=dict)

    def drawn_in(self, language: str, draw: Callable[[], str]) -> Markup:
        """A piece of a page in a language, drawn the first time that somebody asks."""
        if language not in self.drawn:
            self.drawn[language] = Markup(draw())  # noqa: S704 a template's own output
        return self.drawn[language]


def prepared(loaded: Loaded) -> Prepared:
    """Made now; a fraction of a second."""
    warnings = tuple(fault for fault in check(loaded.prompts, loaded.recordings) if fault.severity == "warning")
    return Prepared(loaded, map_of(loaded.prompts.menus), warnings)


class Preparing:
    """Remembers what was made for the prompts in use."""

    def __init__(self, folder: PromptsFolder) -> None:
        self._folder = folder
        self._lock = Lock()
        self._last: Prepared | None = None

    def now(self) -> Prepared:
        """For the prompts that are in use at this moment."""
        loaded = self._folder.current()
        with self._lock:
            if self._last is None or self._last.loaded is not loaded:
                self._last = prepared(loaded)
            return self._last
