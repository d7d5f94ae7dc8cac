"""NMDA receptors are coincidence detectors: glutamate opens them, depolarisation lifts the Mg2+ block."""

from dataclasses import dataclass

import pysb
import sympy
from ltpath.pathways.citations import DESTEXHE_1998, JAHR_1990, RODRIGUES_2023
from ltpath.pathways.molecules import GLUTAMATE, NMDA_RECEPTOR

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Five-state gating, Mg2+ block and conductance."""

    receptors: Quantity
    k_bind: Quantity
    k_unbind: Quantity
    k_open: Quantity
    k_close: Quantity
    k_desensitise: Quantity
    k_resensitise: Quantity
    warming: Quantity
    unit_conductance: Quantity
    magnesium: Quantity
    magnesium_half: Quantity
    magnesium_slope: Quantity
    apv: Quantity
    apv_Ki: Quantity


_NMDA5 = "NMDA5.mod, a fit to hippocampal slices (Hessler 1993); read in ModelDB code, which cites this chapter"

FIVE_STATE = Kinetics(
    receptors=estimate(8.0, Unit.MOLECULES, "published models use 5 to 30 per synapse, Rodrigues 2023 15", RODRIGUES_2023),
    k_bind=published(
        5.0, Unit.PER_MICROMOLAR_SECOND, DESTEXHE_1998, f"Rb 5e6 /M/s, no statistical factors; {_NMDA5}", Seen.SECOND_HAND
    ),
    k_unbind=published(12.9, Unit.PER_SECOND, DESTEXHE_1998, f"Ru; {_NMDA5}", Seen.SECOND_HAND),
    k_open=published(46.5, Unit.PER_SECOND, DESTEXHE_1998, f"Ro; {_NMDA5}", Seen.SECOND_HAND),
    k_close=published(73.8, Unit.PER_SECOND, DESTEXHE_1998, f"Rc; {_NMDA5}", Seen.SECOND_HAND),
    k_desensitise=published(8.4, Unit.PER_SECOND, DESTEXHE_1998, f"Rd; {_NMDA5}", Seen.SECOND_HAND),
    k_resensitise=published(6.8, Unit.PER_SECOND, DESTEXHE_1998, f"Rr; {_NMDA5}", Seen.SECOND_HAND),
    warming=estimate(2.0, Unit.NONE, "all gating rates from 22-25 C to 34 C: one Q10 of about 2"),
    unit_conductance=estimate(
        0.045,
        Unit.NANOSIEMENS,
        "53 +- 5 pS measured at 1.8 mM Ca2+ (second-hand in Rodrigues 2023); lowered for 2.5 mM",
        RODRIGUES_2023,
    ),
    magnesium=estimate(1.3, Unit.MILLIMOLAR, "external Mg2+ of usual slice solutions, 1.0-1.5 mM"),
    magnesium_half=published(3.57, Unit.MILLIMOLAR, JAHR_1990, "B(V) = 1/(1 + [Mg]/3.57 exp(-0.062 V))", Seen.SECOND_HAND),
    magnesium_slope=published(0.062, Unit.PER_MILLIVOLT, JAHR_1990, "same equation", Seen.SECOND_HAND),
    apv=defined(0.0, Unit.MICROMOLAR, "D-APV in the bath; 0 without the drug"),
    apv_Ki=estimate(1.4, Unit.MICROMOLAR, "D-APV at NMDA receptors, low micromolar", seen=Seen.UNVERIFIED),
)


@dataclass(frozen=True)
class NMDAConductance:
    """Open conductance before the Mg2+ block, and the block as a function of voltage (mV)."""

    unblocked: pysb.Expression
    magnesium: pysb.Parameter
    half: pysb.Parameter
    slope: pysb.Parameter

    def relief(self, voltage: sympy.Expr) -> sympy.Expr:
        """Fraction of open channels that Mg2+ leaves free (Jahr and Stevens 1990)."""
        return 1 / (1 + self.magnesium / self.half * sympy.exp(-self.slope * voltage))


def nmda_receptors_open_on_glutamate(net: Network, cleft: Place, k: Kinetics = FIVE_STATE) -> NMDAConductance:
    """Add gating by glutamate; APV takes receptors away in proportion to its occupancy."""
    p = net.parameters("nmda_gating", k)
    Glu, NMDAR = net.monomers(cleft, GLUTAMATE, NMDA_RECEPTOR)
    suffix = cleft.suffix
    warm = {}
    for field in ("k_bind", "k_unbind", "k_open", "k_close", "k_desensitise", "k_resensitise"):
        cold = getattr(p, field)
        warm[field] = net.constant(f"{cold.name}_warm", cold * p.warming, net.units[cold.name])

    def bound(n: str, gate: str = "closed") -> pysb.MonomerPattern:
        return NMDAR(glutamate=n, gate=gate)

    net.rule("glutamate_binds_NMDA_receptor", cleft, bound("glu0") + Glu() >> bound("glu1") + Glu(), warm["k_bind"])
    net.rule("second_glutamate_binds_NMDA_receptor", cleft, bound("glu1") + Glu() >> bound("glu2") + Glu(), warm["k_bind"])
    net.rule("glutamate_leaves_NMDA_receptor", cleft, bound("glu1") >> bound("glu0"), warm["k_unbind"])
    net.rule("second_glutamate_leaves_NMDA_receptor", cleft, bound("glu2") >> bound("glu1"), warm["k_unbind"])
    net.rule("NMDA_receptor_opens", cleft, bound("glu2") | bound("glu2", "open"), warm["k_open"], warm["k_close"])
    net.rule(
        "NMDA_receptor_desensitises",
        cleft,
        bound("glu2") | bound("glu2", "desensitised"),
        warm["k_desensitise"],
        warm["k_resensitise"],
    )

    net.initial(cleft, bound("glu0"), p.receptors)
    opened = net.observable(f"nmda_open{suffix}", NMDAR(gate="open"), "open NMDA receptors, Mg2+-blocked or not")
    conductance = net.expression(
        f"nmda_conductance_without_block{suffix}",
        p.unit_conductance * opened * p.apv_Ki / (p.apv_Ki + p.apv),
        Unit.NANOSIEMENS,
    )
    return NMDAConductance(conductance, p.magnesium, p.magnesium_half, p.magnesium_slope)
