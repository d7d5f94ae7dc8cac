"""A second implementation of `calmodulin`, `camkii` and `spine_electrics`, compared with the library over whole time courses.

It was written from docs/equations.md and the table of parameters alone, without reading the rules: plain ordinary differential
equations, NumPy and SciPy. Values of parameters come from the library's table by name, so that a refit changes both sides.
A disagreement is a defect of one of the three: the rules, the document, or this file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from scipy import sparse
from scipy.integrate import solve_ivp

import ltpath

# Largest difference of a readout, as a share of its maximum over the run. The worst found are 4e-10, 1e-7 and 4e-9, all of them in
# calmodulin with four calcium, and tightening the tolerance of this side does not move them: they are what rtol 1e-10 leaves over there.
AGREEMENT = {"calmodulin": 1e-8, "camkii": 5e-7, "spine_electrics": 5e-8}
RECORDED_BEFORE = 600.0

Values = Mapping[str, float]
Readouts = dict[str, np.ndarray]


@cache
def table(model: str) -> dict[str, float]:
    return {name: float(quantity.value) for name, quantity in ltpath.load(model).quantities.items()}


# Sections 1 and 2: a volume, calcium and calmodulin.


def per_uM(p: Values, place: str) -> float:
    return p["molecules_per_fL_uM"] * p[f"volume_{place}"]


def on_rates(p: Values, lobe: str) -> tuple[float, float]:
    affinity = p[f"calmodulin_affinity_{lobe}"]
    return p[f"calmodulin_k_on_{lobe}1"] * affinity, p[f"calmodulin_k_on_{lobe}2"] * affinity


def off_rates(p: Values, lobe: str) -> tuple[float, float]:
    return p[f"calmodulin_k_off_{lobe}1"], p[f"calmodulin_k_off_{lobe}2"]


def lobes_fill(p: Values, m: float, Ca, X: np.ndarray, coupling=1.0):
    """Change of X[n, c] by exchange of calcium, and the calcium that it takes up; `coupling` speeds release from the C lobe."""
    change = np.zeros_like(X)
    uptake = 0.0
    for i in (1, 2):
        into_C = on_rates(p, "C")[i - 1] / m * Ca * X[:, i - 1] - off_rates(p, "C")[i - 1] * coupling * X[:, i]
        into_N = on_rates(p, "N")[i - 1] / m * Ca * X[i - 1, :] - off_rates(p, "N")[i - 1] * X[i, :]
        change[:, i - 1] -= into_C
        change[:, i] += into_C
        change[i - 1, :] -= into_N
        change[i, :] += into_N
        uptake = uptake + into_C.sum(axis=0) + into_N.sum(axis=0)
    return change, uptake


def calmodulin_and_neurogranin(p: Values, m: float, y: np.ndarray):
    """Change of (Ca, 9 F, Ng, 9 H) without calcium's own, and the calcium that calmodulin takes up."""
    tail = y.shape[1:]
    Ca, F, Ng, H = y[0], y[1:10].reshape(3, 3, *tail), y[10], y[11:20].reshape(3, 3, *tail)
    coupling = p["neurogranin_coupling"]
    both, uptake = lobes_fill(p, m, Ca[..., None], np.stack([F, H], axis=-1), np.array([1.0, coupling]))
    faster = np.array([1.0, coupling, coupling**2]).reshape(1, 3, *(1 for _ in tail))
    g = p["neurogranin_k_on"] / m * F * Ng - p["neurogranin_k_off"] * faster * H
    change = np.empty_like(y[:20])
    change[0] = 0.0
    change[1:10] = (both[..., 0] - g).reshape(9, *tail)
    change[10] = -g.sum(axis=(0, 1))
    change[11:20] = (both[..., 1] + g).reshape(9, *tail)
    return change, uptake.sum(axis=-1)


CARRIED = np.array([n + c for n, c in product(range(3), repeat=2)], dtype=float)


