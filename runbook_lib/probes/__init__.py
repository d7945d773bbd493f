"""
The only room that opens sockets. Everything here is bounded in time and bytes, and gives back plain values.
"""

from .asking import load_ahead, network_with, open_network
from .network import Network
from .settings import Settings, Slot

__all__ = ["Network", "Settings", "Slot", "load_ahead", "network_with", "open_network"]
