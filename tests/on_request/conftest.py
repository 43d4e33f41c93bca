from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.on_request.people import Asker, rules_on


@pytest.fixture
def alerts() -> list[str]:
    """What an operator was told."""
    return []


@pytest.fixture
def asker(engine: Engine, tmp_path: Path, alerts: list[str]) -> Asker:
    """Somebody of whom nothing is known, with a mobile, on each kind of database."""
    return Asker(rules_on(engine, tmp_path / "journal", alerts.append))
