"""
The commands. Each loads what it needs when it is called, so that ``--help`` is there at once.
"""

from .app import run

__all__ = ["run"]
