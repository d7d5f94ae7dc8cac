"""A spine swells with CaMKII and settles where its surface holds its receptors at constant density.

Surface goes with volume to the power 2/3. Room for new slots goes with surface, so that a
synapse that has grown can grow again. Concentrations in the spine do not follow its volume here.
"""

from dataclasses import dataclass

from ltpath.pathways.ampa_traffic import EARLY_POTENTIATION
from ltpath.pathways.citations import BECKER_2021
from ltpath.pathways.molecules import SLOT, VOLUME

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Swelling, settling, and room for slots."""

    tokens: Quantity
    receptors: Quantity
    k_settle: Quantity
    k_swell: Quantity
    k_room: Quantity


SPINE_VOLUME = Kinetics(
    tokens=defined(1000.0, Unit.MOLECULES, "tokens of volume of a spine whose volume is that of the place"),
    receptors=estimate(
        56.0, Unit.MOLECULES, "synaptic receptors that a spine with the place's volume holds, about those of early_ltp at rest"
    ),
    k_settle=published(1 / 250, Unit.PER_SECOND, BECKER_2021, "decay of the swelling after uncaging, 250 s"),
    k_swell=estimate(
        3.0,
        Unit.PER_SECOND,
        "volumes that a second of full CaMKII activity would add; chosen here so that a tetanus swells the spine severalfold; "
        "it goes with the square of the activity, as measured swelling ends within minutes and the activity has a tail of hours",
    ),
    k_room=estimate(1 / 43200, Unit.PER_SECOND, "room for slots follows the surface within half a day; no source"),
)


def volume_follows_receptors(net: Network, spine: Place, k: Kinetics = SPINE_VOLUME) -> None:
    """Add the spine's volume, its surface, and room for slots in proportion to the surface."""
    p, early = net.parameters("spine_volume", k), net.parameters("early_ltp", EARLY_POTENTIATION)
    Volume, Slot = net.monomers(spine, VOLUME, SLOT)
    suffix = spine.suffix
    activity = net.model.expressions[f"camkii_activity{suffix}"]
    receptors = net.model.observables[f"synaptic_AMPAR{suffix}"]
    # The square and the small term keep the power real where a solver tries an amount below zero.
    squared = (receptors / p.receptors) ** 2 + 1e-6
    held = net.expression(f"spine_volume_held{suffix}", p.k_settle * p.tokens * squared**0.75, Unit.MOLECULES_PER_SECOND)
    swelling = net.expression(f"spine_volume_swelling{suffix}", p.k_swell * p.tokens * activity**2, Unit.MOLECULES_PER_SECOND)
    net.rule("receptors_hold_spine_open", spine, None >> Volume(), held)
    net.rule("CaMKII_swells_spine", spine, None >> Volume(), swelling)
    net.rule("spine_shrinks", spine, Volume() >> None, p.k_settle)
    net.initial(spine, Volume(), p.tokens)
    tokens = net.observable(f"volume_tokens{suffix}", Volume())
    relative = net.readout(
        f"spine_volume{suffix}", tokens / p.tokens, Unit.NONE, "volume of the spine relative to one with the place's volume"
    )
    surface = net.readout(
        f"spine_surface{suffix}", relative ** (2 / 3), Unit.NONE, "surface of the spine relative to one with the place's volume"
    )
    net.readout(
        f"receptor_density{suffix}",
        receptors / p.receptors / surface,
        Unit.NONE,
        "synaptic receptors over surface, relative to that spine",
    )
    supply = net.expression(f"spine_volume_room{suffix}", p.k_room * early.latent_slots * surface, Unit.MOLECULES_PER_SECOND)
    net.rule("surface_brings_room_for_slots", spine, None >> Slot(receptor=None, kind="latent"), supply)
    net.rule("room_for_slots_is_lost", spine, Slot(receptor=None, kind="latent") >> None, p.k_room)
