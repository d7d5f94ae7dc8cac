"""Calcium enters through NMDA receptors and voltage-gated channels, is buffered, and is pumped out."""

from dataclasses import dataclass

import pysb
import sympy
from ltpath.pathways.citations import BARTOL_2015, RODRIGUES_2023
from ltpath.pathways.fitted import fitted
from ltpath.pathways.membrane import SpineVoltage
from ltpath.pathways.molecules import BUFFER, CALCIUM, CHELATOR

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Calcium currents of the spine."""

    ions_per_picoampere: Quantity
    external: Quantity
    usual_external: Quantity
    nmda_calcium_share: Quantity
    nmda_reversal: Quantity
    vgcc_conductance: Quantity
    vgcc_reversal: Quantity
    vgcc_half: Quantity
    vgcc_slope: Quantity


@dataclass(frozen=True, kw_only=True)
class Removal:
    """Resting level, extrusion, and what buffers calcium besides calmodulin."""

    rest: Quantity
    k_extrusion: Quantity
    buffer: Quantity
    k_buffer_on: Quantity
    k_buffer_off: Quantity


@dataclass(frozen=True, kw_only=True)
class ChelatorKinetics:
    """A chelator that a patch pipette dialyses into the cell."""

    pipette: Quantity
    k_dialysis: Quantity
    k_on: Quantity
    k_off: Quantity


SPINE_ENTRY = Entry(
    ions_per_picoampere=defined(3.1207e6, Unit.IONS_PER_PICOAMPERE_SECOND, "1e-12 / (2 F) x Avogadro constant"),
    external=defined(2.5, Unit.MILLIMOLAR, "calcium of the bath; currents are in proportion to it, release of glutamate is not"),
    usual_external=defined(2.5, Unit.MILLIMOLAR, "calcium of the bath that the conductances stand for"),
    nmda_calcium_share=fitted("front_end", "nmda_calcium_share", Unit.NONE),
    nmda_reversal=estimate(
        130.0,
        Unit.MILLIVOLT,
        "effective calcium reversal: the calcium flux does not vanish at 0 mV as the total current does",
    ),
    vgcc_conductance=fitted("front_end", "vgcc_conductance", Unit.NANOSIEMENS),
    vgcc_reversal=estimate(60.0, Unit.MILLIVOLT, "one lumped class of voltage-gated channels"),
    vgcc_half=estimate(-15.0, Unit.MILLIVOLT, "instantaneous activation, high-threshold channels"),
    vgcc_slope=estimate(6.0, Unit.MILLIVOLT, "same"),
)

SPINE_REMOVAL = Removal(
    rest=estimate(0.06, Unit.MICROMOLAR, "models use 0.05-0.08; Rodrigues 2023 0.05", RODRIGUES_2023),
    k_extrusion=fitted("front_end", "k_extrusion", Unit.PER_SECOND),
    buffer=estimate(
        40.0,
        Unit.MICROMOLAR,
        "with this Kd a binding ratio of about 18, so that with calmodulin the spine's total is near the 20 of Sabatini 2002 (second-hand)",
        seen=Seen.UNVERIFIED,
    ),
    k_buffer_on=published(247.0, Unit.PER_MICROMOLAR_SECOND, BARTOL_2015, "immobile buffer, 2.47e8 /M/s"),
    k_buffer_off=published(524.0, Unit.PER_SECOND, BARTOL_2015, "immobile buffer, Kd 2.1 uM"),
)

BAPTA = ChelatorKinetics(
    pipette=defined(0.0, Unit.MICROMOLAR, "BAPTA in the patch pipette; 0 without it"),
    k_dialysis=estimate(1 / 60, Unit.PER_SECOND, "exchange between pipette and spine within minutes"),
    k_on=published(450.0, Unit.PER_MICROMOLAR_SECOND, RODRIGUES_2023, "BAPTA on-rate in the published code"),
    k_off=published(79.2, Unit.PER_SECOND, RODRIGUES_2023, "from Kd 0.176 uM in the published code"),
)


def calcium_enters_through_channels(net: Network, spine: Place, membrane: SpineVoltage, k: Entry = SPINE_ENTRY) -> None:
    """Add calcium influx through NMDA receptors and voltage-gated channels."""
    p = net.parameters("calcium_entry", k)
    (Ca,) = net.monomers(spine, CALCIUM)
    suffix = spine.suffix
    per_picoampere = p.ions_per_picoampere * p.external / p.usual_external
    through_nmda = net.readout(
        f"calcium_influx_NMDAR{suffix}",
        per_picoampere * p.nmda_calcium_share * membrane.nmda_conductance * (p.nmda_reversal - membrane.voltage),
        Unit.MOLECULES_PER_SECOND,
        "calcium ions that enter through NMDA receptors",
    )
    through_vgcc = net.readout(
        f"calcium_influx_VGCC{suffix}",
        per_picoampere
        * p.vgcc_conductance
        * (p.vgcc_reversal - membrane.voltage)
        / (1 + sympy.exp((p.vgcc_half - membrane.voltage) / p.vgcc_slope)),
        Unit.MOLECULES_PER_SECOND,
        "calcium ions that enter through voltage-gated channels",
    )
    net.rule("calcium_enters_through_NMDA_receptors", spine, None >> Ca(), through_nmda)
    net.rule("calcium_enters_through_voltage_gated_channels", spine, None >> Ca(), through_vgcc)


def calcium_is_buffered_and_extruded(net: Network, spine: Place, k: Removal = SPINE_REMOVAL, prefix: str = "calcium") -> None:
    """Add an immobile buffer, linear extrusion, and the leak that sets the resting level; `prefix` begins its parameters' names."""
    p = net.parameters(prefix, k)
    Ca, Buffer = net.monomers(spine, CALCIUM, BUFFER)
    leak = net.constant(f"{prefix}_leak", p.k_extrusion * p.rest, Unit.MICROMOLAR_PER_SECOND)

    net.rule("calcium_is_extruded", spine, Ca() >> None, p.k_extrusion)
    net.rule("calcium_leaks_in", spine, None >> Ca(), leak)
    net.rule(
        "calcium_binds_buffer",
        spine,
        Ca() + Buffer(calcium="free") | Buffer(calcium="bound"),
        p.k_buffer_on,
        p.k_buffer_off,
    )

    net.initial(spine, Ca(), p.rest)
    net.initial(spine, Buffer(calcium="free"), p.buffer)
    calcium_is_visible(net, spine)


