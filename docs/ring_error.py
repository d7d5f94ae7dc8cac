"""Write into docs/camkii.md how far smaller rings are from the exact hexamer: `make ring-table`."""

from __future__ import annotations

import re
import time
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pysb
from ltpath.pathways.calcium import calcium_is_buffered_and_extruded
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.camkii_holoenzyme import SPINE, calmodulin_activates_camkii
from ltpath.pathways.molecules import CAMKII
from ltpath.pathways.places import spine
from pysb.core import ComponentSet

import ltpath
from ltpath.catalogue import load
from ltpath.expansion import ReactionNetwork, expand
from ltpath.network import Network
from ltpath.protocol import Calcium, Protocol
from ltpath.quantity import Unit

PAGE = Path(__file__).parent / "camkii.md"
BLOCK = re.compile(r"(?<=<!-- ring error -->\n).*?(?=<!-- /ring error -->)", re.DOTALL)
AMPLITUDES = (0.3, 0.6, 1.0, 2.0, 5.0, 10.0)
"""Of held calcium, uM."""
LENGTHS = (0.1, 1.0, 10.0, 100.0, 600.0)
"""How long it is held, s; then it is held at rest."""
PP1 = (0.1, 1.0, 10.0)
"""Phosphatase, relative to the spine's."""
WATCHED = 300.0
"""After the end of the pulse, s."""
READOUTS = {"camkii_activity_A": "activity", "pT286_fraction_A": "pT286"}
RTOL = 1e-6
"""Fractions of the hexamer change by at most 1e-4 when it is ten times finer."""


def rings(subunits: int) -> Network:
    """A spine with rings of some size, as `camkii_hexamer_k5` has rings of six."""
    net = Network(f"camkii_ring_{subunits}")
    A = spine("A")
    calcium_is_buffered_and_extruded(net, A)
    calcium_binds_calmodulin(net, A)
    calmodulin_activates_camkii(net, A, SPINE, subunits=subunits)
    return net


def average_neighbours() -> Network:
    """The same with infinitely many subunits in a ring: the neighbour of each is an average subunit."""
    net, A = rings(3), spine("A")
    model = net.model
    between = ("calmodulin_bound_neighbour_phosphorylates_T286_A", "autonomous_neighbour_phosphorylates_T286_A")
    model.rules = ComponentSet([rule for rule in model.rules if rule.name not in between])
    model.initials = [initial for initial in model.initials if "CaMKII" not in str(initial.pattern)]
    (CaMKII,) = net.monomers(A, CAMKII)
    part = {
        name: model.components[name] for name in ("camkii_bound_A", "camkii_autonomous_A", "camkii_total", "camkii_k_T286_active")
    }
    active = part["camkii_bound_A"] + model.components["camkii_autonomous_neighbour"] * part["camkii_autonomous_A"]
    rate = net.expression(
        "camkii_k_T286_average_A",
        part["camkii_k_T286_active"] * active / (part["camkii_total"] * net.per_micromolar(A)),
        Unit.PER_SECOND,
    )
    net.rule("average_neighbour_phosphorylates_T286", A, CaMKII(cam=pysb.ANY, T286="u") >> CaMKII(cam=pysb.ANY, T286="p"), rate)
    net.initial(A, CaMKII(left=None, right=None, cam=None, T286="u", T306="u"), part["camkii_total"])
    return net


def run(network: ReactionNetwork, amplitude: float, length: float, pp1: float) -> dict[str, np.ndarray]:
    """The readouts at times that follow the pulse."""
    rest = network.parameters["calcium_rest"]
    held = (Calcium(amplitude=amplitude, length=length), Calcium(at=length, amplitude=rest, length=WATCHED + 1.0))
    protocol = Protocol(title="Calcium", duration=length + WATCHED, stimuli=held)
    times = np.unique([*np.geomspace(0.01, length, 30), *(length + np.geomspace(0.01, WATCHED, 30))])
    # Without calcium before the pulse all start from the same state, and none needs to settle for days first.
    parameters = {"camkii_pp1": pp1 * network.parameters["camkii_pp1"], "calcium_rest": 0.0}
    found = ltpath.simulate(network, protocol, parameters=parameters, times=times, rtol=RTOL)
    return {name: found[name].values for name in READOUTS}


def errors(network: ReactionNetwork, exact: dict[tuple[float, float, float], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Of each readout, the largest distance from the hexamer at any time, shape (amplitude, length, PP1)."""
    shape = (len(AMPLITUDES), len(LENGTHS), len(PP1))
    found = {condition: run(network, *condition) for condition in exact}
    return {name: np.array([np.abs(found[c][name] - exact[c][name]).max() for c in exact]).reshape(shape) for name in READOUTS}


def summary(form: str, found: dict[str, np.ndarray]) -> str:
    cells = [form]
    for name in READOUTS:
        error = found[name]
        i, j, k = np.unravel_index(error.argmax(), error.shape)
        where = f"{AMPLITUDES[i]:g} uM, {LENGTHS[j]:g} s, PP1 x {PP1[k]:g}"
        cells += [f"{np.median(error):.4f}", f"{np.percentile(error, 90):.4f}", f"{error.max():.4f} ({where})"]
    return "| " + " | ".join(cells) + " |"


def table(results: dict[str, dict[str, np.ndarray]]) -> str:
    lines = [
        "| form | activity: median | 90 % | largest (where) | pT286: median | 90 % | largest (where) |",
        "|---|---|---|---|---|---|---|",
        *(summary(form, found) for form, found in results.items()),
        "",
        "The ring of three at each condition, activity / pT286, with PP1 x " + ", x ".join(f"{p:g}" for p in PP1) + ":",
        "",
        "| calcium, uM | " + " | ".join(f"{length:g} s" for length in LENGTHS) + " |",
        "|---" * (1 + len(LENGTHS)) + "|",
    ]
    activity, phosphorylated = (results["ring of three"][name] for name in READOUTS)
    for i, amplitude in enumerate(AMPLITUDES):
        cells = [
            "; ".join(f"{a:.3f}/{p:.3f}" for a, p in zip(activity[i, j], phosphorylated[i, j], strict=True))
            for j in range(len(LENGTHS))
        ]
        lines.append(f"| {amplitude:g} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    # At this tolerance totals drift by 1e-6 and more, far below the errors in the table.
    warnings.simplefilter("ignore", UserWarning)
    conditions = list(product(AMPLITUDES, LENGTHS, PP1))
    forms = {
        "ring of three": expand(rings(3)),
        "ring of four": expand(rings(4)),
        "ring of five": expand(rings(5)),
        "infinitely many": expand(average_neighbours()),
    }
    began = time.process_time()
    hexamer = load("camkii_hexamer_k5").network
    exact = {c: run(hexamer, *c) for c in conditions}
    print(f"hexamer: {time.process_time() - began:.0f} CPU s", flush=True)
    results = {}
    for form, network in forms.items():
        began = time.process_time()
        results[form] = errors(network, exact)
        print(f"{form}: {time.process_time() - began:.0f} CPU s", flush=True)
    PAGE.write_text(BLOCK.sub(lambda _: table(results), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
