"""
Small things that cards and forms are made of: a button, a label, a line of help.
"""

from __future__ import annotations

from html import escape

import ipywidgets


def button(label: str, kind: str = "", *, hint: str = "") -> ipywidgets.Button:
    """
    A button.

    Args:
        label: What stands on it.
        kind: ``primary`` for the one that is meant to be pressed.
        hint: What it does, longer.
    """
    made = ipywidgets.Button(description=label, tooltip=hint or label)
    made.add_class("rb-widget-button")
    if kind:
        made.add_class(f"rb-{kind}")
    return made


def titled(title: str) -> ipywidgets.HTML:
    """
    The title of something that is made up of several fields.
    """
    return ipywidgets.HTML(f'<span class="rb-list-title">{escape(title)}</span>')


def labelled(control: ipywidgets.Widget, label: str) -> ipywidgets.Widget:
    """
    A control with its label above it.

    Args:
        control: Any ipywidget that has a description.
        label: Its label.
    """
    control.description = label
    control.style = {"description_width": "initial"}
    control.add_class("rb-labelled")
    return control


def helped(control: ipywidgets.Widget, text: str) -> ipywidgets.Widget:
    """
    A control with a line of help below it, which `Tie` ties to it.
    """
    note = ipywidgets.HTML(f'<span class="rb-help">{escape(text)}</span>')
    note.add_class("rb-note")
    made = ipywidgets.VBox([control, note])
    made.add_class("rb-field")
    return made


def close_deep(widget: ipywidgets.Widget) -> None:
    """
    Let go of a widget that is shown no more, and of all that is in it: a page that is loaded again asks for every one that is left.
    """
    for child in getattr(widget, "children", ()):
        close_deep(child)
    for part in ("layout", "style"):
        inner = getattr(widget, part, None)
        if isinstance(inner, ipywidgets.Widget):
            inner.close()
    widget.close()
