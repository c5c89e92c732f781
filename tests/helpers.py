"""What several test files use."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"


def refused(error, message, call):
    """Assert that the call raises this error with this message in it, from the start of a word."""
    with pytest.raises(error) as caught:
        call()
    assert re.search(rf"(?<!\w){re.escape(message)}", str(caught.value)), str(caught.value)