class Calmodulin:
    """Ca, 9 F, Ng, 9 H in a tube."""

    relaxed = 60.0
    place = "tube"
    lets_go = False

    def initial(self, p: Values) -> np.ndarray:
        m = per_uM(p, "tube")
        y = np.zeros(20)
        y[0], y[1], y[10] = p["calcium_rest"] * m, p["calmodulin_total"] * m, p["neurogranin_total"] * m
        return y

    def rates(self, p: Values, y: np.ndarray) -> np.ndarray:
        return calmodulin_and_neurogranin(p, per_uM(p, "tube"), y)[0]

    def readouts(self, p: Values, y: np.ndarray) -> Readouts:
        F, H = y[1:10], y[11:20]
        return {
            "Ca_free": y[0] / per_uM(p, "tube"),
            "CaM4_free": F[8],
            "calcium_per_calmodulin": CARRIED @ (F + H) / (F + H).sum(axis=0),
        }


# Section 4: CaMKII.

RING = 4
STATES = "UBPAD"
STEPS = ("UB", "AP", "BU", "PA", "BP beside B or P", "BP beside A or D", "BP", "UA", "AU", "AD", "DA")


@cache
def rings() -> tuple[sparse.csr_array, np.ndarray]:
    """The matrix of each step on the amounts of rings, one under the other, and how often each state occurs in each ring.

    Made for every ordered configuration; then those that a rotation turns into one another are added up, which is exact.
    """
    ordered = list(product(STATES, repeat=RING))
    number = {s: k for k, s in enumerate(ordered)}
    entries: dict[str, list[tuple[int, int, float]]] = {step: [] for step in STEPS}
    for s in ordered:
        for i, here in enumerate(s):
            left = s[i - 1]
            for step in STEPS:
                if (
                    step[0] != here
                    or (step.endswith("B or P") and left not in "BP")
                    or (step.endswith("A or D") and left not in "AD")
                ):
                    continue
                after = (*s[:i], step[1], *s[i + 1 :])
                entries[step] += [(number[after], number[s], 1.0), (number[s], number[s], -1.0)]
    least = [min(s[i:] + s[:i] for i in range(RING)) for s in ordered]
    classes = sorted(set(least))
    add = np.zeros((len(classes), len(ordered)))
    add[[classes.index(s) for s in least], np.arange(len(ordered))] = 1.0
    spread = (add / add.sum(axis=1, keepdims=True)).T
    blocks = []
    for step in STEPS:
        rows, columns, values = zip(*entries[step], strict=True)
        whole = sparse.coo_array((values, (rows, columns)), shape=(len(ordered), len(ordered))).tocsr()
        blocks.append(sparse.csr_array(add @ (whole @ spread)))
    return sparse.vstack(blocks).tocsr(), np.array([[s.count(x) for s in classes] for x in STATES], dtype=float)


