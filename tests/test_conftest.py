"""conftest.py: tests, kernels and other processes run the grulib of this checkout, or say that they don't."""

import shutil
import subprocess
import sys

from helpers import ROOT
from jupyter_client.manager import start_new_kernel


def test_a_kernel_runs_this_checkout_wherever_it_starts(tmp_path):
    manager, client = start_new_kernel(cwd=str(tmp_path))
    try:
        told = []
        client.execute_interactive(
            "import grulib, os; print(grulib.__file__, os.environ['OMP_NUM_THREADS'])",
            output_hook=lambda message: told.append(message["content"]),
            timeout=60,
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    printed = "".join(content["text"] for content in told if content.get("name") == "stdout")
    assert printed == f"{ROOT / 'grulib' / '__init__.py'} 1\n"


def test_another_checkouts_grulib_is_refused(tmp_path):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "test_nothing.py").write_text("def test(): pass", "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode != 0 and f"grulib must be the one beside {tmp_path}" in result.stdout + result.stderr


def test_the_text_is_not_looked_for_unless_chapters_are_run(tmp_path):
    script = "import conftest; conftest.why_another_text = lambda: 'looked for'\n"
    script += "class Config:\n    def getoption(self, name): return name == 'nbval' and chapters\n"
    script += "for chapters in (False, True): print(conftest.pytest_report_header(Config()))"
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["None", "looked for. The outputs of chapters on it are not compared."]
