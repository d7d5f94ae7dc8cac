"""Shared runs, so that each protocol is simulated once."""

from __future__ import annotations

import os
from functools import cache

import pytest

# As the command line does: idle threads of LAPACK cost more than they give on these small systems.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from ltpath.simulation import Trajectory, simulate


@cache
def _run(model: str, protocol: str, *perturbations: str) -> Trajectory:
    return simulate(model, protocol, perturbations=perturbations)


@pytest.fixture(scope="session")
def run():
    """A function (model, protocol, *perturbations) -> Trajectory that remembers its results."""
    return _run
