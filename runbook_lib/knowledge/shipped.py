"""
Where the notebooks and example environments are: inside the installed package, or beside it in a clone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..errors import KnowledgeError

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(kind: Literal["notebooks", "environments"]) -> Path:
    """
    The folder with what is shipped.

    Raises:
        KnowledgeError: It is in neither place.
    """
    for folder in (_PACKAGE / "_shipped" / kind, _PACKAGE.parent / kind):
        if folder.is_dir():
            return folder
    raise KnowledgeError(
        f"The {kind} that belong to this program are missing: neither {_PACKAGE / '_shipped' / kind} nor {_PACKAGE.parent / kind} is there."
    )
