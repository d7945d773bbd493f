"""
The style sheets: one set of colours for light and one for dark, put where each kind of page looks for them.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from .markup import Html

_DARK_THEMES = ('body[data-jp-theme-light="false"]', "body.vscode-dark")
DARK_NOTEBOOK = ", ".join(f"{theme} .rb-card" for theme in _DARK_THEMES)
"""
How JupyterLab and Visual Studio Code say that their theme is dark.
"""


@cache
def page_style() -> Html:
    """
    The style sheet of a page that stands alone. It follows the reader's preference; paper is always light.
    """
    light, dark = colours("light"), colours("dark")
    tokens = f".rb {{ color-scheme: light; {light} }}\n"
    tokens += f"@media screen and (prefers-color-scheme: dark) {{ .rb {{ color-scheme: dark; {dark} }} }}\n"
    return Html(tokens + _source("style.css") + _source("page.css"))


@cache
def card_style(*, twin: bool = False) -> Html:
    """
    The style sheet of a card in a notebook. It follows the notebook's theme, whatever the reader's preference is.

    Args:
        twin: The card stands beside a live one. Where no kernel keeps that alive, what JupyterLab says in its place is not shown.
    """
    tokens = f".rb {{ {colours('light')} }}\n@media screen {{ {DARK_NOTEBOOK} {{ {colours('dark')} }} }}\n"
    return Html(tokens + _source("style.css") + _source("card.css") + (_source("twin.css") if twin else ""))


@cache
def live_style() -> str:
    """
    The style sheet of live cards: the widgets of a notebook. It follows the notebook's theme.
    """
    dark = ", ".join(f"{theme} .rb-live{inside}" for theme in _DARK_THEMES for inside in ("", " .rb"))
    tokens = f".rb-live, .rb-live .rb {{ {colours('light')} }}\n@media screen {{ {dark} {{ {colours('dark')} }} }}\n"
    return tokens + _source("style.css") + _source("card.css") + _source("live.css")


def colours(name: str) -> str:
    """
    The declarations of one set of colours, ``light`` or ``dark``, in one line.
    """
    return " ".join(_source(f"{name}.css").split("\n")).strip()


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
