"""A picture of what acts on what, as SVG."""

from __future__ import annotations

from pathlib import Path

from ltpath.exporters.drawing import write
from ltpath.exporters.signal_map import signal_map

from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "svg"
SUFFIX = ".svg"
SUMMARY = "picture of the molecules and what they do to each other"
VIEW = "signal"

__all__ = ["export", "write"]


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the picture; a protocol changes nothing."""
    write(signal_map(network), path)
