"""Calcium binds calmodulin's two lobes; neurogranin holds calcium-free calmodulin back.

Rates are those of a published set, whose off-rates agree with stopped flow (Black 2007).
Its affinities are higher than a titration gives, so the on-rates of each lobe carry one
factor that is fitted to points of that titration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from ltpath.pathways.citations import JEDRZEJEWSKA_2017, ORDYAN_2020, RODRIGUES_2023
from ltpath.pathways.fitted import fitted
from ltpath.pathways.molecules import CALCIUM, CALMODULIN, NEUROGRANIN

from ltpath.network import Network, Pattern, Place, Rate
from ltpath.quantity import Quantity, Unit, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Sequential calcium binding to each lobe of free calmodulin, and calmodulin's total."""

    k_on_C1: Quantity
    k_off_C1: Quantity
    k_on_C2: Quantity
    k_off_C2: Quantity
    k_on_N1: Quantity
    k_off_N1: Quantity
    k_on_N2: Quantity
    k_off_N2: Quantity
    affinity_C: Quantity
    affinity_N: Quantity
    total: Quantity


@dataclass(frozen=True, kw_only=True)
class NeurograninKinetics:
    """Neurogranin binding; each calcium on the C lobe loosens it by `coupling`."""

    k_on: Quantity
    k_off: Quantity
    coupling: Quantity
    total: Quantity


_ORD = "published BioNetGen file; macroscopic constants of the lobe's first and second site, 20-25 C"

ORDYAN = Kinetics(
    k_on_C1=published(4.0, Unit.PER_MICROMOLAR_SECOND, ORDYAN_2020, f"C lobe, first; {_ORD}"),
    k_off_C1=published(40.24, Unit.PER_SECOND, ORDYAN_2020, f"C lobe, first; {_ORD}"),
    k_on_C2=published(10.0, Unit.PER_MICROMOLAR_SECOND, ORDYAN_2020, f"C lobe, second; {_ORD}"),
    k_off_C2=published(9.3, Unit.PER_SECOND, ORDYAN_2020, f"C lobe, second; {_ORD}; Black 2007 measured 10.3 +- 0.7"),
    k_on_N1=published(100.0, Unit.PER_MICROMOLAR_SECOND, ORDYAN_2020, f"N lobe, first; {_ORD}"),
    k_off_N1=published(2660.0, Unit.PER_SECOND, ORDYAN_2020, f"N lobe, first; {_ORD}"),
    k_on_N2=published(150.0, Unit.PER_MICROMOLAR_SECOND, ORDYAN_2020, f"N lobe, second; {_ORD}"),
    k_off_N2=published(990.0, Unit.PER_SECOND, ORDYAN_2020, f"N lobe, second; {_ORD}; Black 2007 measured 1152 +- 117"),
    affinity_C=fitted("calmodulin", "affinity_C", Unit.NONE),
    affinity_N=fitted("calmodulin", "affinity_N", Unit.NONE),
    total=published(30.0, Unit.MICROMOLAR, RODRIGUES_2023, "calmodulin of a CA1 spine; published models use 10-60 uM"),
)

HIPPOCAMPAL_NEUROGRANIN = NeurograninKinetics(
    k_on=published(28.0, Unit.PER_MICROMOLAR_SECOND, JEDRZEJEWSKA_2017, "calcium-free calmodulin and neurogranin"),
    k_off=published(36.0, Unit.PER_SECOND, JEDRZEJEWSKA_2017, "calcium-free calmodulin and neurogranin, Kd 1.29 uM"),
    coupling=estimate(
        10**0.5,
        Unit.NONE,
        "two calcium ions on the C lobe loosen neurogranin 10-fold; Hoffman 2014 saw more than 10-fold on calcium",
    ),
    total=published(20.0, Unit.MICROMOLAR, JEDRZEJEWSKA_2017, "neurogranin of the model's spine"),
)


