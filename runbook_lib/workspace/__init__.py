"""
The workspace of ``runbook open``: a folder with one environment file, one copy of the notebook and one report for each customer.
"""

from .folder import START, WORKSPACE_VARIABLE, Entry, Workspace, current

__all__ = ["START", "WORKSPACE_VARIABLE", "Entry", "Workspace", "current"]
