"""Print what docs/stochastic.md says about cost: events and CPU seconds of one run each."""

import time

import ltpath
from ltpath.protocol import Protocol, load_protocol

REST = Protocol(title="Rest", duration="1 s")
TANK = {"volume_tube": 0.02}

for name, model, protocol, how in (
    ("ssa, tetanus and 3 h", "early_ltp", load_protocol("tetanus"), {"engine": "ssa"}),
    ("ssa, exact, 61 s at rest", "early_ltp", REST, {"engine": "ssa", "exact": True}),
    ("nfsim, 61 s at rest, sparse tube", "camkii", REST, {"engine": "nfsim", "parameters": TANK}),
    ("ssa, exact, 61 s at rest, sparse tube", "camkii", REST, {"engine": "ssa", "exact": True, "parameters": TANK}),
):
    began = time.process_time()
    run = ltpath.simulate(model, protocol, seed=1, **how)
    spent = time.process_time() - began
    print(f"{name}: {run.attrs['events']:,} events, {spent:.1f} CPU s", flush=True)
