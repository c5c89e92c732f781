"""Writing a file in one step, so that it is whole at any moment, and reading one whose bytes are checked."""

import io
import os
import tempfile
import time
import zipfile
from pathlib import Path

import torch

DAY = 24 * 60 * 60  # seconds


def replace(path, data):
    """Write data (bytes) to path: under another name, to the disk, and with its own name only then.

    What was there before stays until the end, and stays if this is interrupted. A link stays one: the file that it leads
    to is replaced. The file keeps its mode; a new one gets that of any new file. What a process that was killed in
    between has left, a file ending in .tmp that nothing reads, the next call after a day removes. The folder must exist.
    Raises OSError.
    """
    path = Path(os.path.realpath(path))
    prefix = f".{path.name}."
    for left in path.parent.glob(f"{prefix}*.tmp"):
        if left.stat().st_mtime < time.time() - DAY:
            left.unlink(missing_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=prefix, suffix=".tmp", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            os.chmod(file.name, mode)
            os.replace(file.name, path)
        except BaseException:
            file.close()
            Path(file.name).unlink(missing_ok=True)  # it may have its own name already
            raise


def load_torch(data):
    """What torch.save wrote, from its bytes, without running any code in it, and on the processor.

    Its container has a checksum for each part, which PyTorch does not look at, and this does. Raises ValueError, or what
    PyTorch's reader raises, for damaged bytes, and for anything but tensors, numbers and texts.
    """
    file = io.BytesIO(data)
    if zipfile.is_zipfile(file):  # the format before PyTorch 1.6 is none, and has no checksums
        damaged = zipfile.ZipFile(file).testzip()
        if damaged:
            raise ValueError(f"the checksum of its part {damaged} is wrong")
    file.seek(0)
    return torch.load(file, weights_only=True, map_location="cpu")


def _umask():
    umask = os.umask(0)
    os.umask(umask)
    return umask
