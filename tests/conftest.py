"""
What holds for all tests.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from runbook_lib.knowledge.text import LANGUAGE_VARIABLE

os.environ.pop(LANGUAGE_VARIABLE, None)  # whatever language this machine is asked in, the tests read English

settings.register_profile("default", deadline=None, derandomize=True, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")