class CaMKII:
    """Ca, 9 F and the rings, up to rotation, in a tube."""

    relaxed = 60.0
    place = "tube"
    lets_go = False

    def initial(self, p: Values) -> np.ndarray:
        m = per_uM(p, "tube")
        _, count = rings()
        y = np.zeros(10 + count.shape[1])
        y[0], y[1] = p["calcium_rest"] * m, p["calmodulin_total"] * m
        y[10 + int(np.argmax(count[0] == RING))] = p["camkii_total"] / RING * m
        return y

    def rates(self, p: Values, y: np.ndarray) -> np.ndarray:
        m = per_uM(p, "tube")
        matrices, count = rings()
        tail = y.shape[1:]
        Ca, F, R = y[0], y[1:10].reshape(3, 3, *tail), y[10:]
        c = Ca / m
        n_U, n_B, n_P, n_A, _ = count @ R

        k_on = p["camkii_k_on_CaM4"]
        k_off = k_on * p["camkii_Kd_CaM4"]
        N_free = math.prod(off / on for off, on in zip(off_rates(p, "N"), on_rates(p, "N"), strict=True))
        Kd_N1 = p["camkii_Kd_N1_bound"]
        k_off_CaM2C = p["camkii_k_on_CaM2C"] * p["camkii_Kd_CaM4"] * N_free / (Kd_N1 * p["camkii_Kd_N2_bound"])

        def leaving(poor: float, full: float):
            whole = k_off / full
            Kd_N2 = p["camkii_Kd_N2_bound"] * poor / full
            release = (k_off_CaM2C / poor - k_off / full) / (1 + c / Kd_N1 + c**2 / (Kd_N1 * Kd_N2))
            return whole, release, release / (N_free * p["camkii_Kd_CaM4"] / full)

        whole_B, release_B, rebinding_B = leaving(1.0, 1.0)
        whole_P, release_P, rebinding_P = leaving(p["camkii_trapping_poor"], p["camkii_trapping_full"])
        full_binds = k_on * F[2, 2] / m
        poor_binds = F[0, 2] / m * c**2
        k_left = p["camkii_k_T286"] * p["camkii_uninhibited"]
        alone = p["camkii_k_T286_without_neighbour"]
        rate = {
            "UB": full_binds + rebinding_B * poor_binds,
            "AP": full_binds + rebinding_P * poor_binds,
            "BU": whole_B + release_B,
            "PA": whole_P + release_P,
            "BP beside B or P": k_left,
            "BP beside A or D": k_left * p["camkii_autonomous_neighbour"],
            "BP": alone,
            "UA": alone,
            "AU": p["camkii_k_cat_pp1"] * p["camkii_pp1"] / (p["camkii_Km_pp1"] + n_A / m),
            "AD": p["camkii_k_T306"],
            "DA": p["camkii_k_T306_return"] * p["camkii_pp1"],
        }
        change = np.zeros_like(y)
        per_ring = np.array([rate[step] + 0 * c for step in STEPS])
        change[10:] = np.einsum("s...,sr...->r...", per_ring, (matrices @ R).reshape(len(STEPS), *R.shape))
        dF, _ = lobes_fill(p, m, Ca, F)
        dF[2, 2] += -full_binds * (n_U + n_A) + whole_B * n_B + whole_P * n_P
        dF[0, 2] += release_B * n_B + release_P * n_P - (rebinding_B * n_U + rebinding_P * n_A) * poor_binds
        change[1:10] = dF.reshape(9, *tail)
        return change

    def readouts(self, p: Values, y: np.ndarray) -> Readouts:
        m = per_uM(p, "tube")
        _, n_B, n_P, n_A, n_D = rings()[1] @ y[10:]
        F, bound, autonomous, subunits = y[1:10], n_B + n_P, n_A + n_D, p["camkii_total"] * m
        return {
            "Ca_free": y[0] / m,
            "CaM4_free": F[8],
            "calcium_per_calmodulin": (CARRIED @ F + 4 * bound) / (F.sum(axis=0) + bound),
            "camkii_bound": bound,
            "camkii_autonomous": autonomous,
            "pT286": n_P + n_A + n_D,
            "pT286_fraction": (n_P + n_A + n_D) / subunits,
            "camkii_activity": p["camkii_uninhibited"] * (bound + p["camkii_autonomy"] * autonomous) / m / p["camkii_total"],
            "camkii_open_fraction": (bound + autonomous) / subunits,
        }


# Sections 5 to 7: from glutamate to calcium.


