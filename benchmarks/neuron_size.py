"""What `neuron` costs against the number of its synapses: network, and time of one protocol, as ratios to one synapse in one run.

    python -m benchmarks.neuron_size [--numbers 1 3 10 30] [--repeats 3]

The protocol is four tetani at A, watched for 24 h. Expanding and compiling, which a cache keeps, are shown apart. Runs of all
sizes take turns, so that what else the machine does meets all alike; medians are printed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence

import numpy as np
from ltpath.models.neuron import build

from ltpath.expansion import ReactionNetwork, expand
from ltpath.network import Network
from ltpath.protocol import Protocol, Train
from ltpath.simulation import simulate

TETANI = Train(pulses=100, frequency=100.0, spike_every=3, repeats=4, every=300.0, synapses=("A",))
PROTOCOL = Protocol(title="Four tetani at A", duration="24 h", stimuli=(TETANI,))
TIMES = np.linspace(0.0, 86400.0, 25)


def expanded(number: int) -> tuple[ReactionNetwork, float]:
    """The network of a neuron and the processor time that it took, s."""
    began = time.process_time()
    net = Network("neuron" if number == 3 else f"neuron_{number}")
    build(net, number)
    return expand(net), time.process_time() - began


def solved(network: ReactionNetwork) -> float:
    """Processor time of one run, s."""
    began = time.process_time()
    simulate(network, PROTOCOL, times=TIMES)
    return time.process_time() - began


def main(numbers: Sequence[int], repeats: int) -> None:
    networks = {n: expanded(n) for n in numbers}
    first = {n: solved(network) for n, (network, _) in networks.items()}
    again: dict[int, list[float]] = {n: [] for n in numbers}
    for _ in range(repeats):
        for n, (network, _) in networks.items():
            again[n].append(solved(network))
    base = statistics.median(again[numbers[0]])
    print(f"{'N':>3} {'species':>8} {'reactions':>9} {'expanding':>10} {'first run':>10} {'run':>8} {'ratio':>6} {'ratio/N':>8}")
    for n, (network, expanding) in networks.items():
        run = statistics.median(again[n])
        size = f"{len(network.species):8d} {len(network.arrays['rate']):9d}"
        print(
            f"{n:3d} {size} {expanding:8.1f} s {first[n]:8.1f} s {run:6.2f} s {run / base:6.2f} {run / base / n * numbers[0]:8.2f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=int, nargs="+", default=[1, 3, 10, 30])
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    main(chosen.numbers, chosen.repeats)
