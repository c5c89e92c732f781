import functools
import os
from pathlib import Path

import grulib
from grulib.runtime import ROOT, prepare_kernels

if Path(__file__).parent != ROOT:
    raise ImportError(f"grulib must be the one beside {__file__}, got that of {grulib.__file__}")
# Before NumPy and PyTorch are loaded here, in the workers of xdist and in the kernels of nbval.
prepare_kernels()
if os.environ.get("GRULIB_DATA"):
    os.environ["GRULIB_DATA"] = os.path.abspath(os.environ["GRULIB_DATA"])  # the kernels of nbval run in book/

import hypothesis

from grulib import data

# The same cases in every run: a failure that a run shows, the next run shows too.
hypothesis.settings.register_profile("book", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("book")


def pytest_collection_modifyitems(items):
    """Chapters on The Time Machine run on another text where it can't be had; then their outputs differ, their asserts hold."""
    for item in items:
        if hasattr(item, "cell") and reads_the_text(item.parent.path) and why_another_text():
            item.options["check"] = False


def pytest_report_header(config):
    note = config.getoption("nbval") and why_another_text()  # only if chapters are run: it may go to the network
    return f"{note}. The outputs of chapters on it are not compared." if note else None


@functools.cache
def reads_the_text(path):
    return "data.text()" in path.read_text("utf-8")


@functools.cache
def why_another_text():
    return data.text().note
