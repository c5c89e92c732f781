"""What several test files use."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"


def refused(error, message, call):
    """Assert that the call raises this error with this message in it."""
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value), str(caught.value)