class SpineElectrics:
    """Ca, 9 F, Ng, 9 H, then Glu, Gc, Go, N0, N1, N2, NO, ND, V, Sf, Ss, Bf, Bb, Xf, Xb."""

    relaxed = 3e6
    place = "spine"
    lets_go = True
    NAMES = ("Glu", "Gc", "Go", "N0", "N1", "N2", "NO", "ND", "V", "Sf", "Ss", "Bf", "Bb", "Xf", "Xb")

    def initial(self, p: Values) -> np.ndarray:
        m = per_uM(p, "spine")
        y = np.zeros(20 + len(self.NAMES))
        y[0], y[1], y[10] = p["calcium_rest"] * m, p["calmodulin_total"] * m, p["neurogranin_total"] * m
        start = {
            "Glu": p["glutamate_ambient"] * per_uM(p, "cleft"),
            "Gc": p["ampa_gating_ensemble"],
            "N0": p["nmda_gating_receptors"],
            "Sf": p["membrane_spike_ambient"],
            "Ss": p["membrane_spike_ambient"],
            "Bf": p["calcium_buffer"] * m,
        }
        for name, amount in start.items():
            y[20 + self.NAMES.index(name)] = amount
        return y

    def pulse(self, p: Values, kind: str) -> np.ndarray:
        added = np.zeros(20 + len(self.NAMES))
        if kind == "glutamate":
            added[20 + self.NAMES.index("Glu")] = p["glutamate_release"] * per_uM(p, "cleft")
        elif kind == "spike":
            added[[20 + self.NAMES.index("Sf"), 20 + self.NAMES.index("Ss")]] = p["membrane_spike_tokens"]
        else:
            added[0] = float(kind) * per_uM(p, "spine")
        return added

    def formulas(self, p: Values, y: np.ndarray) -> Readouts:
        s = dict(zip(self.NAMES, y[20:], strict=True))
        share = s["Go"] / p["ampa_gating_ensemble"]
        g = p["ampa_gating_unblocked"] * p["ampa_gating_unit_conductance"] * p["synaptic_receptors"] * share
        g_open = (
            p["nmda_gating_unit_conductance"] * s["NO"] * p["nmda_gating_apv_Ki"] / (p["nmda_gating_apv_Ki"] + p["nmda_gating_apv"])
        )

        below = p["membrane_rest"] + p["membrane_millivolt_per_token"] * s["V"]
        slow = p["membrane_spike_slow_share"]
        pull = ((1 - slow) * s["Sf"] + slow * s["Ss"]) / p["membrane_spike_tokens"]
        free = below + pull * (p["membrane_spike_peak"] - below)
        V_dendrite = (1 - p["membrane_clamp"]) * free + p["membrane_clamp"] * p["membrane_hold"]

        neck = p["membrane_neck"]
        V_block = neck * V_dendrite / (neck + g)
        blocked = p["nmda_gating_magnesium"] / p["nmda_gating_magnesium_half"] * np.exp(-p["nmda_gating_magnesium_slope"] * V_block)
        nmda = g_open / (1 + blocked)
        V_spine = neck * V_dendrite / (neck + g + nmda)

        ions = p["calcium_entry_ions_per_picoampere"] * p["calcium_entry_external"] / p["calcium_entry_usual_external"]
        by_nmda = ions * p["calcium_entry_nmda_calcium_share"] * nmda * (p["calcium_entry_nmda_reversal"] - V_spine)
        closed = np.exp((p["calcium_entry_vgcc_half"] - V_spine) / p["calcium_entry_vgcc_slope"])
        by_vgcc = ions * p["calcium_entry_vgcc_conductance"] * (p["calcium_entry_vgcc_reversal"] - V_spine) / (1 + closed)
        return {
            "ampa_conductance_A": g,
            "V_dendrite": V_dendrite,
            "nmda_conductance_A": nmda,
            "V_spine_A": V_spine,
            "calcium_influx_NMDAR_A": by_nmda,
            "calcium_influx_VGCC_A": by_vgcc,
        }

    def rates(self, p: Values, y: np.ndarray) -> np.ndarray:
        m, m_cleft = per_uM(p, "spine"), per_uM(p, "cleft")
        Ca, s, f = y[0], dict(zip(self.NAMES, y[20:], strict=True)), self.formulas(p, y)
        change = np.zeros_like(y)
        change[:20], uptake = calmodulin_and_neurogranin(p, m, y[:20])

        opening = p["ampa_gating_k_open"] / m_cleft * s["Glu"] * s["Gc"] - p["ampa_gating_k_close"] * s["Go"]
        w = p["nmda_gating_warming"]
        b1 = w * (p["nmda_gating_k_bind"] / m_cleft * s["Glu"] * s["N0"] - p["nmda_gating_k_unbind"] * s["N1"])
        b2 = w * (p["nmda_gating_k_bind"] / m_cleft * s["Glu"] * s["N1"] - p["nmda_gating_k_unbind"] * s["N2"])
        o = w * (p["nmda_gating_k_open"] * s["N2"] - p["nmda_gating_k_close"] * s["NO"])
        d = w * (p["nmda_gating_k_desensitise"] * s["N2"] - p["nmda_gating_k_resensitise"] * s["ND"])

        V_spine = f["V_spine_A"]
        inward = (f["ampa_conductance_A"] + f["nmda_conductance_A"]) * (np.sqrt(V_spine**2 + 0.01) - V_spine) / 2
        capacitance = p["membrane_capacitance"]
        drive = 1000 * p["membrane_coactive"] * inward / capacitance / p["membrane_millivolt_per_token"]

        b = p["calcium_k_buffer_on"] / m * Ca * s["Bf"] - p["calcium_k_buffer_off"] * s["Bb"]
        x = p["chelator_k_on"] / m * Ca * s["Xf"] - p["chelator_k_off"] * s["Xb"]
        entry = f["calcium_influx_NMDAR_A"] + f["calcium_influx_VGCC_A"]
        change[0] = entry + p["calcium_k_extrusion"] * (p["calcium_rest"] * m - Ca) - b - x - uptake
        dialysis = p["chelator_k_dialysis"]
        others = {
            "Glu": p["glutamate_k_clearance"] * (p["glutamate_ambient"] * m_cleft - s["Glu"]),
            "Gc": -opening,
            "Go": opening,
            "N0": -b1,
            "N1": b1 - b2,
            "N2": b2 - o - d,
            "NO": o,
            "ND": d,
            "V": drive - 1000 * p["membrane_leak"] / capacitance * s["V"],
            "Sf": p["membrane_k_spike_fast"] * (p["membrane_spike_ambient"] - s["Sf"]),
            "Ss": p["membrane_k_spike_slow"] * (p["membrane_spike_ambient"] - s["Ss"]),
            "Bf": -b,
            "Bb": b,
            "Xf": dialysis * (p["chelator_pipette"] * m - s["Xf"]) - x,
            "Xb": x - dialysis * s["Xb"],
        }
        for k, name in enumerate(self.NAMES):
            change[20 + k] = others[name]
        return change

    def readouts(self, p: Values, y: np.ndarray) -> Readouts:
        F, H = y[1:10], y[11:20]
        return self.formulas(p, y) | {
            "glutamate_A": y[20 + self.NAMES.index("Glu")] / per_uM(p, "cleft"),
            "nmda_open_A": y[20 + self.NAMES.index("NO")],
            "Ca_free_A": y[0] / per_uM(p, "spine"),
            "CaM4_free_A": F[8],
            "calcium_per_calmodulin_A": CARRIED @ (F + H) / (F + H).sum(axis=0),
        }


