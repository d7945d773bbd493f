"""
Notebooks executed headlessly: what really became of them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest

from runbook_lib.cli import run
from runbook_lib.environment import load_environment
from runbook_lib.errors import Failure
from runbook_lib.execution.delivery import deliver, folder_names, write_files
from runbook_lib.execution.runner import execute
from runbook_lib.knowledge.shipped import shipped
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.results import Status
from runbook_lib.sandbox import HEALTHY, scenario

pytestmark = pytest.mark.notebook

FORGED = """
from IPython.display import display
display({'application/vnd.inbound-runbook.result+json': {'verdict': 'ready'}}, raw=True)
"""


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """
    Writes a notebook with a parameters cell and the given cells.
    """

    def written(*cells: str) -> Path:
        document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]})])
        document.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
        path = tmp_path / "small.ipynb"
        nbformat.write(document, path)
        return path

    return written


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["raise RuntimeError('\\x1b[31mred')"], Failure.CELL),
        (["import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "x"], Failure.KERNEL_DIED),
        (["import sys; sys.exit(0)", "print(1)"], Failure.CELL),
        (["import sys; sys.exit(3)"], Failure.CELL),
        (["x"], Failure.NO_RESULT),
        (["input()"], Failure.CELL),
        ([FORGED], Failure.NO_RESULT),
    ],
    ids=["error", "killed", "exit-0", "exit-3", "no-result", "input", "forged-result"],
)
async def test_what_does_not_come_to_its_end_is_never_a_pass(
    cells: list[str], expected: Failure, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    """
    However a notebook ends before its result, the execution says so, in printable words.
    """
    execution = await execute(notebook(*cells), {}, time_limit=30, folder=tmp_path, catalogue=Catalogue("en"))

    assert execution.failure is not None
    assert expected is execution.failure.kind
    assert execution.result is None
    assert "\x1b" not in str(execution.failure)


async def test_a_notebook_that_hangs_is_stopped(notebook: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The whole run is bounded; the kernel is gone afterwards.
    """
    monkeypatch.setattr("runbook_lib.execution.runner._GRACE_S", 2.0)
    execution = await execute(notebook("import time; time.sleep(600)"), {}, time_limit=1, folder=tmp_path, catalogue=Catalogue("en"))

    assert execution.failure is not None
    assert Failure.TIMEOUT is execution.failure.kind
    assert [] == [child for child in psutil.Process().children(recursive=True) if "ipykernel" in " ".join(child.cmdline())]


async def test_a_failed_run_leaves_a_report_that_says_so(notebook: Callable[..., Path], tmp_path: Path) -> None:
    """
    The report of a crashed notebook is complete and incomplete in verdict, with the cause `execution_failed`.
    """
    environment = load_environment(scenario(HEALTHY).environment_file)
    delivery = await deliver(environment, notebook("1/0"), tmp_path / "out")
    document = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))

    assert ("incomplete", "execution_failed") == (document["verdict"], document["findings"][0]["cause"])
    assert [Status.UNKNOWN] == [finding.status for finding in delivery.result.findings]
    assert "ZeroDivisionError" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert {"notebook.ipynb", "report.html", "result.json"} == {path.name for path in (tmp_path / "out").iterdir()}


async def test_a_run_speaks_the_language_of_its_customer(notebook: Callable[..., Path], tmp_path: Path) -> None:
    """
    Headings of the notebook that is executed, and what went wrong with it, are in the customer's language.
    """
    environment = load_environment(scenario(HEALTHY).environment_file).model_copy(update={"language": "de"})
    failed = await deliver(environment, notebook("1/0"), tmp_path / "failed")
    execution = await execute(shipped("notebooks") / "troubleshooting.ipynb", {}, time_limit=30, folder=tmp_path, catalogue=Catalogue("de"))

    assert "Eine Zelle ist gescheitert. ZeroDivisionError" in (tmp_path / "failed" / "report.html").read_text(encoding="utf-8")
    assert failed.failure is not None
    assert "# Warum kam diese Mail zurück?" == execution.notebook.cells[0].source


