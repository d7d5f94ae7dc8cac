"""BioNetGen's ``.net``: the expanded network with its observables and functions, for run_network and what reads its files."""

from __future__ import annotations

from pathlib import Path

from ltpath.cache import write_atomically
from ltpath.expansion import ReactionNetwork
from ltpath.netfile import net_text
from ltpath.protocol import Protocol

NAME = "net"
SUFFIX = ".net"
SUMMARY = "expanded network for BioNetGen's run_network"


def losses(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    """What the format has no words for."""
    done = ["the protocol: the file has the model's own parameters and initial amounts"] if protocol else []
    return [*done, "the rules (each reaction names its rule), units, sources and identities of molecules"]


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the network with the model's initial amounts."""
    write_atomically(Path(path), to_net(network).encode())


def to_net(network: ReactionNetwork) -> str:
    """The ``.net`` text of a network; amounts are those that the model declares, from which a run comes to rest first.

    Raises
    ------
    BadValue
        A network-free model.
    """
    network.require_reactions()
    initial = dict(network.meta["initial"])
    lines, block = [], ""
    for line in net_text(network, rules=True).splitlines():
        word, _, rest = line.partition(" ")
        if word in ("begin", "end"):
            block = rest if word == "begin" else ""
        elif block == "species":
            line = f"{line.removesuffix(' 0')} {initial.get(int(word) - 1, 0)}"
        lines.append(line)
    return "\n".join([*lines, ""])
