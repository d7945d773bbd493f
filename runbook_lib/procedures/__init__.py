"""
The procedure of each platform: its steps in order, what each asks of a person, and which checks the machine makes.
"""

from .procedure import Procedure, Step, notebook_of, procedure

__all__ = ["Procedure", "Step", "notebook_of", "procedure"]
