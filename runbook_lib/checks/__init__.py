"""
From what is intended and what was seen to what it means. Pure: no input, no output, no clock of its own.

``registry`` lists all checks; each module holds those of one step or standard.
"""

from .case import Case, Check

__all__ = ["Case", "Check"]
