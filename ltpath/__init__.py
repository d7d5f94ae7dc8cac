"""Rule-based models of long-term potentiation.

Examples
--------
>>> import ltpath
>>> protocol = ltpath.load_protocol("tetanus")
>>> protocol.stimuli[0].pulses
100
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ltpath.catalogue import Model, load
    from ltpath.errors import LtpathError
    from ltpath.explorer import Page, explore
    from ltpath.protocol import Calcium, Pairing, PerturbationUse, Protocol, Spikes, ThetaBurst, Train, Uncaging, load_protocol
    from ltpath.simulation import Trajectory, simulate

__version__ = "0.1.0"

__all__ = [
    "Calcium",
    "LtpathError",
    "Model",
    "Page",
    "Pairing",
    "PerturbationUse",
    "Protocol",
    "Spikes",
    "ThetaBurst",
    "Train",
    "Trajectory",
    "Uncaging",
    "explore",
    "load",
    "load_protocol",
    "simulate",
]

# Names are looked up when they are first used: `ltpath --help` must not wait for numpy and xarray.
_HOMES = {
    "Model": "catalogue",
    "load": "catalogue",
    "LtpathError": "errors",
    "Page": "explorer",
    "explore": "explorer",
    "Trajectory": "simulation",
    "simulate": "simulation",
} | dict.fromkeys(
    ("Calcium", "Pairing", "PerturbationUse", "Protocol", "Spikes", "ThetaBurst", "Train", "Uncaging", "load_protocol"), "protocol"
)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ltpath' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"ltpath.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
