"""What several test files use."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"


def refused(error, message, call):
    """Assert that the call raises this error with this message in it, from the start of a word."""
    with pytest.raises(error) as caught:
        call()
    assert re.search(rf"(?<!\w){re.escape(message)}", str(caught.value)), str(caught.value)


def load_tool(name):
    """The module tools/NAME.py, which is no package's."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    tool = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool
