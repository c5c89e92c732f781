import pytest

from grulib import exercises
from grulib.exercises import record


@pytest.fixture
def progress_file(tmp_path, monkeypatch):
    """Where progress is kept during a test, in a folder that is not there yet; no hint has been given."""
    file = tmp_path / "a folder" / "progress.txt"
    monkeypatch.setattr(record, "path", lambda: file)
    monkeypatch.setattr(exercises, "_hints_given", exercises.Counter())
    return file
