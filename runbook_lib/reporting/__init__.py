"""
One renderer from the result document: report, picture, cards, index page, terminal. Everything is escaped unless its type is `Html`.
"""

from .card import render_banner, render_card, render_inputs, render_summary
from .html import render_picture, render_report
from .index import IndexEntry, render_index
from .inputs import render_inputs
from .markup import Html
from .terminal import render_terminal

__all__ = [
    "Html",
    "IndexEntry",
    "render_banner",
    "render_card",
    "render_index",
    "render_inputs",
    "render_inputs",
    "render_picture",
    "render_report",
    "render_summary",
    "render_terminal",
]
