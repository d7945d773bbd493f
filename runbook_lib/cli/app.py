"""
The command line: names and arguments of every command. What a command does is in its own module, what ``--help`` says in ``command.toml``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from ..knowledge.text import Catalogue

INTERRUPTED = 130
NOT_COMPLETE = 3
WRONG_COMMAND_LINE = 2

app = typer.Typer(
    name="runbook",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Environments = Annotated[list[Path], typer.Argument(metavar="ENV...", show_default=False)]


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
def _start(ctx: typer.Context, version: Annotated[bool, typer.Option("--version")] = False) -> None:
    if version:
        from .._version import __version__

        typer.echo(f"inbound-runbook {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit(WRONG_COMMAND_LINE)


@app.command()
def demo(
    output: Annotated[Path, typer.Option()] = Path("reports/demo"),
    jobs: Annotated[int, typer.Option(min=1, max=32)] = 2,
) -> None:
    """
    Carry out `demonstration.demonstrate`.
    """

    def command() -> int:
        from .demonstration import demonstrate

        return demonstrate(output, jobs)

    _end(command)


@app.command("open")
def open_workspace(
    notebook: Annotated[str, typer.Argument(metavar="[NOTEBOOK|ENV]")] = "start_here",
    workspace: Annotated[Path, typer.Option()] = Path("runbook-workspace"),
    as_app: Annotated[bool, typer.Option("--app")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser")] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, show_default=False)] = None,
) -> None:
    """
    Carry out `opening.open_notebook`.
    """

    def command() -> int:
        from .opening import open_notebook

        return open_notebook(notebook, workspace, as_app=as_app, browser=not no_browser, port=port)

    _end(command)


@app.command("new")
def new_environment(  # noqa: PLR0917  # typer makes the command line of them
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    customer: Annotated[str, typer.Option(show_default=False)] = "",
    platform: Annotated[str, typer.Option(show_default=False)] = "",
    region: Annotated[str, typer.Option(show_default=False)] = "",
    domain: Annotated[list[str] | None, typer.Option(show_default=False)] = None,
    inbound_host: Annotated[str, typer.Option(show_default=False)] = "",
    phase: Annotated[str, typer.Option(show_default=False)] = "",
    account_code: Annotated[str, typer.Option(show_default=False)] = "",
    test_recipient: Annotated[str, typer.Option(show_default=False)] = "",
    setting: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force")] = False,
) -> None:
    """
    Carry out `making.make_environment`.
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
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """
    Carry out `checking.check_all`.
    """

    def command() -> int:
        from .checking import check_all

        return check_all(environments, as_json=json)

    _end(command)


@app.command("run")
def run_environments(
    environments: Environments,
    output: Annotated[Path | None, typer.Option(show_default=False)] = None,
    jobs: Annotated[int, typer.Option(min=1, max=32)] = 2,
) -> None:
    """
    Carry out `running.run_all`.
    """

    def command() -> int:
        from .running import run_all

        return run_all(environments, output, jobs)

    _end(command)


@app.command()
def watch(
    environment: Annotated[Path, typer.Argument(metavar="ENV", show_default=False)],
    every: Annotated[int, typer.Option(metavar="SECONDS", min=5, max=86400)] = 30,
    minutes: Annotated[float | None, typer.Option("--for", metavar="MINUTES", min=0, show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """
    Carry out `watching.watch_environment`.
    """

    def command() -> int:
        from .watching import watch_environment

        return watch_environment(environment, every=every, minutes=minutes, as_json=json)

    _end(command, stopped=NOT_COMPLETE)


@app.command()
def ranges(
    region: Annotated[str, typer.Argument(show_default=False)],
    live: Annotated[bool, typer.Option("--live")] = False,
    output_format: Annotated[RangesFormat, typer.Option("--format")] = RangesFormat.LINES,
    split: Annotated[
        int | None,
        typer.Option(min=8, max=32, show_default=False),
    ] = None,
    nameserver: Annotated[list[str] | None, typer.Option(show_default=False)] = None,
) -> None:
    """
    Carry out `listing.list_ranges`.
    """

    def command() -> int:
        from .listing import list_ranges

        return list_ranges(region, live=live, output_format=output_format.value, split=split, nameservers=nameserver or [])

    _end(command)


@app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="[TEXT|FILE|-]")] = "-",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """
    Carry out `explaining.explain_input`.
    """

    def command() -> int:
        from .explaining import explain_input

        return explain_input(what, as_json=json)

    _end(command)


@app.command()
def exports(
    platform: Annotated[PlatformName, typer.Argument(show_default=False)],
) -> None:
    """
    Carry out `listing.print_exports`.
    """

    def command() -> int:
        from .listing import print_exports

        return print_exports(platform.value)

    _end(command)


@app.command()
def schema(of: Annotated[SchemaOf, typer.Argument(show_default=False)]) -> None:
    """
    Carry out `listing.print_schema`.
    """

    def command() -> int:
        from .listing import print_schema

        return print_schema(of.value)

    _end(command)


def command_line(catalogue: Catalogue) -> TyperGroup:
    """
    All commands, with the words of a language: ``command.<command>`` has one text for each argument and option, by its name here.
    """
    group = typer.main.get_group(app)
    _put_words(group, "runbook", catalogue)
    for name, command in group.commands.items():
        if isinstance(command, TyperCommand):
            _put_words(command, name, catalogue)
    return group


def _put_words(command: TyperGroup | TyperCommand, name: str, catalogue: Catalogue) -> None:
    words = catalogue.fields(f"command.{name}")
    command.help = words["help"]
    command.short_help = words["help"].partition("\n")[0]
    for parameter in command.params:
        if isinstance(parameter, TyperArgument | TyperOption):
            parameter.help = words[str(parameter.name)]


def run(arguments: Sequence[str]) -> int:
    """
    Carry out one command line.

    Args:
        arguments: Without the program's name.

    Returns:
        The exit status.
    """
    try:
        command_line(Catalogue()).main(list(arguments), prog_name="runbook")
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
        sys.stderr.write(f"\n{Catalogue().text('command.say', 'stopped')}\n")
        status = INTERRUPTED if stopped is None else stopped
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0 if stopped is None else stopped
    raise typer.Exit(status)
