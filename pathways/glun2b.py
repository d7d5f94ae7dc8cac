"""Open subunits of CaMKII bind GluN2B, which keeps them open.

A bound subunit stays active when calmodulin leaves, phosphorylated or not, traps calmodulin as
pT286 does, and is shielded from phosphatase and from phosphorylation at T305/306. A subunit that
nothing opens binds too, as rarely as it opens by itself. How rarely follows from the trapping:
what traps calmodulin by opening the kinase must be bound that much less by a closed one, or a
cycle kinase x calmodulin x GluN2B would make free energy.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import pysb
from ltpath.pathways.citations import FENG_2011, ROMAN_GARCIA_2025
from ltpath.pathways.molecules import CALMODULIN, GLUN2B

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Unit, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Binding of one open subunit to one GluN2B."""

    total: Quantity
    k_on: Quantity
    k_off: Quantity


SPINE = Kinetics(
    total=estimate(
        1.0,
        Unit.MICROMOLAR,
        "two GluN2B on each of 30 receptors, the number in a published model's spine, in 0.1 fL",
        ROMAN_GARCIA_2025,
    ),
    k_on=estimate(
        0.14,
        Unit.PER_MICROMOLAR_SECOND,
        "open subunits; so that 0.2 % of the kinase is bound at rest, as Feng 2011 estimates (abstract); 2 in a published model",
        FENG_2011,
    ),
    k_off=published(0.03, Unit.PER_SECOND, ROMAN_GARCIA_2025, "koff_CaMKII_NMDAR of the published file, where it has no source"),
)


def camkii_binds_glun2b(net: Network, place: Place, p: SimpleNamespace, k: Kinetics, CaMKII: pysb.Monomer) -> pysb.Observable:
    """Add GluN2B and its binding; return the bound subunits.

    Parameters
    ----------
    p : SimpleNamespace
        The kinase's parameters.
    CaMKII : pysb.Monomer
        With a site `glun2b`.
    """
    q = net.parameters("glun2b", k)
    CaM, GluN2B = net.monomers(place, CALMODULIN, GLUN2B)
    poorly = net.constant("glun2b_k_on_CaM_poor", q.k_on * p.trapping_poor / p.trapping_full, Unit.PER_MICROMOLAR_SECOND)
    closed = net.constant("glun2b_k_on_closed", q.k_on / p.trapping_full, Unit.PER_MICROMOLAR_SECOND)
    # T305/306 keeps GluN2B off.
    bare = {"T306": "u"}
    for name, rest, subunit, k_on in (
        ("pT286_kinase", None, {"T286": "p"}, q.k_on),
        ("kinase_with_full_N_lobe", CaM(N="ca2", target=1), {"T286": "u", "cam": 1}, q.k_on),
        ("kinase_with_half_N_lobe", CaM(N="ca1", target=1), {"T286": "u", "cam": 1}, poorly),
        ("kinase_with_empty_N_lobe", CaM(N="ca0", target=1), {"T286": "u", "cam": 1}, poorly),
        ("closed_kinase", None, {"T286": "u", "cam": None}, closed),
    ):
        before, after = CaMKII(glun2b=None, **bare, **subunit), CaMKII(glun2b=2, **bare, **subunit)
        if rest is not None:
            before, after = before % rest, after % rest
        net.rule(f"{name}_binds_GluN2B", place, before + GluN2B(kinase=None) | after % GluN2B(kinase=2), k_on, q.k_off)
    net.initial(place, GluN2B(kinase=None), q.total)
    return net.observable(f"camkii_on_GluN2B{place.suffix}", CaMKII(glun2b=pysb.ANY), "CaMKII subunits bound to GluN2B")
