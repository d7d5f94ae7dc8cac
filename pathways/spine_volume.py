"""A spine swells with CaMKII and settles where its surface holds its receptors at constant density.

CaMKII turns actin into filaments of an enlargement pool (Honkura 2008, doi:10.1016/j.neuron.2008.01.013, abstract), which swells
the spine for minutes and cannot grow beyond the actin that there is; what stays is held open by receptors. Surface goes with
volume to the power 2/3. Room for new slots goes with surface, so that a synapse that has grown can grow again. Concentrations
in the spine do not follow its volume here.
"""

from dataclasses import dataclass

from ltpath.pathways.ampa_traffic import EARLY_POTENTIATION
from ltpath.pathways.citations import BECKER_2021
from ltpath.pathways.fitted import fitted
from ltpath.pathways.molecules import SLOT, VOLUME

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Swelling, settling, and room for slots."""

    tokens: Quantity
    receptors: Quantity
    k_hold: Quantity
    k_shrink: Quantity
    swollen: Quantity
    k_swell: Quantity
    k_room: Quantity


SPINE_VOLUME = Kinetics(
    tokens=defined(1000.0, Unit.MOLECULES, "tokens of volume of a spine whose volume is that of the place"),
    receptors=estimate(
        56.0, Unit.MOLECULES, "synaptic receptors that a spine with the place's volume holds, about those of early_ltp at rest"
    ),
    k_hold=published(1 / 3000, Unit.PER_SECOND, BECKER_2021, "decay of the lasting part of the enlargement, 3000 s"),
    k_shrink=published(1 / 250, Unit.PER_SECOND, BECKER_2021, "decay of the swelling after uncaging, 250 s"),
    swollen=fitted("late", "swollen", Unit.NONE),
    k_swell=fitted("late", "k_swell", Unit.PER_SECOND),
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
    held = net.expression(f"spine_volume_held{suffix}", p.k_hold * p.tokens * squared**0.75, Unit.MOLECULES_PER_SECOND)
    by_receptors, by_actin = Volume(held_by="receptors"), Volume(held_by="actin")
    net.rule("receptors_hold_spine_open", spine, None >> by_receptors, held)
    net.rule("spine_follows_receptors", spine, by_receptors >> None, p.k_hold)
    net.initial(spine, by_receptors, p.tokens)
    enlarged = net.observable(f"volume_by_actin{suffix}", by_actin)
    # The square, as measured swelling ends within minutes and the activity has a tail of hours.
    swelling = net.expression(
        f"spine_volume_swelling{suffix}",
        p.k_swell * activity**2 * (p.swollen * p.tokens - enlarged),
        Unit.MOLECULES_PER_SECOND,
    )
    net.rule("CaMKII_swells_spine", spine, None >> by_actin, swelling)
    net.rule("swelling_ends", spine, by_actin >> None, p.k_shrink)
    tokens = net.observable(f"volume_tokens{suffix}", Volume())
    relative = net.readout(
        f"spine_volume{suffix}",
        tokens / p.tokens,
        Unit.NONE,
        "volume of the spine relative to one with the place's volume",
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
