"""
The command line: names, arguments and help of every command. What a command does is in its own module.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

INTERRUPTED = 130
NOT_COMPLETE = 3
WRONG_COMMAND_LINE = 2

app = typer.Typer(
    name="runbook",
    help="Prepare a mail platform for inbound mail through the Mimecast gateway: probe it, judge it, report it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Environments = Annotated[list[Path], typer.Argument(metavar="ENV...", help="Environment files, or folders of them.", show_default=False)]


class RangesFormat(StrEnum):
    """
    How `runbook ranges` writes its list.
    """

    LINES = "lines"
    COMMAS = "commas"
    POWERSHELL = "powershell"
    JSON = "json"


class PlatformName(StrEnum):
    """
    The platforms, as an environment file names them.
    """

    MICROSOFT_365 = "microsoft_365"
    GOOGLE_WORKSPACE = "google_workspace"
    ON_PREMISES = "on_premises"
    HYBRID = "hybrid"
    HOSTED_EXCHANGE = "hosted_exchange"


class SchemaOf(StrEnum):
    """
    What `runbook schema` describes.
    """

    ENVIRONMENT = "environment"
    RESULT = "result"


@app.callback(invoke_without_command=True)
def _start(ctx: typer.Context, version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False) -> None:
    if version:
        from .._version import __version__

        typer.echo(f"inbound-runbook {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit(WRONG_COMMAND_LINE)


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("reports/demo"),
    jobs: Annotated[int, typer.Option(min=1, max=32, help="How many notebooks at once.")] = 2,
) -> None:
    """
    Run the notebooks for made-up customers in the embedded sandbox; no network is needed.

    Ends with 0 when every customer came out as its story says.
    """

    def command() -> int:
        from .demonstration import demonstrate

        return demonstrate(output, jobs)

    _end(command)


@app.command("open")
def open_workspace(
    notebook: Annotated[
        str, typer.Argument(metavar="[NOTEBOOK or ENV]", help="Name of a notebook, an environment file, or one of the workspace.")
    ] = "start_here",
    workspace: Annotated[Path, typer.Option(help="Folder to work in; it is made.")] = Path("runbook-workspace"),
    as_app: Annotated[bool, typer.Option("--app", help="As an app (Voilà), without JupyterLab around it.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="On 127.0.0.1; without it a free one.", show_default=False)] = None,
) -> None:
    """
    Open the notebooks in JupyterLab, on copies in a workspace; the start page first.

    Prints the address and serves until Ctrl-C.
    """

    def command() -> int:
        from .opening import open_notebook

        return open_notebook(notebook, workspace, as_app=as_app, browser=not no_browser, port=port)

    _end(command)


@app.command("new")
def new_environment(  # noqa: PLR0917  # typer makes the command line of them
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; without an ending it gets .yaml.", show_default=False)],
    customer: Annotated[str, typer.Option(help="Name of the customer, as the report shows it.", show_default=False)] = "",
    platform: Annotated[str, typer.Option(help="Where the mailboxes are, for example microsoft_365.", show_default=False)] = "",
    region: Annotated[str, typer.Option(help="Region of the gateway account, for example eu.", show_default=False)] = "",
    domain: Annotated[list[str] | None, typer.Option(help="A mail domain; may be given several times.", show_default=False)] = None,
    inbound_host: Annotated[str, typer.Option(help="Host name the gateway delivers to.", show_default=False)] = "",
    phase: Annotated[str, typer.Option(help="The state that is expected: prepare, cutover or lockdown.", show_default=False)] = "",
    account_code: Annotated[str, typer.Option(help="Code of the gateway account.", show_default=False)] = "",
    test_recipient: Annotated[str, typer.Option(help="A valid internal mailbox.", show_default=False)] = "",
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Any other key; may be given several times.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Make the file anew where it is there already.")] = False,
) -> None:
    """
    Make an environment file: from the options, or from answers to a few questions.

    Ends with 2, and writes nothing, where a value is wrong or missing.
    """
    given = {"customer": customer, "platform": platform, "phase": phase, "region": region, "account_code": account_code}
    given |= {"inbound_host": inbound_host, "test_recipient": test_recipient}

    def command() -> int:
        from .making import make_environment

        return make_environment(file, {**given, "domains": domain or []}, setting or [], force=force)

    _end(command)


@app.command()
def check(
    environments: Environments,
    json: Annotated[bool, typer.Option("--json", help="Print the result document (a list for several files or a folder).")] = False,
) -> None:
    """
    Probe and judge, without a notebook.

    Ends with 0 ready, 1 not ready, 3 incomplete, 2 wrong command line or environment file.
    """

    def command() -> int:
        from .checking import check_all

        return check_all(environments, as_json=json)

    _end(command)


@app.command("run")
def run_environments(
    environments: Environments,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the reports, in place of the environment's output_dir.", show_default=False)
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=32, help="How many notebooks at once.")] = 2,
) -> None:
    """
    Execute the platform's notebook headlessly and write notebook, report and result.

    Ends with 0 ready, 1 not ready, 3 incomplete, 2 wrong command line or environment file.
    """

    def command() -> int:
        from .running import run_all

        return run_all(environments, output, jobs)

    _end(command)


@app.command()
def watch(
    environment: Annotated[Path, typer.Argument(metavar="ENV", help="Environment file.", show_default=False)],
    every: Annotated[int, typer.Option(metavar="SECONDS", min=5, max=86400, help="Seconds between two looks.")] = 30,
    minutes: Annotated[
        float | None, typer.Option("--for", metavar="MINUTES", min=0, help="End after this many minutes.", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a look, one a line.")] = False,
) -> None:
    """
    Repeat the MX checks until every name server and every resolver shows the new records.

    Ends with 0 complete, 3 stopped before (Ctrl-C too), 2 wrong command line or environment file.
    """

    def command() -> int:
        from .watching import watch_environment

        return watch_environment(environment, every=every, minutes=minutes, as_json=json)

    _end(command, stopped=NOT_COMPLETE)


@app.command()
def ranges(
    region: Annotated[str, typer.Argument(help="Region code, for example eu.", show_default=False)],
    live: Annotated[bool, typer.Option("--live", help="Ask the region's SPF record now.")] = False,
    output_format: Annotated[RangesFormat, typer.Option("--format", help="How the list is written.")] = RangesFormat.LINES,
    split: Annotated[
        int | None,
        typer.Option(min=8, max=32, help="Split wider networks to this prefix length, 24 for Exchange Online.", show_default=False),
    ] = None,
    nameserver: Annotated[list[str] | None, typer.Option(help="Name server to ask, as in an environment file.", show_default=False)] = None,
) -> None:
    """
    Print a region's ranges, ready to paste.

    Ends with 3, and prints no list, where nothing is known.
    """

    def command() -> int:
        from .listing import list_ranges

        return list_ranges(region, live=live, output_format=output_format.value, split=split, nameservers=nameserver or [])

    _end(command)


@app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="[TEXT or FILE or -]", help="The text itself, a file, or - for standard input.")] = "-",
    json: Annotated[bool, typer.Option("--json", help="Print the diagnoses as a list, best first.")] = False,
) -> None:
    """
    Explain a bounce, an SMTP reply, a session, log lines or message headers: cause, whose, what to do.
    """

    def command() -> int:
        from .explaining import explain_input

        return explain_input(what, as_json=json)

    _end(command)


@app.command()
def exports(
    platform: Annotated[PlatformName, typer.Argument(help="Where the mailboxes are.", show_default=False)],
) -> None:
    """
    Print the commands that export a tenant's configuration, ready to paste. They only read.
    """

    def command() -> int:
        from .listing import print_exports

        return print_exports(platform.value)

    _end(command)


@app.command()
def schema(of: Annotated[SchemaOf, typer.Argument(help="Which document.", show_default=False)]) -> None:
    """
    Print the JSON Schema of the environment file or of the result document.
    """

    def command() -> int:
        from .listing import print_schema

        return print_schema(of.value)

    _end(command)


def run(arguments: Sequence[str]) -> int:
    """
    Carry out one command line.

    Args:
        arguments: Without the program's name.

    Returns:
        The exit status.
    """
    try:
        app(args=list(arguments), prog_name="runbook")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def _end(command: Callable[[], int], *, stopped: int | None = None) -> NoReturn:
    """
    Carry out a command and end with its status.

    Args:
        command: What it does.
        stopped: The status where somebody ended it early, by Ctrl-C or by closing the pipe it writes to; None takes what is usual.
    """
    try:
        status = command()
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        status = INTERRUPTED if stopped is None else stopped
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0 if stopped is None else stopped
    raise typer.Exit(status)
