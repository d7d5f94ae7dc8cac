"""AMPA receptors open on glutamate and close within milliseconds.

The gate is a normalised channel ensemble: gating and trafficking do not multiply
each other's states, and the conductance is open fraction x receptors in the synapse.
"""

from dataclasses import dataclass

import pysb
from ltpath.pathways.citations import DESTEXHE_1994
from ltpath.pathways.molecules import AMPA_CHANNEL, GLUTAMATE

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Two-state gating and unit conductance."""

    ensemble: Quantity
    k_open: Quantity
    k_close: Quantity
    unit_conductance: Quantity
    unblocked: Quantity


TWO_STATE = Kinetics(
    ensemble=defined(100.0, Unit.MOLECULES, "size of the normalised channel ensemble; only the open fraction is used"),
    k_open=published(
        1.1, Unit.PER_MICROMOLAR_SECOND, DESTEXHE_1994, "alpha = 1.1e6 /M/s; read in the Dainauskas 2023 code", Seen.SECOND_HAND
    ),
    k_close=published(190.0, Unit.PER_SECOND, DESTEXHE_1994, "beta = 190 /s; read in the Dainauskas 2023 code", Seen.SECOND_HAND),
    unit_conductance=estimate(
        0.012,
        Unit.NANOSIEMENS,
        "mean per open channel; Coombs 2017 sublevels 16-38 pS (second-hand) average to less because few sites are bound",
        seen=Seen.UNVERIFIED,
    ),
    unblocked=defined(1.0, Unit.NONE, "fraction of AMPA receptors not blocked; 1 without a drug"),
)


def ampa_receptors_open_on_glutamate(
    net: Network, cleft: Place, receptors: pysb.Expression | pysb.Parameter, k: Kinetics = TWO_STATE
) -> pysb.Expression:
    """Add gating; return the AMPA conductance for this number of synaptic receptors (nS)."""
    p = net.parameters("ampa_gating", k)
    Glu, AMPARGate = net.monomers(cleft, GLUTAMATE, AMPA_CHANNEL)
    suffix = cleft.suffix

    net.rule("glutamate_opens_AMPA_receptor", cleft, AMPARGate(gate="closed") + Glu() >> AMPARGate(gate="open") + Glu(), p.k_open)
    net.rule("AMPA_receptor_closes", cleft, AMPARGate(gate="open") >> AMPARGate(gate="closed"), p.k_close)

    net.initial(cleft, AMPARGate(gate="closed"), p.ensemble)
    opened = net.observable(f"ampa_gates_open{suffix}", AMPARGate(gate="open"))
    return net.readout(
        f"ampa_conductance{suffix}",
        p.unblocked * p.unit_conductance * receptors * opened / p.ensemble,
        Unit.NANOSIEMENS,
        "conductance of the synapse's AMPA receptors",
    )
