"""Executes notebooks without a browser. execute.sh runs it and sets the environment."""

from __future__ import annotations

import argparse
import dataclasses
import os
import pathlib
import re
import sys
import time

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter

REPO = pathlib.Path(__file__).resolve().parent.parent
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
STDERR_LINES = 40  # lines of a failed cell's stderr that the error shows
# GoNB reports a failing "!command" or %%bash only by this line in the cell's stderr; the cell itself succeeds.
SHELL_FAILURE = re.compile(r"^(exit status \d+|signal: .+)$", re.M)


class Failure(Exception):
    """A notebook failed; the text says where and why."""


@dataclasses.dataclass
class Options:
    out: pathlib.Path
    timeout: int
    in_place: bool


def execute(path: pathlib.Path, options: Options) -> None:
    """Runs one notebook and saves it in options.out, up to a cell that fails; then raises Failure."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise Failure("no such file") from None
    except Exception as err:  # nbformat raises many types
        raise Failure(f"not a notebook that nbformat can read: {err}") from None

    kernel = notebook.metadata.get("kernelspec", {}).get("name", "")
    try:
        KernelSpecManager().get_kernel_spec(kernel)
    except NoSuchKernel:
        installed = ", ".join(sorted(KernelSpecManager().find_kernel_specs())) or "none"
        raise Failure(
            f'kernel "{kernel}" is not installed (installed: {installed}); run: make setup-notebooks'
        ) from None

    options.out.mkdir(parents=True, exist_ok=True)
    log_path = options.out / f"{path.stem}.kernel.log"
    client = NotebookClient(
        notebook,
        timeout=options.timeout,
        startup_timeout=120,
        kernel_name=kernel,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )
    try:
        with open(log_path, "w", encoding="utf-8") as log:
            client.execute(stdout=log, stderr=log)
    except CellExecutionError as err:
        number, cell = failed_cell(notebook)
        raise Failure(describe(number, cell, error_text(cell).strip() or str(err))) from None
    except CellTimeoutError:
        number, cell = running_cell(notebook)
        raise Failure(describe(number, cell, f"ran longer than {options.timeout} s (--timeout)")) from None
    except (DeadKernelError, RuntimeError) as err:
        number, cell = running_cell(notebook)
        raise Failure(describe(number, cell, f"the kernel stopped: {err}; its log: {log_path}")) from None
    finally:
        save(notebook, path, options)

    for number, cell in code_cells(notebook):
        for output in cell.outputs:
            if output.get("name") == "stderr" and SHELL_FAILURE.search(output.text) and runs_shell(cell.source):
                raise Failure(describe(number, cell, "a shell command in the cell failed"))
    if options.in_place:
        nbformat.write(notebook, path)


def save(notebook: nbformat.NotebookNode, path: pathlib.Path, options: Options) -> None:
    """Writes the executed notebook and its HTML page to the build folder."""
    language = notebook.metadata.get("language_info", {})
    if language.get("name") == "go":
        language["pygments_lexer"] = "go"  # GoNB leaves it empty, so nbconvert would colour Go as Python
        language.pop("version", None)  # it would change the stored notebook with each Go release
    nbformat.write(notebook, options.out / path.name)
    html, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    (options.out / f"{path.stem}.html").write_text(html, encoding="utf-8")


def code_cells(notebook: nbformat.NotebookNode) -> list[tuple[int, nbformat.NotebookNode]]:
    """Returns the code cells, numbered from 1 like In[n] in Jupyter."""
    return list(enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1))


def failed_cell(notebook: nbformat.NotebookNode) -> tuple[int, nbformat.NotebookNode]:
    """Returns the first code cell with an error in its outputs."""
    for number, cell in code_cells(notebook):
        if any(output.output_type == "error" for output in cell.outputs):
            return number, cell
    return running_cell(notebook)


def error_text(cell: nbformat.NotebookNode) -> str:
    """Returns the text of the error. For a compile error it is GoNB's text, which gives lines of the cell."""
    for output in cell.outputs:
        if output.output_type == "error":
            located = [entry for entry in output.traceback if re.match(r"Cell\[\d+\]: Line \d+", ANSI.sub("", entry))]
            return "\n".join(located) if located else output.evalue
    return ""


def running_cell(notebook: nbformat.NotebookNode) -> tuple[int, nbformat.NotebookNode]:
    """Returns the last code cell that started. A cell has an execution count from its first message on."""
    cells = code_cells(notebook)
    started = [pair for pair in cells if pair[1].execution_count or pair[1].outputs]
    return (started or cells)[-1]


def runs_shell(source: str) -> bool:
    """Reports whether GoNB runs a line of the cell in a shell."""
    return any(re.match(r"!|%%(bash|sh|script)\b", line) for line in source.splitlines())


def describe(number: int, cell: nbformat.NotebookNode, reason: str) -> str:
    """Returns the cell's number, the reason, its first lines, and the end of its stderr."""
    source = [line for line in cell.source.splitlines() if line.strip()][:3]
    stderr = "".join(o.text for o in cell.outputs if o.get("name") == "stderr").rstrip().splitlines()
    first, *rest = (line for line in reason.splitlines() if line.strip())
    lines = [f"code cell {number} failed: {first}"]
    lines += [f"    {line}" for line in rest]
    lines += [f"    | {line}" for line in source]
    if stderr:
        shown = stderr[-STDERR_LINES:]
        lines.append(f"  its stderr{'' if len(shown) == len(stderr) else f' (last {STDERR_LINES} lines)'}:")
        lines += [f"    {line}" for line in shown]
    return ANSI.sub("", "\n".join(lines))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="notebooks/execute.sh",
        description="Executes notebooks without a browser; fails if a cell fails. "
        "RN_NOTEBOOK_PROFILE sets the profile: quick (the default) or full.",
    )
    parser.add_argument("notebook", nargs="*", type=pathlib.Path, help="default: every notebooks/*.ipynb")
    parser.add_argument("--out", type=pathlib.Path, default=REPO / "build" / "notebooks",
                        help="folder for executed notebooks, HTML and kernel logs (default: build/notebooks)")
    parser.add_argument("--timeout", type=int, default=900, metavar="SECONDS", help="time limit of each cell (default: 900)")
    parser.add_argument("--count", type=pathlib.Path, metavar="FILE", help='write "passed failed skipped" to FILE')
    parser.add_argument("--in-place", action="store_true", help="store the outputs in the notebooks themselves")
    args = parser.parse_args()
    if args.timeout <= 0:
        parser.error(f"--timeout {args.timeout}: must be more than 0 seconds")
    profile = os.environ.get("RN_NOTEBOOK_PROFILE", "quick")
    if profile not in ("quick", "full"):
        parser.error(f'RN_NOTEBOOK_PROFILE="{profile}": must be quick or full')
    return args


def main() -> int:
    args = arguments()
    options = Options(out=args.out.resolve(), timeout=args.timeout, in_place=args.in_place)
    paths = args.notebook or sorted((REPO / "notebooks").glob("*.ipynb"))
    failed = 0
    for path in paths:
        began = time.monotonic()
        error = ""
        try:
            execute(path, options)
        except Failure as failure:
            failed += 1
            error = str(failure)
        seconds = time.monotonic() - began
        print(f"{'FAIL' if error else 'ok  '} {path.name}  {seconds:.1f} s", flush=True)
        if error:
            print(f"{path}: {error}", file=sys.stderr, flush=True)
    print(f"notebooks: {len(paths) - failed} passed, {failed} failed")
    if args.count:
        args.count.write_text(f"{len(paths) - failed} {failed} 0\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
