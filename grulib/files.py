"""Writing a file in one step, so that it is whole at any moment, and reading one whose bytes are checked."""

import contextlib
import io
import os
import re
import secrets
import time
import zipfile
from pathlib import Path

import torch

from grulib.checks import check_path

DAY = 24 * 60 * 60  # seconds


def replace(path, data):
    """Write data (bytes) to path: under another name, to the disk, and with its own name only then.

    What was there before stays until the end, and stays if this is interrupted. A link stays one: the file that it leads
    to is replaced. The file keeps its mode; a new one gets that of any new file. What a process that was killed in
    between has left, a file ending in .tmp that nothing reads, the next call after a day removes. The folder must exist.
    Raises TypeError or OSError.
    """
    check_path(path)
    if not isinstance(data, bytes):
        raise TypeError(f"data must be bytes, got {type(data).__name__}")
    path = Path(os.path.realpath(path))
    _remove_leftovers(path)
    mode = path.stat().st_mode & 0o777 if path.exists() else None
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with open(
            temporary, "xb", opener=lambda name, flags: os.open(name, flags, 0o666 if mode is None else 0o600)
        ) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)  # it may have its own name already
        raise


def _remove_leftovers(path):
    own = re.compile(re.escape(f".{path.name}.") + "[0-9a-f]{16}[.]tmp")
    for left in path.parent.iterdir():
        with contextlib.suppress(OSError):  # another process may have removed it, or own it
            if own.fullmatch(left.name) and left.stat().st_mtime < time.time() - DAY:
                left.unlink()


def load_torch(data):
    """What torch.save wrote, from its bytes, without running any code in it, and on the processor.

    Its container has a checksum for each part, which PyTorch does not look at, and this does. Raises ValueError, or what
    PyTorch's reader raises, for damaged bytes, and for anything but tensors, numbers and texts.
    """
    file = io.BytesIO(data)
    if zipfile.is_zipfile(file):  # the format before PyTorch 1.6 is none, and has no checksums
        archive = zipfile.ZipFile(file)
        damaged = archive.testzip()
        if damaged:
            raise ValueError(f"the checksum of its part {damaged} is wrong")
        folders = [part.filename for part in archive.infolist() if part.external_attr & 0x10]
        if folders:  # PyTorch would read none of its bytes, and leave whatever was in memory
            raise ValueError(f"its part {folders[0]} is marked as a folder")
    file.seek(0)
    return torch.load(file, weights_only=True, map_location="cpu")
