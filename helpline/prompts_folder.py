"""The prompts folder on disk: read at start, read again when it was edited, taken up only without faults."""

from __future__ import annotations

import hashlib
import os
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock, Thread

import structlog

from helpline.collecting import without_collecting
from helpline.conversation.ears import Ears
from helpline.menus.check import check
from helpline.menus.faults import Fault, PromptsError
from helpline.menus.forms import Identity
from helpline.menus.parse import parse_prompts
from helpline.menus.prompts import Prompts, prepare
from helpline.menus.shapes import Source

LOOK_EVERY_SECONDS = 2.0
UNREADABLE = "unreadable"
AUDIO = "audio"
AUDIO_TYPES = {".mp3": "audio/mpeg", ".wav": "audio/wav"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Loaded:
    """One state of the folder, ready for use. `recordings` are the names of the files below `audio/`."""

    prompts: Prompts
    recordings: frozenset[str]

    @cached_property
    def ears(self) -> Ears:
        """What hears callers. Made when first asked for: a process that only sends hears nobody."""
        with without_collecting():
            return Ears.of(self.prompts.menus)


def read_files(folder: Path) -> dict[str, str]:
    """The texts of the YAML files, by name. OSError and UnicodeDecodeError become PromptsError."""
    if not folder.is_dir():
        raise PromptsError(
            [
                Fault(
                    Source(str(folder), 1),
                    "",
                    "There is no such folder.",
                    "set PROMPTS_DIR to the prompts folder.",
                )
            ]
        )
    files: dict[str, str] = {}
    for path in sorted(_yaml_files(folder)):
        try:
            files[path.name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PromptsError([unreadable(path.name, error)]) from error
    return files


def unreadable(name: str, error: Exception) -> Fault:
    """A fault for a file or folder that is there and cannot be read."""
    mend = "save it as plain text, UTF-8, readable by the helpline."
    return Fault(Source(name, 1), UNREADABLE, f"It cannot be read ({error}).", mend)


def _yaml_files(folder: Path) -> Iterator[Path]:
    """Regular files only: an editor's lock (.#main.yaml) or a pipe is none of ours."""
    for path in folder.glob("*.yaml"):
        if path.is_file() and not path.name.startswith("."):
            yield path


def recordings_in(folder: Path) -> frozenset[str]:
    """The recordings that replace synthetic speech, as 'fr/menu.mp3'."""
    found = (path for path in (folder / AUDIO).glob("*/*") if path.suffix in AUDIO_TYPES)
    return frozenset(f"{path.parent.name}/{path.name}" for path in found)


def inspect_folder(folder: Path, languages: tuple[str, ...], identity: Identity) -> tuple[Prompts | None, list[Fault]]:
    """The prompts of a folder, and everything that is wrong with it. No prompts where they cannot be prepared."""
    with without_collecting():
        return _inspected(folder, languages, identity)


def _inspected(folder: Path, languages: tuple[str, ...], identity: Identity) -> tuple[Prompts | None, list[Fault]]:
    files = read_files(folder)
    menus, faults = parse_prompts(files, languages)
    if any(fault.severity == "fault" for fault in faults):
        return None, faults
    digest = hashlib.sha256("\0".join(f"{name}\0{text}" for name, text in files.items()).encode())
    prompts = prepare(menus, identity, digest.hexdigest()[:12])
    return prompts, faults + check(prompts, recordings_in(folder))


def load_prompts(folder: Path, languages: tuple[str, ...], identity: Identity) -> Prompts:
    """What the folder says, for who need not hear what callers say; or PromptsError with every fault."""
    prompts, faults = inspect_folder(folder, languages, identity)
    if prompts is None or any(fault.severity == "fault" for fault in faults):
        raise PromptsError(faults)
    return prompts


def load_folder(folder: Path, languages: tuple[str, ...], identity: Identity) -> Loaded:
    """The folder ready for use, or PromptsError with every fault."""
    return Loaded(load_prompts(folder, languages, identity), recordings_in(folder))


class PromptsFolder:
    """The folder as a running server sees it: the last state without faults."""

    def __init__(
        self,
        folder: Path,
        languages: tuple[str, ...],
        identity: Identity,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._languages, self._identity, self._clock = folder, languages, identity, clock
        self._seen = self._signature()
        self._loaded = load_folder(folder, languages, identity)
        self._looked = clock()
        self._lock = Lock()
        self._reading = False
        self._watched_in = 0
        self._listens = False
        self.refused: tuple[Fault, ...] = ()

    def current(self) -> Loaded:
        """What to use for one turn. Edits are looked for and read beside the turns, not within them."""
        if self._watched_in != os.getpid():
            self._watch()
        if self._clock() - self._looked >= LOOK_EVERY_SECONDS:
            self.look()
        return self._loaded

    @property
    def loaded(self) -> Loaded:
        """What is in use, without looking for edits."""
        return self._loaded

    def listen(self) -> None:
        """Have ears ready, now and before edited prompts are taken up: no caller is to wait for them."""
        self._listens = True
        _ = self._loaded.ears

    def _watch(self) -> None:
        """Look for edits in this process, texts or no texts. A thread of before a fork is not there after it."""
        self._watched_in, self._reading = os.getpid(), False  # whoever was reading stayed in the process before
        Thread(target=_keep_looking, args=(weakref.ref(self),), name="prompts watch", daemon=True).start()

    def look(self) -> None:
        """Look whether the files changed, and begin to read them if so."""
        if self._is_edited():
            Thread(target=self._read_again, name="prompts", daemon=True).start()

    def refresh(self) -> None:
        """Have edits in use when this returns: for a process that forks, and therefore keeps no threads."""
        if self._is_edited():
            self._read_again()

    def _is_edited(self) -> bool:
        """Whether there is something new to read, which is then the caller's to do."""
        with self._lock:
            self._looked = self._clock()
            try:
                signature = self._signature()
            except OSError as error:
                self._refuse((unreadable(str(self._folder), error),))
                return False
            if signature == self._seen or self._reading:
                return False
            self._seen, self._reading = signature, True
        return True

    def _read_again(self) -> None:
        try:
            loaded = load_folder(self._folder, self._languages, self._identity)
            if self._listens:
                _ = loaded.ears
            self._loaded = loaded
            self.refused = ()
            log.info("prompts taken up", version=self._loaded.prompts.version)
        except PromptsError as error:
            self._refuse(error.faults)
        except Exception as error:  # whatever is saved there must not go unseen
            log.exception("edited prompts cannot be read")
            what = f"The files cannot be read ({type(error).__name__})."
            self._refuse((Fault(Source(str(self._folder), 1), "", what, "undo the last change."),))
        finally:
            self._reading = False

    def _refuse(self, faults: tuple[Fault, ...]) -> None:
        if any(fault.node == UNREADABLE for fault in faults):
            self._seen = ()  # it may become readable without another edit: the next look reads it once more
        if faults == self.refused:
            return
        self.refused = faults
        log.error("edited prompts refused, the last good ones stay in use", faults=[str(f) for f in faults])

    def _signature(self) -> tuple[tuple[str, int, int, int], ...]:
        found = []
        for path in sorted([*_yaml_files(self._folder), *(self._folder / AUDIO).glob("*/*")]):
            try:
                stat = path.stat()
            except OSError:  # moved away while we look: the next look sees it
                continue
            found.append((str(path), stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size))
        return tuple(found)


def _keep_looking(folder: weakref.ref[PromptsFolder]) -> None:
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        watched = folder()
        if watched is None:
            return
        watched.look()
        del watched