SYSTEMS = {"calmodulin": Calmodulin(), "camkii": CaMKII(), "spine_electrics": SpineElectrics()}


# Section 8: what a protocol does.


@dataclass(frozen=True)
class Scenario:
    """A run for both sides: what the library is told, and the same as events spelled out by hand."""

    model: str
    duration: float
    stimuli: tuple = ()
    parameters: dict[str, float] = field(default_factory=dict)
    perturbations: tuple[str, ...] = ()
    pulses: tuple[tuple[float, str], ...] = ()
    held: tuple[tuple[float, float, float], ...] = ()  # (from, to, uM)
    windows: tuple[tuple[float, float, dict[str, float]], ...] = ()  # (from, to, values)
    mutant: dict[str, float] = field(default_factory=dict)  # replaced from the start
    rtol: float = 1e-10

    @property
    def edges(self) -> list[float]:
        inner = {t for t, _ in self.pulses} | {t for a, b, _ in (*self.held, *self.windows) for t in (a, b)}
        return [-RECORDED_BEFORE, *sorted(t for t in inner if -RECORDED_BEFORE < t < self.duration), self.duration]

    @property
    def times(self) -> np.ndarray:
        """From each event on ever farther apart, the moment of the event included: that is the side after it."""
        steps = np.concatenate([[0.0], np.geomspace(2.0**-13, self.duration, 30)])
        late = [a + steps[a + steps < b] for a, b in pairwise(self.edges) if a >= 0]
        return np.unique(np.round(np.concatenate([[-600.0, -599.875, -300.0, -1.0], *late, [self.duration]]), 9))


def integrate(
    system, p: Values, y: np.ndarray, times: np.ndarray, rtol: float, held: bool = False, method: str = "LSODA"
) -> np.ndarray:
    """States at `times`, seconds from y. The Jacobian is exact: the equations are analytic, and are given complex steps."""
    fixed = held or not system.lets_go

    def rates(_t, y):
        change = system.rates(p, y)
        if fixed:
            change[0] = 0.0
        return change

    def jacobian(_t, y):
        return rates(_t, y[:, None] + 1e-30j * np.eye(len(y))).imag / 1e-30

    scale = np.full(len(y), rtol * 1e-3)
    solution = solve_ivp(rates, (0.0, times[-1]), y, method=method, t_eval=times, rtol=rtol, atol=scale, jac=jacobian)
    assert solution.success, solution.message
    return solution.y


