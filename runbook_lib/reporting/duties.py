"""
What a step asks of a person, as a card shows it.
"""

from __future__ import annotations

from ..environment import Environment
from ..knowledge.text import Catalogue
from ..observations import Observations
from ..procedures.instructions import Instruction, instructions
from ..procedures.procedure import Step
from ..results import Result
from .card import Todo, Way
from .cutover import cutover_view
from .markup import shown_deep
from .remedies import Paste

_MOST_DOMAINS = 20


def todos(step: Step, environment: Environment, observations: Observations, result: Result, catalogue: Catalogue) -> list[Todo]:
    """
    What a person does in a step.

    Args:
        step: The step.
        environment: Whose values are filled in.
        observations: What is known of the gateway's ranges.
        result: Which domains have moved; where the step belongs to the cut-over, the plan's part is taken from it.
        catalogue: The words.
    """
    moved = {str(move.get("domain")) for move in (result.cutover or {}).get("domains", ()) if move.get("moved")}
    asked = instructions(step, environment, observations, catalogue, moved)
    return [*(_todo(item, catalogue) for item in asked), *_cutover(result, step.id, catalogue)]


def _todo(item: Instruction, catalogue: Catalogue) -> Todo:
    consoles = ((catalogue.text("steps.new_console"), item.new), (catalogue.text("steps.classic_console"), item.classic))
    return Todo(
        item.title,
        ways=tuple(Way(title, (where,)) for title, where in consoles if where),
        by=catalogue.text("ui.who", item.by),
        lines=item.todo,
        paste=tuple(Paste(block.title, block.text) for block in item.blocks),
        note=item.note,
    )


def _cutover(result: Result, key: str, catalogue: Catalogue) -> list[Todo]:
    """
    The part of the cut-over plan that belongs to a step: times and records where MX moves, the records of the way back at the lock.
    """
    view = cutover_view(shown_deep(result.cutover), catalogue)
    if view is None or key not in ("mx", "lockdown"):
        return []

    def text(name: str) -> str:
        return catalogue.text("cutover.section", name)

    by = catalogue.text("ui.who", "consultant")
    if key == "mx":
        removed = "\n".join(part.remove for part in view.domains if part.remove)
        lines = tuple(f"{one.when}: {one.what} {one.why}" if one.why_first else f"{one.when}: {one.what}" for one in view.milestones)
        return [Todo(text("title"), by=by, lines=lines, paste=(Paste(text("remove"), removed),) if removed else (), note=text("intro"))]
    known = tuple(f"{part.title}: {part.facts[0][1]}" for part in view.domains[:_MOST_DOMAINS])
    paste = (Paste(text("back_records"), view.back_records),) if view.back_records else ()
    return [Todo(text("records"), by=by, lines=known, paste=paste, note=view.warning)]
