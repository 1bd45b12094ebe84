"""What the tests of the order path stand on."""

from pathlib import Path

import pytest

from app.paths import Paths


@pytest.fixture
def log(paths: Paths) -> Path:
    """Where the record of this test is."""
    return paths.journal
