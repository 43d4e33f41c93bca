from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpline.consent.consent import Consent
from tests.consent.people import Person, consent_on


@pytest.fixture
def alerts() -> list[str]:
    """What an operator was told."""
    return []


@pytest.fixture
def consent(engine: Engine, tmp_path: Path, alerts: list[str]) -> Consent:
    """A helpline that knows nobody, on each kind of database."""
    return consent_on(engine, tmp_path / "journal", alerts.append)


@pytest.fixture
def somebody(consent: Consent) -> Person:
    """A person with a mobile who has asked for nothing yet."""
    return Person(consent)
