"""Glutamate is released into the cleft and cleared within milliseconds."""

from dataclasses import dataclass

from ltpath.pathways.citations import RODRIGUES_2023
from ltpath.pathways.molecules import GLUTAMATE

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Release and clearance of glutamate."""

    release: Quantity
    k_clearance: Quantity
    ambient: Quantity


CLEFT = Kinetics(
    release=published(
        1000.0, Unit.MICROMOLAR, RODRIGUES_2023, "1 mM pulse; there square for 1 ms, here decaying with a 1 ms time constant"
    ),
    k_clearance=estimate(
        1000.0, Unit.PER_SECOND, "time constant 1 ms of synaptic glutamate, from memory of Clements 1992", seen=Seen.UNVERIFIED
    ),
    ambient=estimate(0.024, Unit.MICROMOLAR, "tonic extracellular level; also keeps the pulsed species above zero between pulses"),
)


def glutamate_is_released_and_cleared(net: Network, cleft: Place, k: Kinetics = CLEFT) -> None:
    """Add first-order clearance; a `glutamate` stimulus adds one release of transmitter."""
    p = net.parameters("glutamate", k)
    (Glu,) = net.monomers(cleft, GLUTAMATE)
    leak = net.constant("glutamate_leak", p.k_clearance * p.ambient, Unit.MICROMOLAR_PER_SECOND)

    net.rule("glutamate_is_cleared", cleft, Glu() >> None, p.k_clearance)
    net.rule("glutamate_leaks_in", cleft, None >> Glu(), leak)

    net.initial(cleft, Glu(), p.ambient)
    net.input("glutamate", cleft, {Glu(): net.molecules_of(cleft, p.release)})
    count = net.observable(f"glutamate_count{cleft.suffix}", Glu())
    net.readout(
        f"glutamate{cleft.suffix}",
        count / net.per_micromolar(cleft),
        Unit.MICROMOLAR,
        "glutamate in the cleft",
    )
