"""One Chromium for all tests of a process."""

import os

import pytest
from chromium import CHROMIUM, opened


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("needs Chromium; CI always has it")
    with opened() as browser:
        yield browser
