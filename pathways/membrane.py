"""Membrane potential: each branch of the dendrite is a state, its spine follows it algebraically.

A spine of 0.1 fL charges through its neck in microseconds (C R about 2 us), so its
voltage is a formula of the conductances; a branch integrates over its 10 ms. Spikes come
to all branches alike; what synapses make of one branch reaches the others attenuated.
Depolarisation is carried by tokens that synaptic current makes and leak removes, and
back-propagating spikes by two kinds of tokens that decay, so that no rate reads time.
"""

from dataclasses import dataclass, replace

import pysb
import sympy
from ltpath.pathways.citations import GOLDING_2005, RODRIGUES_2023
from ltpath.pathways.molecules import DEPOLARISATION, SPIKE_FAST, SPIKE_SLOW
from ltpath.pathways.nmda_gating import NMDAConductance

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Unit, defined, estimate


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Cable constants of a lumped dendrite and a spine neck, and the shape of a spike."""

    rest: Quantity
    neck: Quantity
    leak: Quantity
    capacitance: Quantity
    coactive: Quantity
    millivolt_per_token: Quantity
    spike_peak: Quantity
    spike_slow_share: Quantity
    spike_tokens: Quantity
    spike_ambient: Quantity
    k_spike_fast: Quantity
    k_spike_slow: Quantity
    clamp: Quantity
    hold: Quantity


DENDRITE = Kinetics(
    rest=estimate(-70.0, Unit.MILLIVOLT, "resting potential of CA1 pyramidal cells in slices"),
    neck=estimate(
        5.0,
        Unit.NANOSIEMENS,
        "neck resistance 200 MOhm; measured 50-550, mean 275 +- 27 MOhm (Popovic 2015, second-hand)",
        RODRIGUES_2023,
    ),
    leak=estimate(10.0, Unit.NANOSIEMENS, "input conductance of a thin dendrite; with the capacitance, a 10 ms time constant"),
    capacitance=estimate(100.0, Unit.PICOFARAD, "gives a membrane time constant of 10 ms"),
    coactive=estimate(
        10.0,
        Unit.NONE,
        "inputs alike on the same branch that a field stimulus activates together, for each of which one spine stands",
    ),
    millivolt_per_token=defined(0.05, Unit.MILLIVOLT, "size of one depolarisation token"),
    spike_peak=estimate(
        -10.0, Unit.MILLIVOLT, "where a back-propagating spike takes the dendrite, from rest or from a depolarised level"
    ),
    spike_slow_share=estimate(0.15, Unit.NONE, "share of the slow after-depolarisation"),
    spike_tokens=defined(1000.0, Unit.MOLECULES, "tokens that one back-propagating spike adds, fast and slow each"),
    spike_ambient=defined(0.001, Unit.MOLECULES, "floor that keeps the pulsed tokens above zero"),
    k_spike_fast=estimate(500.0, Unit.PER_SECOND, "decay of the spike, 2 ms"),
    k_spike_slow=estimate(40.0, Unit.PER_SECOND, "decay of its after-depolarisation, 25 ms"),
    clamp=defined(0.0, Unit.NONE, "1 while a protocol clamps the dendrite's voltage"),
    hold=defined(-70.0, Unit.MILLIVOLT, "the voltage that the clamp holds"),
)

COUPLING = estimate(
    0.1,
    Unit.NONE,
    "share of one branch's synaptic depolarisation in the others; simulated EPSPs attenuate more than 100-fold from many small, "
    "distal dendrites to the soma (abstract)",
    GOLDING_2005,
)


@dataclass(frozen=True)
class SpineVoltage:
    """What the calcium pathway needs to know of one spine's membrane."""

    voltage: pysb.Expression
    nmda_conductance: pysb.Expression


