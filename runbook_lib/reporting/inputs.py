"""
What a run was given: the inputs of a report, and the first card of a notebook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..environment.crossing import NETWORK_KEYS
from ..knowledge.text import Catalogue
from .contacts import contacts_view
from .labels import Labels
from .markup import Html, render, shown, shown_deep
from .people import attestation_rows, waiver_rows
from .theme import card_style

SETTINGS = frozenset(
    {
        "probes",
        "sender",
        "ehlo_name",
        "relay_test_domain",
        "timeout",
        "time_limit",
        "sandbox",
        "language",
        "output_dir",
        *NETWORK_KEYS,
    }
)
"""
Keys that say how a run looks, and nothing about the customer.
"""
LINES_SHOWN = 8
"""
A value with more lines is folded.
"""
_PARTS = {
    "domains": "form.of_domain",
    "senders": "form.of_sender",
    "present_gateway": "form.of_present",
    "gateway_options": "form.of_google",
    "contacts": "form.of_contact",
}
_BETWEEN = {"connect_to": " → "}
_TITLES = {"platform": "ui.platform", "phase": "ui.phase_short"}


@dataclass(frozen=True, slots=True)
class InputView:
    """
    One key that was given, ready to be shown.

    Args:
        label: What the form calls it.
        key: What the environment file calls it, ``""`` where that is the label.
        value: What stands there, in words where there are any.
        worded: The value is words, not something to be copied.
        lines: How many lines it has.
        long: It has more than `LINES_SHOWN`.
    """

    label: str
    key: str
    value: str
    worded: bool
    lines: int
    long: bool


@dataclass(frozen=True, slots=True)
class Inputs:
    """
    All that was given.

    Args:
        asked: What is said of the customer.
        settings: How the run looked.
    """

    asked: tuple[InputView, ...]
    settings: tuple[InputView, ...]


def inputs_view(environment: Mapping[str, Any], labels: Labels, elsewhere: Sequence[str] = ()) -> Inputs:
    """
    What was given, as words: what is said of the customer apart from how the run looked. Contacts, confirmations and exceptions are left
    out where they can be shown as lists of their own.

    Args:
        environment: The keys that were given.
        labels: The words.
        elsewhere: Further keys that are shown elsewhere.
    """
    apart = {*elsewhere, *_listed(environment)}
    views = [(key, _view(key, value, labels)) for key, value in environment.items() if key not in apart]
    known = [(key, view, key in SETTINGS or not view.key) for key, view in views]
    return Inputs(tuple(view for _, view, setting in known if not setting), tuple(view for _, view, setting in known if setting))


def render_inputs(title: str, notes: Sequence[str], environment: Mapping[str, Any], catalogue: Catalogue, *, twin: bool = False) -> Html:
    """
    The card of the inputs.

    Args:
        title: Whom it is about.
        notes: What has to be known about this run.
        environment: The keys that were given.
        catalogue: The texts.
        twin: It stands beside a live card, and is seen only where that is not.
    """
    labels = Labels(catalogue)
    given = shown_deep(environment)
    listed = _listed(given)
    return render(
        "inputs.html.j2",
        language=catalogue.language,
        style=card_style(twin=twin),
        twin=twin,
        t=labels,
        words=catalogue.text,
        practice=bool(environment.get("sandbox")),
        title=shown(title),
        notes=[shown(note) for note in notes],
        inputs=inputs_view(given, labels),
        contacts=contacts_view(given, labels) if "contacts" in listed else None,
        attestations=attestation_rows(listed.get("attestations", ()), labels),
        waivers=waiver_rows(listed.get("waivers", ()), labels),
    )


def _listed(environment: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """
    The keys that are lists of their own, each as its entries; a value that is none is left to be shown as it stands.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    contacts = environment.get("contacts")
    if isinstance(contacts, list | tuple) and all(isinstance(item, Mapping) for item in contacts):
        found["contacts"] = list(contacts)
    for key in ("attestations", "waivers"):
        said = environment.get(key)
        if isinstance(said, Mapping) and all(isinstance(item, Mapping) for item in said.values()):
            found[key] = [{"for": name, **item} for name, item in said.items()]
    return found


def _view(key: str, value: Any, labels: Labels) -> InputView:
    label = _label(f"form.{key}", labels)
    text, worded = _said(key, value, labels)
    lines = len(text.rstrip("\n").split("\n"))
    return InputView(label or key, key if label else "", text, worded, lines, lines > LINES_SHOWN)


def _label(text: str, labels: Labels) -> str:
    return labels.catalogue.fields(text).get("label", "") if labels.catalogue.has(text) else ""


def _said(key: str, value: Any, labels: Labels) -> tuple[str, bool]:
    """
    A value, and whether it became words.
    """
    if isinstance(value, bool):
        return labels("evidence.yes" if value else "evidence.no"), True
    if isinstance(value, str):
        word = _choice(key, value, labels)
        return (word, True) if word else (value, key == "customer")
    if value is None or value in ("", [], {}):
        return labels("none.value"), True
    if isinstance(value, Mapping):
        return "\n".join(_entry(key, value, labels)), False
    if isinstance(value, list | tuple):
        if key == "exports":  # where they lie on somebody's machine is nobody else's business
            value = [str(item).replace("\\", "/").rpartition("/")[2] for item in value]
        return "\n".join(" · ".join(_entry(key, item, labels)) if isinstance(item, Mapping) else str(item) for item in value), False
    return str(value), False


def _choice(key: str, value: str, labels: Labels) -> str:
    if key == "region":
        name = labels.region(value)
        return "" if name == value else name
    words = _TITLES.get(key, f"form.choice.{key}")
    return labels.catalogue.fields(words).get(value, "") if labels.catalogue.has(words) else ""


def _entry(key: str, entry: Mapping[str, Any], labels: Labels) -> list[str]:
    """
    What a map says, part by part; its name goes without a label.
    """
    parts = []
    for name, item in entry.items():
        text, _ = _said(name, item, labels)
        text = text.replace("\n", ", ")
        label = _label(f"{_PARTS[key]}.{name}", labels) if key in _PARTS else ""
        parts.append(text if name == "name" and label else f"{label or name}{_BETWEEN.get(key, ': ')}{text}")
    return parts