def blind(scenario: Scenario, changed: Values | None = None, rtol: float | None = None, method: str = "LSODA") -> Readouts:
    system, rtol = SYSTEMS[scenario.model], rtol or scenario.rtol
    start = {**table(scenario.model), **scenario.parameters, **scenario.mutant, **(changed or {})}
    m = per_uM(start, system.place)
    y = integrate(system, start, system.initial(start), np.array([system.relaxed]), rtol, method=method)[:, -1]
    rest = y[0]
    was_held, parts = False, []
    for a, b in pairwise(scenario.edges):
        for when, kind in scenario.pulses:
            if when == a:
                y = y + system.pulse(start, kind)
        p = dict(start)
        for since, until, values in scenario.windows:
            if since <= a < until:
                p.update(values)
        steps = [(since, uM) for since, until, uM in scenario.held if since <= a < until]
        if steps:
            y[0] = max(steps)[1] * m
        elif was_held and not system.lets_go:
            y[0] = rest
        was_held = bool(steps)
        last = b == scenario.duration
        asked = scenario.times[(scenario.times >= a) & ((scenario.times < b) | last)] - a
        course = integrate(system, p, y, np.unique([0.0, *asked, b - a]), rtol, was_held, method)
        y = course[:, -1]
        parts.append(system.readouts(p, course[:, : len(asked)]))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def library(scenario: Scenario) -> Readouts:
    protocol = ltpath.Protocol(title="blind", duration=scenario.duration, stimuli=scenario.stimuli)
    run = ltpath.simulate(
        scenario.model,
        protocol,
        parameters=scenario.parameters,
        perturbations=scenario.perturbations,
        times=scenario.times,
        rtol=1e-10,
    )
    assert np.array_equal(run["time"], scenario.times)
    return {name: np.asarray(run[name]) for name in run.data_vars}


def deviations(found: Readouts, wanted: Readouts, names: Iterable[str]) -> dict[str, float]:
    return {name: float(np.abs(found[name] - wanted[name]).max() / np.abs(wanted[name]).max()) for name in names}


# Where the table holds a 0 or a 1 that would hide a flux, `parameters` puts another value.
OPEN = {"nmda_gating_apv": 0.75, "ampa_gating_unblocked": 0.8, "chelator_pipette": 300.0, "membrane_spike_ambient": 20.0}
PP1 = {"camkii_pp1": 2.0, "camkii_k_T286_without_neighbour": 0.004, "camkii_uninhibited": 0.7, "calmodulin_total": 0.6}
ALWAYS = (-math.inf, math.inf)

SCENARIOS = {
    "calmodulin: steps of calcium": Scenario(
        "calmodulin",
        4.0,
        (
            ltpath.Calcium(amplitude=2.0, length=0.5),
            ltpath.Calcium(at=0.5, amplitude=40.0, length=0.25),
            ltpath.Calcium(at=1.0, amplitude=8.0, length=0.25, pulses=2, frequency=2.0),
        ),
        held=((0.0, 0.5, 2.0), (0.5, 0.75, 40.0), (1.0, 1.25, 8.0), (1.5, 1.75, 8.0)),
    ),
    "camkii: naive, without phosphatase": Scenario(
        "camkii",
        30.0,
        (ltpath.Calcium(amplitude=1.0, length=2.0), ltpath.Calcium(at=2.0, amplitude=20.0, length=8.0)),
        held=((0.0, 2.0, 1.0), (2.0, 10.0, 20.0)),
    ),
    "camkii: PP1 and little calmodulin": Scenario(
        "camkii",
        60.0,
        (ltpath.Calcium(amplitude=4.0, length=30.0),),
        PP1,
        held=((0.0, 30.0, 4.0),),
    ),
    "spine: one pulse": Scenario(
        "spine_electrics",
        1.0,
        (ltpath.Train(),),
        pulses=((0.0, "glutamate"),),
    ),
    "spine: 100 Hz with spikes": Scenario(
        "spine_electrics",
        0.5,
        (ltpath.Train(pulses=5, frequency=100.0, spike_every=2, spike_delay=0.004),),
        OPEN,
        pulses=(*((k / 100, "glutamate") for k in range(5)), (0.014, "spike"), (0.034, "spike")),
    ),
    "spine: clamped pairing": Scenario(
        "spine_electrics",
        1.0,
        (ltpath.Pairing(hold=-10.0, pulses=2, frequency=4.0),),
        pulses=((0.0, "glutamate"), (0.25, "glutamate")),
        windows=((0.0, 0.5, {"membrane_clamp": 1.0, "membrane_hold": -10.0}),),
    ),
    "spine: without magnesium": Scenario(
        "spine_electrics",
        0.5,
        (ltpath.Pairing(spike_delay=0.03125),),
        perturbations=("zero_magnesium",),
        pulses=((0.0, "glutamate"), (0.03125, "spike")),
        windows=((*ALWAYS, {"nmda_gating_magnesium": 0.0}),),
    ),
}

