"""The folder that the tests of the settings write to."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"
