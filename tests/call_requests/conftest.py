from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.call_requests.wanting import Wanting, rules_on


@pytest.fixture
def somebody(engine: Engine, tmp_path: Path) -> Wanting:
    """Somebody of whom nothing is known, with a mobile, on each kind of database."""
    return Wanting(rules_on(engine, tmp_path / "journal"))