def calcium_binds_calmodulin(net: Network, place: Place, k: Kinetics = ORDYAN) -> None:
    """Add calcium binding to calmodulin that is bound to no target."""
    p = net.parameters("calmodulin", k)
    (CaM,) = net.monomers(place, CALMODULIN)
    calcium_binds_lobes(net, place, lambda **lobe: CaM(target=None, **lobe), "", _steps(net, p.k_off_C1, p.k_off_C2))

    net.initial(place, CaM(N="ca0", C="ca0", target=None), p.total)
    total = net.observable(f"CaM_all{place.suffix}", CaM())
    half = [net.observable(f"CaM_{lobe}1{place.suffix}", CaM(**{lobe: "ca1"})) for lobe in "NC"]
    full = [net.observable(f"CaM_{lobe}2{place.suffix}", CaM(**{lobe: "ca2"})) for lobe in "NC"]
    net.observable(f"CaM4_free{place.suffix}", CaM(N="ca2", C="ca2", target=None), "calmodulin with four calcium, unbound")
    net.readout(
        f"calcium_per_calmodulin{place.suffix}",
        (sum(half) + 2 * sum(full)) / total,
        Unit.NONE,
        "calcium ions bound per calmodulin",
    )


def neurogranin_holds_calmodulin(net: Network, place: Place, k: NeurograninKinetics = HIPPOCAMPAL_NEUROGRANIN) -> None:
    """Add neurogranin; calcium leaves the C lobe of held calmodulin faster, so the cycle closes."""
    p = net.parameters("neurogranin", k)
    lobes = net.parameters("calmodulin", ORDYAN)
    CaM, Ng = net.monomers(place, CALMODULIN, NEUROGRANIN)
    for ions in range(3):
        k_off = net.constant(f"neurogranin_k_off_C{ions}", p.k_off * p.coupling**ions, Unit.PER_SECOND)
        net.rule(
            f"neurogranin_binds_calmodulin_C{ions}",
            place,
            CaM(C=f"ca{ions}", target=None) + Ng(cam=None) | CaM(C=f"ca{ions}", target=1) % Ng(cam=1),
            p.k_on,
            k_off,
        )
    k_off_C1 = net.constant("neurogranin_calmodulin_k_off_C1", lobes.k_off_C1 * p.coupling, Unit.PER_SECOND)
    k_off_C2 = net.constant("neurogranin_calmodulin_k_off_C2", lobes.k_off_C2 * p.coupling, Unit.PER_SECOND)
    held = "_on_neurogranin"
    calcium_binds_lobes(net, place, lambda **lobe: CaM(target=1, **lobe) % Ng(cam=1), held, _steps(net, k_off_C1, k_off_C2))
    net.initial(place, Ng(cam=None), p.total)


def calcium_on_rates(net: Network) -> SimpleNamespace:
    """On-rates of calcium at the sites C1, C2, N1 and N2, as the titration corrects them."""
    p = net.parameters("calmodulin", ORDYAN)
    rates = {
        site: net.constant(
            f"calmodulin_k_calcium_{site}",
            getattr(p, f"k_on_{site}") * getattr(p, f"affinity_{site[0]}"),
            Unit.PER_MICROMOLAR_SECOND,
        )
        for site in ("C1", "C2", "N1", "N2")
    }
    return SimpleNamespace(**rates)


def _steps(net: Network, k_off_C1: Rate, k_off_C2: Rate) -> dict[str, tuple[Rate, Rate]]:
    """On- and off-rates of the four sites of calmodulin whose C lobe alone is changed by what it is bound to."""
    p, on = net.parameters("calmodulin", ORDYAN), calcium_on_rates(net)
    return {"C1": (on.C1, k_off_C1), "C2": (on.C2, k_off_C2), "N1": (on.N1, p.k_off_N1), "N2": (on.N2, p.k_off_N2)}


def calcium_binds_lobes(
    net: Network,
    place: Place,
    calmodulin: Callable[..., Pattern],
    context: str,
    rates: Mapping[str, tuple[Rate, Rate]],
) -> None:
    """Add calcium binding for calmodulin in one context.

    Parameters
    ----------
    calmodulin : callable
        The pattern, given the state of the lobe that takes the ion.
    context : str
        Ends the names of the rules.
    rates : mapping of str to tuple
        On- and off-rate of each site that binds, C1, C2, N1 or N2: a lobe, and which of its two ions.
    """
    (Ca,) = net.monomers(place, CALCIUM)
    for site, (k_on, k_off) in rates.items():
        lobe, ion = site[0], int(site[1])
        before, after = calmodulin(**{lobe: f"ca{ion - 1}"}), calmodulin(**{lobe: f"ca{ion}"})
        net.rule(f"calcium_binds_calmodulin_{site}{context}", place, Ca() + before | after, k_on, k_off)