# The rest of section 8.
MORE = {
    "camkii: T286D and an inhibitor": Scenario(
        "camkii",
        20.0,
        (ltpath.Calcium(amplitude=5.0, length=4.0),),
        {"camkii_pp1": 1.0},
        ("t286d", "camkii_inhibitor"),
        held=((0.0, 4.0, 5.0),),
        windows=((*ALWAYS, {"camkii_uninhibited": 1 / (1 + 5 / 0.05)}),),
        mutant={"camkii_k_T286_without_neighbour": 10.0, "camkii_pp1": 0.0, "camkii_k_T306": 0.0},
    ),
    "spine: held calcium, uncaging, a burst and blockers": Scenario(
        "spine_electrics",
        0.5,
        (
            ltpath.Calcium(amplitude=6.0, length=0.125),
            ltpath.Uncaging(at=0.25, pulses=2, frequency=16.0),
            ltpath.ThetaBurst(at=0.25, bursts=1),
        ),
        perturbations=("apv", "ampar_block"),
        pulses=(
            *((0.25 + k / 16, "5.0") for k in range(2)),
            *((round(0.25 + k / 100, 9), "glutamate") for k in range(4)),
            *((0.25 + late, "spike") for late in (0.01, 0.02, 0.03, 0.04)),
        ),
        held=((0.0, 0.125, 6.0),),
        windows=((*ALWAYS, {"nmda_gating_apv": 50.0, "ampa_gating_unblocked": 1 / (1 + 10 / 0.3)}),),
    ),
}


@cache
def blindly(name: str) -> Readouts:
    return blind(SCENARIOS[name])


def compare(scenario: Scenario, mine: Readouts) -> None:
    theirs = library(scenario)
    assert set(mine) == set(theirs)
    far = {readout: share for readout, share in deviations(theirs, mine, mine).items() if not share < AGREEMENT[scenario.model]}
    assert not far


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_rules_amount_to_the_equations_of_the_document(name):
    compare(SCENARIOS[name], blindly(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", MORE)
def test_protocols_do_what_the_document_says(name):
    compare(MORE[name], blind(MORE[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_solution_of_the_equations_does_not_depend_on_the_solver(name):
    mine, other = blindly(name), blind(SCENARIOS[name], rtol=1e-12, method="BDF")
    assert max(deviations(other, mine, mine).values()) < 2e-9


# In no equation of the document; the two that only a clamp sets; and what only says how many tokens or molecules stand for the same
# share, voltage or concentration.
UNMOVED = {
    "volume_dendrite", "membrane_clamp", "membrane_hold", "ampa_gating_ensemble", "membrane_millivolt_per_token", "volume_cleft",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("model", SYSTEMS)
def test_a_tenth_of_a_percent_of_any_constant_would_be_seen(model):
    scenarios = {name: scenario for name, scenario in SCENARIOS.items() if scenario.model == model}
    unseen = []
    for constant in sorted(table(model).keys() - UNMOVED):
        largest = 0.0
        for name, scenario in scenarios.items():
            value = {**table(model), **scenario.parameters}[constant]
            if value and largest < 2 * AGREEMENT[model]:
                moved = blind(scenario, {constant: value * 1.001}, rtol=1e-9)
                largest = max(largest, *deviations(moved, blindly(name), moved).values())
        if largest < 2 * AGREEMENT[model]:
            unseen.append(constant)
    assert not unseen
