"""One Chromium for all tests of a process."""

import os

import pytest
from chromium import CHROMIUM, opened


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None and "CI" not in os.environ:
        pytest.skip("needs Chromium; CI always has it")
    with opened() as browser:
        yield browser
