"""Calcium/calmodulin switches Ras, Ras switches ERK, and ERK drives a burst of exocytosis.

Two first-order steps of 25 s and 60 s give the rise and fall of receptor exocytosis after
a stimulus (Patterson 2010, who found it to need Ras and ERK and not CaMKII). Ras is loaded
in proportion to the square of calmodulin with four calcium, an assumption that keeps a
train at 1 Hz from driving exocytosis as a tetanus does.
"""

from dataclasses import dataclass

import pysb
from ltpath.pathways.citations import BECKER_2021
from ltpath.pathways.molecules import ERK, RAS

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Unit, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Switching of Ras and ERK."""

    ras: Quantity
    erk: Quantity
    k_ras_on: Quantity
    k_ras_off: Quantity
    k_erk_on: Quantity
    k_erk_off: Quantity


SPINE = Kinetics(
    ras=estimate(1.0, Unit.MICROMOLAR, "only the active fraction matters"),
    erk=estimate(1.0, Unit.MICROMOLAR, "only the active fraction matters"),
    k_ras_on=estimate(
        100.0,
        Unit.PER_MICROMOLAR2_SECOND,
        "a tetanus loads a fraction of Ras, so that a second one adds; only its product with the burst is fitted; "
        "second order in calmodulin is an assumption of this library: with a first order, 900 pulses at 1 Hz add up "
        "to a tetanus; its molecular candidate is RasGRF1, said to act as an oligomer (no source read)",
    ),
    k_ras_off=published(1 / 25, Unit.PER_SECOND, BECKER_2021, "rise of the exocytosis response, 25 s"),
    k_erk_on=estimate(0.02, Unit.PER_MICROMOLAR_SECOND, "small enough to keep ERK far from saturation"),
    k_erk_off=published(1 / 60, Unit.PER_SECOND, BECKER_2021, "fall of the exocytosis response, 60 s"),
)


def calcium_switches_ras_and_erk(net: Network, spine: Place, k: Kinetics = SPINE) -> pysb.Expression:
    """Add the cascade; return the active fraction of ERK."""
    p = net.parameters("exocytosis_signal", k)
    Ras, Erk = net.monomers(spine, RAS, ERK)
    suffix = spine.suffix
    per_uM = net.per_micromolar(spine)
    free_CaM4 = net.model.observables[f"CaM4_free{suffix}"]
    k_on = net.expression(f"ras_k_on{suffix}", p.k_ras_on * (free_CaM4 / per_uM) ** 2, Unit.PER_SECOND)
    gtp = net.observable(f"ras_gtp{suffix}", Ras(nucleotide="GTP"), "Ras with GTP")
    k_erk = net.expression(f"erk_k_on{suffix}", p.k_erk_on * gtp / per_uM, Unit.PER_SECOND)

    net.rule("calmodulin_loads_Ras", spine, Ras(nucleotide="GDP") | Ras(nucleotide="GTP"), k_on, p.k_ras_off)
    net.rule("Ras_activates_ERK", spine, Erk(state="inactive") | Erk(state="active"), k_erk, p.k_erk_off)

    net.initial(spine, Ras(nucleotide="GDP"), p.ras)
    net.initial(spine, Erk(state="inactive"), p.erk)
    active = net.observable(f"erk_active_count{suffix}", Erk(state="active"))
    return net.readout(f"erk_active{suffix}", active / (p.erk * per_uM), Unit.NONE, "active fraction of ERK")
