"""Calcineurin is switched on by calcium/calmodulin and stays on after calcium has gone.

PP1 acts where its substrates are declared (`camkii`, `ampa_traffic`); its free amount is
a parameter of this preparation.
"""

from dataclasses import dataclass

import pysb
from ltpath.pathways.citations import MAKI_2020, RODRIGUES_2023
from ltpath.pathways.molecules import CALCINEURIN, CALMODULIN

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Unit, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Calmodulin binding of calcineurin."""

    total: Quantity
    k_on: Quantity
    k_off: Quantity


SPINE = Kinetics(
    total=published(2.3, Unit.MICROMOLAR, MAKI_2020, "spine-like compartment; published models use 1.5-20 uM"),
    k_on=estimate(
        10.75,
        Unit.PER_MICROMOLAR_SECOND,
        "CaM4 and calcineurin; the published code evaluates to 17.5 at 35 C and 15.5 at 22 C, where 46 was measured (Quintana 2005)",
        RODRIGUES_2023,
    ),
    k_off=published(0.02, Unit.PER_SECOND, RODRIGUES_2023, "at 35 C; activity in spines decays in 50-95 s"),
)


def calmodulin_activates_calcineurin(net: Network, spine: Place, k: Kinetics = SPINE) -> pysb.Expression:
    """Add calcineurin; return its active form in uM."""
    p = net.parameters("calcineurin", k)
    CaM, CaN = net.monomers(spine, CALMODULIN, CALCINEURIN)
    net.rule(
        "calmodulin_binds_calcineurin",
        spine,
        CaM(C="ca2", N="ca2", target=None) + CaN(cam=None) | CaM(C="ca2", N="ca2", target=1) % CaN(cam=1),
        p.k_on,
        p.k_off,
    )
    net.initial(spine, CaN(cam=None), p.total)
    active = net.observable(f"calcineurin_bound{spine.suffix}", CaN(cam=pysb.ANY))
    return net.readout(
        f"calcineurin_active{spine.suffix}", active / net.per_micromolar(spine), Unit.MICROMOLAR, "active calcineurin"
    )
