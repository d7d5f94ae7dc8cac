"""Verify models in other simulators and print the rows of the tables in docs/exports.md.

``python docs/exports.py`` takes hours for all; ``python docs/exports.py calmodulin early_ltp:tetanus`` takes a few.
With ``--amici`` it is AMICI alone, which compiles each model for a minute or more.
"""

from __future__ import annotations

import pkgutil
import sys
import warnings

import pysb.examples

from ltpath.catalogue import load, model_names
from ltpath.errors import LtpathError
from ltpath.protocol import load_protocol, protocol_names
from ltpath.sources import network_from
from ltpath.verification import COMPILED, SIMULATORS, course, verify

_DURATION = {"earm_1_0": 20_000.0, "earm_1_3": 20_000.0, "fricker_2010_apoptosis": 2000.0, "bax_pore": 1000.0}


def cases(names: list[str]) -> list[str]:
    """What is verified: the names given, or every model with every protocol and every example of PySB."""
    if names:
        return names
    examples = [m.name for m in pkgutil.iter_modules(pysb.examples.__path__) if not m.name.startswith("run_")]
    catalogue = [f"{m}:{p}" for m in model_names() if not load(m).entry.network_free for p in protocol_names()]
    return [*catalogue, *(f"pysb.examples.{n}:model" for n in examples)]


def main(names: list[str]) -> None:
    warnings.simplefilter("ignore")
    simulators = ("amici",) if "--amici" in names else tuple(n for n in SIMULATORS if n not in COMPILED)
    names = [n for n in names if not n.startswith("--")]
    for case in cases(names):
        name, _, rest = case.partition(":")
        catalogue = name in model_names()
        try:
            network = network_from(name if catalogue else case)
            protocol, duration = None, _DURATION.get(name.rpartition(".")[2], 100.0)
            if catalogue:
                protocol = load_protocol(rest or "baseline")
                duration = course(network, protocol)
            found = verify(network, protocol, duration=duration, simulators=simulators)
        except LtpathError as error:
            print(f"{case}: {error}", file=sys.stderr)
            continue
        cells = [f"{c.relative:.0e}" if c.compared or c.status == "agrees" else "not run" for c in found.checks]
        label = f"{name}, {found.protocol}" if catalogue else name
        print(f"| {label} | {found.species:,} / {found.reactions:,} | {duration:g} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
