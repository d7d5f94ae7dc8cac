"""A neuron senses how often it fires and scales the receptors that its dendrite supplies, to all synapses alike.

A sensor that firing switches on, and that forgets within an hour, has a protein made while it is off,
which brings receptors to the dendrite, and another while it is on, which takes them away; both live for a day.
After long silence the supply is 1 + gain times that without either.
At the set point they balance, so that a block of transcription or translation, which leaves neither, leaves the
supply where it was. Slots of one affinity fill alike at every synapse, whatever their number: scaling multiplies.

At rest a neuron fires now and then. The rules of spines, which single spikes hardly move, do without that; the
sensor reads it as a rate, a parameter that a block of firing sets to 0, and adds the spikes of the protocol.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ltpath.pathways.ampa_traffic import SPINE_TRAFFIC
from ltpath.pathways.citations import BREWER_2008, IBATA_2008
from ltpath.pathways.fitted import fitted
from ltpath.pathways.membrane import DENDRITE
from ltpath.pathways.molecules import DENDRITIC_AMPA_RECEPTOR, FIRING_SENSOR, REMOVAL_PROTEIN, SUPPLY_PROTEIN
from ltpath.pathways.protein_synthesis import CRE

from ltpath.network import Network, Place, Rate
from ltpath.quantity import Quantity, Unit, defined, estimate, measured


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Firing, the sensor of it, and the proteins that it has made."""

    spontaneous: Quantity
    set_point: Quantity
    evoked: Quantity
    tokens: Quantity
    k_sensor_off: Quantity
    k_turnover: Quantity
    gain: Quantity
    divergence: Quantity


SCALING = Kinetics(
    spontaneous=measured(
        0.5, Unit.PER_SECOND, BREWER_2008, "spikes of hippocampal neurons in culture, 0.5 a second, abstract; slices fire less"
    ),
    set_point=defined(
        0.5, Unit.PER_SECOND, "the rate at which half of the sensor is on; that it is the spontaneous one means rest"
    ),
    evoked=defined(1.0, Unit.NONE, "part of the protocol's spikes that the sensor sees; 0 where firing is blocked"),
    tokens=defined(1000.0, Unit.MOLECULES, "tokens of the sensor, and of each protein for a gain of 1"),
    k_sensor_off=estimate(
        1 / 3600,
        Unit.PER_SECOND,
        "an hour, so that a second of a tetanus hardly counts; scaling is seen within 4 h of silence (second-hand)",
        IBATA_2008,
    ),
    k_turnover=estimate(
        1 / 86400, Unit.PER_SECOND, "a day: receptors accumulate over two days of silence (Wierenga 2005, abstract)"
    ),
    gain=fitted("late", "gain", Unit.NONE),
    divergence=defined(
        0.0, Unit.NONE, "0: the same supply at all synapses; 1: large spines get more of what scaling adds, as in Hanes 2020"
    ),
)


def firing_scales_receptor_supply(
    net: Network, nucleus: Place, dendrite: Place, spines: Sequence[Place], translation: Rate, k: Kinetics = SCALING
) -> None:
    """Add the sensor of firing, the two proteins, and what they do to the receptors of each spine's dendrite.

    Parameters
    ----------
    translation : pysb.Expression
        Part of the translation that is left, of any protein.
    """
    p, membrane = net.parameters("scaling", k), net.parameters("membrane", DENDRITE)
    traffic, transcription = net.parameters("ampa_traffic", SPINE_TRAFFIC), net.parameters("transcription", CRE)
    (Sensor,) = net.monomers(nucleus, FIRING_SENSOR)
    Supply, Removal = net.monomers(dendrite, SUPPLY_PROTEIN, REMOVAL_PROTEIN)

    # Each spike leaves tokens that decay: what decays a second is the rate of firing, with the floor that rest has.
    per_token = membrane.k_spike_slow * p.evoked / membrane.spike_tokens
    spikes = net.model.observables["spike_slow_tokens"]
    firing = net.readout(
        "firing_rate", p.spontaneous + per_token * spikes, Unit.PER_SECOND, "spikes a second, spontaneous and evoked"
    )
    usual = p.set_point + membrane.k_spike_slow * membrane.spike_ambient / membrane.spike_tokens
    k_on = net.expression("scaling_k_sensor_on", p.k_sensor_off * firing / usual, Unit.PER_SECOND)
    off, on = Sensor(state="off"), Sensor(state="on")
    net.rule("firing_switches_sensor", nucleus, off | on, k_on, p.k_sensor_off)
    sensed = net.observable("firing_sensor_on", on)
    net.readout("firing_sensor", sensed / p.tokens, Unit.NONE, "part of the sensor that firing has switched on")

    made = net.expression("scaling_k_synthesis", p.k_turnover * p.gain * transcription.polymerase * translation, Unit.PER_SECOND)
    net.rule("silence_makes_supply_protein", nucleus, off >> off + Supply(), made)
    net.rule("firing_makes_removal_protein", nucleus, on >> on + Removal(), made)
    net.rule("supply_protein_decays", dendrite, Supply() >> None, p.k_turnover)
    net.rule("removal_protein_decays", dendrite, Removal() >> None, p.k_turnover)
    half = net.constant("scaling_tokens_at_rest", p.tokens / 2, Unit.MOLECULES)
    balanced = net.constant("scaling_proteins_at_rest", p.gain * p.tokens / 2, Unit.MOLECULES)
    for place, pattern, amount in (
        (nucleus, off, half),
        (nucleus, on, half),
        (dendrite, Supply(), balanced),
        (dendrite, Removal(), balanced),
    ):
        net.initial(place, pattern, amount)
    supply = net.observable("supply_protein", Supply()) / p.tokens
    removal = net.observable("removal_protein", Removal()) / p.tokens
    net.readout("receptor_supply", (1 + supply) / (1 + removal), Unit.NONE, "receptors that the dendrite holds ready, over rest")

    relative = supply / (p.gain / 2)
    loss = net.expression("scaling_k_removal", traffic.k_dendritic_loss * removal, Unit.PER_SECOND)
    for spine in spines:
        (Dendritic,) = net.monomers(spine, DENDRITIC_AMPA_RECEPTOR)
        surface = net.model.expressions[f"spine_surface{spine.suffix}"]
        # At rest 1 at every spine; of what silence adds, large spines get more, and of what firing takes they lose more. The power is arbitrary.
        unequal = 2 / (1 + relative) * (1 + relative * surface) / (1 + surface)
        share = 1 - p.divergence + p.divergence * unequal**4
        gain = net.expression(
            f"scaling_k_supply{spine.suffix}",
            traffic.k_dendritic_loss * traffic.dendritic * traffic.exocytosis * supply * share,
            Unit.MOLECULES_PER_SECOND,
        )
        net.rule("supply_protein_brings_receptors", spine, None >> Dendritic(), gain)
        net.rule("removal_protein_takes_receptors", spine, Dendritic() >> None, loss)
