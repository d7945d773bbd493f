"""
How a notebook knows that `runbook run` manages it.
"""

MANAGED = "RUNBOOK_MANAGED_RUN"
"""
Set in the kernel's environment of a managed run: the runner writes the report, so the notebook's last cell does not.
"""
