"""One Chromium for all tests of a process."""

import os

import pytest
from helpers import CHROMIUM, QUIET
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None and "CI" not in os.environ:
        pytest.skip("needs Chromium; CI always has it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
