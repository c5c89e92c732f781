"""Renew requirements.lock after a change of requirements.txt; `make lock` runs it where uv is installed.

Versions that are in the lock file stay if they still fit; with the argument --upgrade all move to the newest that fit.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
HEADER = """\
# Every package that requirements.txt needs, with the hashes of all its files, for Python 3.11 and newer on any system.
# Written by `make lock`: change requirements.txt instead. What is not here is torch, and what only its builds for a GPU
# need: one version of torch has several builds with different bytes and needs, so that a hash would force one of them on
# everybody. torch is pinned in requirements.txt, and itself pins most of what its builds need.
"""
APART = re.compile("(torch|triton|cuda-|nvidia-)")


def main():
    command = [
        "uv",
        "pip",
        "compile",
        "requirements.txt",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
    ]
    command += ["--no-emit-package", "grulib", "--no-header", "--quiet", "--output-file", LOCK.name, *sys.argv[1:]]
    subprocess.run(command, cwd=ROOT, check=True)
    entries = re.split(r"^(?=\S)", LOCK.read_text("utf-8"), flags=re.MULTILINE)
    kept = [entry for entry in entries if not entry.startswith("#") and not APART.match(entry)]
    LOCK.write_text(HEADER + "".join(kept).rstrip() + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()