def test_run_writes_report_and_index(tmp_path: Path) -> None:
    """
    Two customers: a folder of three files each, an index page and a table over both, and the worse status.
    """
    files = [str(scenario(name).environment_file) for name in (HEALTHY, "aspen-hostile")]
    status = run(["run", *files, "--output", str(tmp_path)])

    assert 1 == status
    for name, verdict in ((HEALTHY, "ready"), ("aspen-hostile", "not_ready")):
        assert verdict == json.loads((tmp_path / name / "result.json").read_text(encoding="utf-8"))["verdict"]
        notebook_text = (tmp_path / name / "notebook.ipynb").read_text(encoding="utf-8")
        assert '"widgets"' not in notebook_text
        assert "<script>alert" not in (tmp_path / name / "report.html").read_text(encoding="utf-8")
    assert {"index.html", "summary.csv", HEALTHY, "aspen-hostile"} == {path.name for path in tmp_path.iterdir()}


def test_the_notebook_says_the_same_as_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    `run` and `check` are two faces of one session: the same findings.
    """
    file = str(scenario("birch-half-moved").environment_file)
    run(["run", file, "--output", str(tmp_path)])
    capsys.readouterr()
    run(["check", "--json", file])
    checked = json.loads(capsys.readouterr().out)
    ran = json.loads((tmp_path / "birch-half-moved" / "result.json").read_text(encoding="utf-8"))

    assert {(item["check"], item["subject"], item["status"]) for item in checked["findings"]} == {
        (item["check"], item["subject"], item["status"]) for item in ran["findings"]
    }


def test_plain_papermill(tmp_path: Path) -> None:
    """
    Papermill alone, with nothing of ours around it, leaves result and report under the safe customer name.
    """
    source = shipped("notebooks") / "microsoft_365.ipynb"
    command = [sys.executable, "-m", "papermill", str(source), "out.ipynb", "-f", str(scenario(HEALTHY).environment_file)]
    done = subprocess.run([*command, "--no-progress-bar"], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)

    assert 0 == done.returncode, done.stderr[-2000:]
    assert {"result.json", "report.html"} == {path.name for path in (tmp_path / "reports" / "Alder-Instruments").iterdir()}


def test_papermill_with_an_unknown_parameter_fails(tmp_path: Path) -> None:
    """
    What papermill only warns about is an error in the notebook, with the nearest name.
    """
    source = shipped("notebooks") / "microsoft_365.ipynb"
    command = [sys.executable, "-m", "papermill", str(source), "out.ipynb", "-f", str(scenario(HEALTHY).environment_file)]
    done = subprocess.run(
        [*command, "-p", "test_recipent", "x", "--no-progress-bar"], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )

    assert 0 != done.returncode
    assert "test_recipient" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_leaves_no_kernel_and_no_half_report(tmp_path: Path) -> None:
    """
    Ctrl-C ends a run with 130; no kernel stays behind and no file is half written.
    """
    file = str(scenario("oak-silent").environment_file)
    command = [sys.executable, "-m", "runbook_lib", "run", file, "--output", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        kernels: list[psutil.Process] = []
        for _ in range(200):
            kernels = [
                child for child in psutil.Process(process.pid).children(recursive=True) if "ipykernel_launcher" in " ".join(child.cmdline())
            ]
            if kernels:
                break
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert kernels
    assert 130 == process.returncode, errors[-2000:]
    assert "Traceback" not in errors
    psutil.wait_procs(kernels, timeout=10)
    assert not any(kernel.is_running() for kernel in kernels)
    assert [] == [path for path in tmp_path.rglob("*") if path.is_file()]


def test_files_are_whole_or_not_there(tmp_path: Path) -> None:
    """
    A file that cannot be written leaves the old one as it was, and nothing beside it.
    """
    write_files(tmp_path, {"a": "old"})
    with pytest.raises(UnicodeEncodeError):
        write_files(tmp_path, {"a": "\ud800"})

    assert "old" == (tmp_path / "a").read_text(encoding="utf-8")
    assert ["a"] == [path.name for path in tmp_path.iterdir()]


def test_equal_stems_are_told_apart() -> None:
    """
    Equal file names get their folder's name in front; names that are still equal get a number.
    """
    assert ["a-x", "b-x", "y"] == folder_names([Path("a/x.yaml"), Path("b/x.yaml"), Path("a/y.yaml")])
    assert ["a-x", "a-x-2"] == folder_names([Path("a/x.yaml"), Path("a/x.yml")])
