"""
The only room that opens sockets. Everything here is bounded in time and bytes, and gives back plain values.
"""

from .network import Network, Settings, Slot

__all__ = ["Network", "Settings", "Slot"]
