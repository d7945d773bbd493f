"""
One renderer from the result document: report, picture, cards, index page, terminal. Everything is escaped unless its type is `Html`.
"""

from .card import (
    ListedStep,
    StepState,
    Todo,
    Way,
    render_card,
    render_live_found,
    render_live_head,
    render_live_overview,
    render_live_summary,
    render_summary,
)
from .explanation import render_explanation
from .html import render_picture, render_report
from .index import Entry, render_index, summary_csv
from .inputs import render_inputs
from .markup import Html
from .remedies import Paste
from .terminal import render_terminal

__all__ = [
    "Entry",
    "Html",
    "ListedStep",
    "Paste",
    "StepState",
    "Todo",
    "Way",
    "render_card",
    "render_explanation",
    "render_index",
    "render_inputs",
    "render_live_found",
    "render_live_head",
    "render_live_overview",
    "render_live_summary",
    "render_picture",
    "render_report",
    "render_summary",
    "render_terminal",
    "summary_csv",
]