def synapses_depolarise_the_dendrite(
    net: Network,
    dendrite: Place,
    synapses: list[tuple[Place, pysb.Expression, NMDAConductance]],
    k: Kinetics = DENDRITE,
) -> list[SpineVoltage]:
    """Add dendritic depolarisation and spikes; return each spine's voltage and NMDA conductance.

    Each spine stands for a pathway of `coactive` inputs alike on a branch of their own, so that stimulating one of several
    spines is what stimulating the only one is.
    """
    p = net.parameters("membrane", k)
    Fast, Slow = net.monomers(dendrite, SPIKE_FAST, SPIKE_SLOW)
    fast, slow = net.observable("spike_fast_tokens", Fast()), net.observable("spike_slow_tokens", Slow())
    pull = ((1 - p.spike_slow_share) * fast + p.spike_slow_share * slow) / p.spike_tokens

    def potential(branch: Place, depolarisation: sympy.Expr, meaning: str) -> pysb.Expression:
        # A spike pulls towards its peak, so that it does not add to a depolarisation that is already there.
        subthreshold = p.rest + p.millivolt_per_token * depolarisation
        free = subthreshold + pull * (p.spike_peak - subthreshold)
        held = (1 - p.clamp) * free + p.clamp * p.hold
        return net.readout(f"V_dendrite{branch.suffix}", held, Unit.MILLIVOLT, meaning)

    if len(synapses) < 2:
        branches, tokens = [dendrite], net.monomers(dendrite, DEPOLARISATION)
        (V,) = tokens
        potentials = [potential(dendrite, net.observable("depolarisation_tokens", V()), "potential of the dendrite")]
    else:
        branches = [replace(dendrite, synapse=spine.synapse) for spine, _, _ in synapses]
        tokens = [net.monomers(branch, DEPOLARISATION)[0] for branch in branches]
        coupling = net.parameter("membrane_coupling", COUPLING)
        everywhere = net.observable("depolarisation_tokens", sum((V() for V in tokens[1:]), tokens[0]()))
        potential(dendrite, coupling * everywhere, "potential of the dendrite between the branches of its synapses")
        potentials = []
        for branch, V in zip(branches, tokens, strict=True):
            own = net.observable(f"depolarisation_tokens{branch.suffix}", V())
            local = coupling * everywhere + (1 - coupling) * own
            potentials.append(potential(branch, local, "potential of this synapse's branch of the dendrite"))

    spines, currents = [], []
    for (spine, ampa, nmda), dendritic in zip(synapses, potentials, strict=False):
        # Mg2+ relief is taken at the voltage that the AMPA current alone would give: closed form, error below 0.1 mV.
        predictor = p.neck * dendritic / (p.neck + ampa)
        relieved = net.readout(
            f"nmda_conductance{spine.suffix}",
            nmda.unblocked * nmda.relief(predictor),
            Unit.NANOSIEMENS,
            "conductance of NMDA receptors that are open and free of Mg2+",
        )
        voltage = net.readout(
            f"V_spine{spine.suffix}",
            p.neck * dendritic / (p.neck + ampa + relieved),
            Unit.MILLIVOLT,
            "potential of the spine head",
        )
        # Inward current only (reversal at 0 mV); the smooth clip keeps the rate positive in stochastic engines.
        currents.append((ampa + relieved) * (sympy.sqrt(voltage**2 + 0.01) - voltage) / 2)
        spines.append(SpineVoltage(voltage, relieved))
    k_leak = net.expression("membrane_k_leak", 1000 * p.leak / p.capacitance, Unit.PER_SECOND)
    fast_floor = net.expression("spike_fast_floor", p.k_spike_fast * p.spike_ambient, Unit.MOLECULES_PER_SECOND)
    slow_floor = net.expression("spike_slow_floor", p.k_spike_slow * p.spike_ambient, Unit.MOLECULES_PER_SECOND)

    for branch, V, current in zip(branches, tokens, currents, strict=False):
        drive = net.expression(
            f"depolarisation_drive{branch.suffix}",
            1000 * p.coactive * current / p.capacitance / p.millivolt_per_token,
            Unit.MOLECULES_PER_SECOND,
        )
        net.rule("synaptic_current_depolarises", branch, None >> V(), drive)
    for branch, V in zip(branches, tokens, strict=True):
        net.rule("leak_repolarises", branch, V() >> None, k_leak)
    net.rule("spike_ends", dendrite, Fast() >> None, p.k_spike_fast)
    net.rule("after_depolarisation_ends", dendrite, Slow() >> None, p.k_spike_slow)
    net.rule("spike_floor", dendrite, None >> Fast(), fast_floor)
    net.rule("after_depolarisation_floor", dendrite, None >> Slow(), slow_floor)

    net.initial(dendrite, Fast(), p.spike_ambient)
    net.initial(dendrite, Slow(), p.spike_ambient)
    net.input("spike", dendrite, {Fast(): p.spike_tokens, Slow(): p.spike_tokens})
    return spines
