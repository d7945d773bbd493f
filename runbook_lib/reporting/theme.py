"""
The style sheets: one set of colours for light and one for dark, put where each kind of page looks for them.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from .markup import Html

DARK_NOTEBOOK = 'body[data-jp-theme-light="false"] .rb-card, body.vscode-dark .rb-card'
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
def card_style() -> Html:
    """
    The style sheet of a card in a notebook. It follows the notebook's theme, whatever the reader's preference is.
    """
    tokens = f".rb {{ {colours('light')} }}\n@media screen {{ {DARK_NOTEBOOK} {{ {colours('dark')} }} }}\n"
    return Html(tokens + _source("style.css") + _source("card.css"))


def colours(name: str) -> str:
    """
    The declarations of one set of colours, ``light`` or ``dark``, in one line.
    """
    return " ".join(_source(f"{name}.css").split("\n")).strip()


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
