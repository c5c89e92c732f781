"""grulib.files: a file is whole at any moment, keeps its mode and its links, and a damaged one is seen."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers import ROOT, refused

from grulib import files

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes and links as POSIX has them")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def leftover(folder, name, hours):
    """A file that was last written this many hours ago."""
    path = folder / name
    path.write_bytes(b"left")
    os.utime(path, (time.time() - 3600 * hours,) * 2)
    return path


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_is_made_and_replaced(tmp_path, kind):
    path = tmp_path / "file"
    for content in (b"first", b"", b"x" * 10**6):
        files.replace(kind(path), content)
        assert path.read_bytes() == content and names(tmp_path) == ["file"]


@POSIX
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_of_any_new_file(tmp_path, umask):
    before = os.umask(umask)
    try:
        files.replace(tmp_path / "ours", b"")
        (tmp_path / "any").write_bytes(b"")
        assert os.umask(umask) == umask  # it was not changed
    finally:
        os.umask(before)
    assert mode(tmp_path / "ours") == mode(tmp_path / "any") == 0o666 & ~umask


@POSIX
@pytest.mark.parametrize("kept", [0o644, 0o600, 0o444, 0o664])
def test_a_file_keeps_its_mode(tmp_path, kept, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(kept)
    on_the_way = []
    fsync = os.fsync
    monkeypatch.setattr(files.os, "fsync", lambda number: on_the_way.append(os.fstat(number).st_mode) or fsync(number))
    files.replace(path, b"new")
    assert mode(path) == kept and path.read_bytes() == b"new"
    assert stat.S_IMODE(on_the_way[0]) & ~kept & 0o077 == 0  # nobody else could read it meanwhile


@POSIX
def test_a_link_stays_one_and_its_target_is_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(Path("folder") / "target")
    files.replace(link, b"new")
    assert link.is_symlink() and target.read_bytes() == b"new" and names(tmp_path / "folder") == ["target"]
    dangling = tmp_path / "dangling"
    dangling.symlink_to(Path("folder") / "later")
    files.replace(dangling, b"made")
    assert dangling.is_symlink() and (tmp_path / "folder" / "later").read_bytes() == b"made"


def test_what_was_left_for_a_day_is_removed_and_nothing_else(tmp_path):
    for name in ("file", "a[1]", "*"):
        path = tmp_path / name
        old = leftover(tmp_path, f".{name}.0123456789abcdef.tmp", 25)
        others = [
            leftover(tmp_path, f".{name}.fedcba9876543210.tmp", 23),
            leftover(tmp_path, f".{name}.notes.tmp", 99),
            leftover(tmp_path, ".other.0123456789abcdef.tmp", 99),
            leftover(tmp_path, f".{name}.0123456789abcdef.tmp.txt", 99),
            leftover(tmp_path, "some.tmp", 99),
        ]
        files.replace(path, b"new")
        assert not old.exists() and all(other.read_bytes() == b"left" for other in others)
    files.replace(tmp_path / "file", b"newer")
    assert (tmp_path / ".a[1].fedcba9876543210.tmp").exists()


def test_the_temporary_file_is_one_that_is_removed_later(tmp_path, monkeypatch):
    """In the same folder, so that one rename does it, and under a name that the next call knows."""
    pairs = []
    monkeypatch.setattr(files.os, "replace", lambda *pair: pairs.append(pair))
    files.replace(tmp_path / "file", b"data")
    ((temporary, path),) = pairs
    assert temporary.parent == tmp_path and path == tmp_path / "file" and temporary.read_bytes() == b"data"
    os.utime(temporary, (0, 0))
    files.replace(tmp_path / "file", b"data")
    assert not temporary.exists()


@pytest.mark.parametrize("name", ["fsync", "replace"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_interruption_leaves_the_old_content(tmp_path, monkeypatch, name, error):
    def interrupted(*arguments):
        raise error

    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(files.os, name, interrupted)
    with pytest.raises(error):
        files.replace(path, b"new")
    assert path.read_bytes() == b"old" and names(tmp_path) == ["file"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize("before", [None, b"old"])
def test_a_process_killed_while_writing_leaves_what_was_there(tmp_path, before):
    path = tmp_path / "file"
    if before:
        path.write_bytes(before)
    code = "import os, signal, sys; from grulib import files; "
    code += "files.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL); files.replace(sys.argv[1], b'x' * 10**6)"
    assert subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT).returncode == -signal.SIGKILL
    assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.parametrize(
    ("path", "data", "error", "message"),
    [
        (None, b"", TypeError, "path must be a str or a Path, got NoneType"),
        (b"file", b"", TypeError, "path must be a str or a Path, got bytes"),
        ("file", "text", TypeError, "data must be bytes, got str"),
        ("no folder/file", b"", OSError, "no folder"),
        (".", b"", OSError, ""),
    ],
)
def test_wrong_arguments_are_named(path, data, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(error, message, lambda: files.replace(path, data))
    assert names(tmp_path) == [] and not list(tmp_path.parent.glob(".*.tmp"))
