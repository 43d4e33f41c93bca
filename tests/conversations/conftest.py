"""`pytest tests/conversations --regenerate` writes the answers that the helpline gives today into the files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from structlog.testing import capture_logs

from helpline.menus.faults import PromptsError
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.simulator.script.conversation import Conversation, read_conversations
from tests.conversations.player import play
from tests.conversations.script import all_files, write_conversations


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate",
        action="store_true",
        help="write the answers that the helpline gives today into tests/conversations/*.yaml",
    )


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Valkey of our own."""
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server.url
    server.stop()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Rewrite the files before anything is collected, once, whatever the number of workers."""
    if not session.config.getoption("--regenerate", default=False) or hasattr(session.config, "workerinput"):
        return
    with TemporaryDirectory() as folder, capture_logs():
        server = EmbeddedValkey(Path(folder))
        server.start()
        try:
            for path in all_files():
                if write_conversations(path, [_played_again(each, server.url) for each in read_conversations(path)]):
                    print(f"rewritten: {path.name}")  # noqa: T201 - whoever regenerates wants to know
        finally:
            server.stop()


def _played_again(conversation: Conversation, valkey: str) -> Conversation:
    if conversation.not_yet:
        return conversation
    try:
        return conversation.with_answers(tuple(play(conversation, valkey).answers))
    except (AssertionError, PromptsError) as error:
        raise pytest.UsageError(f"{conversation.file}, '{conversation.title}': {error}") from error
