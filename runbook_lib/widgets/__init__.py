"""
What a person works with in a notebook: the form, live cards, the start page. A thin skin on the environment and the session.
"""

from .home import Home
from .start import StartPage
from .walkthrough import Walkthrough

__all__ = ["Home", "StartPage", "Walkthrough"]
