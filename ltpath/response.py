"""Curves and maps: how an outcome depends on one or two quantities of a protocol or a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ltpath.catalogue import Model
from ltpath.errors import BadValue
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import PerturbationUse, Protocol, load_protocol, one_or_more
from ltpath.sources import network_from
from ltpath.sweep import COUNTS, STIMULUS_FIELDS, Sweep, run_sweep

THRESHOLD = 0.05
"""A weight that differs from 1 by more than this counts as changed, as in most slice experiments with ten slices."""


def read_axis(text: str) -> tuple[str, dict[str, list[Any]]]:
    """An axis of the command line, ``NAME=FIRST:LAST:NUMBER`` with ``:log`` for equal ratios, as an item of `Sweep.vary`.

    A field of the stimuli needs no prefix; ``duration`` is the length of a calcium step.

    Raises
    ------
    BadValue
    """
    name, _, values = (part.strip() for part in text.partition("="))
    parts = [part.strip() for part in values.split(":")]
    if not name or len(parts) not in (3, 4) or (len(parts) == 4 and parts[3] != "log"):
        raise BadValue(
            f"an axis is NAME=FIRST:LAST:NUMBER or NAME=FIRST:LAST:NUMBER:log, such as amplitude=0.1uM:20uM:40:log, not '{text}'"
        )
    if not parts[2].isdigit() or int(parts[2]) < 2:
        raise BadValue(f"an axis needs a whole number of values, at least 2, not '{parts[2]}' (in '{text}')")
    name = {"duration": "length"}.get(name, name)
    if name in STIMULUS_FIELDS or name in COUNTS:
        name = f"stimulus.{name}"
    how = "logspace" if len(parts) == 4 else "linspace"
    if name.removeprefix("stimulus.") not in COUNTS:
        return name, {how: parts[:3]}
    try:
        first, last = float(parts[0]), float(parts[1])
    except ValueError:
        raise BadValue(f"{name} takes whole numbers, not '{values}'") from None
    spread = np.geomspace if how == "logspace" else np.linspace
    return name, {"values": np.unique(np.round(spread(first, last, int(parts[2])))).tolist()}


def default_protocol(network: ReactionNetwork) -> Protocol:
    """A step of calcium where a model takes one, otherwise a tetanus."""
    inputs = {i["name"] for i in network.meta["inputs"]}
    return load_protocol("calcium_pulse" if "calcium" in inputs else "tetanus")


def response_map(
    model: str | Model | ReactionNetwork,
    axes: Sequence[tuple[str, Any]],
    store: str | Path,
    *,
    protocol: str | Path | Protocol | None = None,
    perturbations: str | PerturbationUse | Iterable[str | PerturbationUse] = (),
    variable: str | None = None,
    after: str | float = "60 min",
    scheduler: Any = None,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> xr.DataArray:
    """An outcome over one quantity, or over a grid of two.

    Parameters
    ----------
    axes : sequence of tuple of str and values
        One or two, x first, each an item of `Sweep.vary`: a parameter, a dose, or a ``stimulus.FIELD``, with its values.
    store : path
        A folder named ``*.zarr`` that keeps every run; a map that was interrupted goes on from there.
    protocol : str, path or Protocol, optional
        What the fields of stimuli belong to. Default: `default_protocol`.
    perturbations : str, PerturbationUse or iterable of these
        In every run.
    variable : str, optional
        Default: the model's first weight.
    after : str or float
        When the outcome is read, from the end of each run's stimuli.
    scheduler, workers, progress
        As for `ltpath.sweep.run_sweep`.

    Returns
    -------
    xarray.DataArray
        Shape (x,) or (y, x), NaN where a run failed; coordinates carry units. ``attrs["failed"]`` counts failed runs.

    Raises
    ------
    UnknownName, BadValue, SweepError, MissingTool
        As `ltpath.sweep.run_sweep`.
    """
    network = network_from(model)
    weights = [f"weight{n.removeprefix('strength')}" for n in network.readouts if n.startswith("strength")]
    if variable is None:
        if not weights:
            raise BadValue(
                f"the model '{network.name}' has no weight; name the variable of the map ({', '.join(network.readouts)})"
            )
        variable = weights[0]
    names = [name for name, _ in axes]
    if len(set(names)) < len(names):
        raise BadValue(f"the two axes of a map must differ, and both are {names[0]}")
    chosen = load_protocol(protocol) if protocol is not None else default_protocol(network)
    uses = [PerturbationUse(name=p) if isinstance(p, str) else p for p in one_or_more(perturbations)]
    sweep = Sweep(
        model=network, protocols=[chosen], perturbations=[uses or "none"], vary=dict(axes), after=[after], keep=[variable]
    )
    data = run_sweep(sweep, store, scheduler=scheduler, workers=workers, progress=progress)
    ticks = {name: np.unique(data[name].values) for name in names}
    values = np.where(data["status"].values == 1, data[variable].values[:, 0], np.nan)
    found = xr.DataArray(
        values.reshape([len(t) for t in ticks.values()]).T,
        dims=names[::-1],
        coords={name: (name, t, {"units": data[name].attrs["units"]}) for name, t in ticks.items()},
        name=variable,
        attrs=dict(data[variable].attrs),
    )
    found.attrs |= {
        "model": network.name,
        # A title such as "10 uM for 2 s" is not true of a map that varies these.
        "title": ", ".join([f"protocol {chosen.name}" if chosen.name else chosen.title, *(u.label() for u in uses)]),
        "after": str(after),
        "failed": int((data["status"].values == 2).sum()),
        "message": next((m for m, s in zip(data["message"].values.tolist(), data["status"].values, strict=True) if s == 2), ""),
        "seconds": data.attrs["session"]["seconds"],
        "runs_now": data.attrs["session"]["runs"],
    }
    return found