def calcium_is_held(net: Network, tube: Place, k: Removal = SPINE_REMOVAL) -> None:
    """Hold calcium at rest, as a buffered solution does; a `calcium` stimulus moves the level."""
    rest = net.parameter("calcium_rest", k.rest)
    (Ca,) = net.monomers(tube, CALCIUM)
    net.initial(tube, Ca(), rest, held=True)
    calcium_is_visible(net, tube)


def calcium_is_visible(net: Network, place: Place) -> pysb.Expression:
    """Free calcium in uM: a column, and what rates that depend on calcium read."""
    name = f"Ca_free{place.suffix}"
    if name in net.readouts:
        return net.model.expressions[name]
    (Ca,) = net.monomers(place, CALCIUM)
    ions = net.observable(f"calcium_ions{place.suffix}", Ca())
    net.input("calcium", place, {Ca(): net.per_micromolar(place)})
    return net.readout(name, ions / net.per_micromolar(place), Unit.MICROMOLAR, "free calcium")


def chelator_is_dialysed(net: Network, spine: Place, k: ChelatorKinetics = BAPTA) -> None:
    """Add a chelator that enters from the pipette and takes calcium with it when it leaves."""
    p = net.parameters("chelator", k)
    Ca, Chelator = net.monomers(spine, CALCIUM, CHELATOR)
    inflow = net.constant("chelator_inflow", p.k_dialysis * p.pipette, Unit.MICROMOLAR_PER_SECOND)

    net.rule("chelator_enters_from_pipette", spine, None >> Chelator(calcium="free"), inflow)
    net.rule("chelator_leaves", spine, Chelator() >> None, p.k_dialysis)
    net.rule("calcium_binds_chelator", spine, Ca() + Chelator(calcium="free") | Chelator(calcium="bound"), p.k_on, p.k_off)
