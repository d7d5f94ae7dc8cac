"""The mistakes a user can make, each with one clear sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LtpathError(Exception):
    """Base of every error that the command line prints as one sentence."""


class UnknownName(LtpathError):
    """A model, protocol, parameter, perturbation or synapse that does not exist."""

    def __init__(self, kind: str, name: str, allowed: Iterable[str]) -> None:
        names = sorted(allowed)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        listed = ", ".join(names) if len(names) <= 25 else f"{len(names)} names; 'ltpath show' lists them"
        super().__init__(f"unknown {kind} '{name}'{hint} (allowed: {listed})")


class BadValue(LtpathError):
    """A value that is out of range, of the wrong unit or of the wrong type."""


class UnitMismatch(LtpathError):
    """A quantity was used where another unit belongs."""


class NameTaken(LtpathError):
    """Two parts of a model were given the same name."""


class ProtocolError(LtpathError):
    """A protocol file or object that cannot be understood."""


class ExpansionError(LtpathError):
    """BioNetGen could not expand the rules."""


class SolverError(LtpathError):
    """The integration failed or gave an impossible state."""


class ExportError(LtpathError):
    """The target format cannot say what the model or the protocol says."""


class MissingTool(LtpathError):
    """An optional program or library is not installed."""


class SweepError(LtpathError):
    """A sweep that cannot begin or go on; what it finished stays on disk."""
