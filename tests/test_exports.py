"""Models made to break exporters: each must give valid SBML that other simulators, and BioNetGen itself, agree with."""

from __future__ import annotations

import json
import os
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import libsbml
import pysb
import pysb.bng
import pysb.examples
import pytest
import sympy
from ltpath.exporters.bngl import to_bngl
from ltpath.exporters.identifiers import identifiers, species_id
from ltpath.exporters.net import to_net
from ltpath.exporters.sbml import LEVELS, to_sbml
from pysb.core import (
    Compartment,
    EnergyPattern,
    Expression,
    Initial,
    Model,
    Monomer,
    Observable,
    Parameter,
    Rule,
    Tag,
    time,
)  # fmt: skip

from ltpath.__main__ import main
from ltpath.catalogue import load, model_names
from ltpath.errors import BadValue, ExpansionError, ExportError, LtpathError
from ltpath.expansion import bionetgen_output
from ltpath.formula import read
from ltpath.protocol import load_protocol, protocol_names
from ltpath.simulation import simulate
from ltpath.sources import bngl_blocks, network_from
from ltpath.verification import course, verify


class Trap:
    """A PySB model that grows line by line, without PySB's global names."""

    def __init__(self, name="trap"):
        self.model = Model(name, _export=False)

    def add(self, component):
        self.model.add_component(component)
        return component

    def parameter(self, name, value, **how):
        return self.add(Parameter(name, value, _export=False, **how))

    def expression(self, name, formula):
        return self.add(Expression(name, formula, _export=False))

    def monomer(self, name, sites=(), states=None):
        return self.add(Monomer(name, list(sites), states or {}, _export=False))

    def compartment(self, name, parent, dimension, size):
        return self.add(Compartment(name, parent, dimension, size, _export=False))

    def rule(self, name, rule, *rates, **how):
        return self.add(Rule(name, rule, *rates, _export=False, **how))

    def observable(self, name, pattern, **how):
        return self.add(Observable(name, pattern, _export=False, **how))

    def initial(self, pattern, amount, **how):
        amount = self.parameter(f"start_{len(self.model.initials)}", amount) if isinstance(amount, (int, float)) else amount
        self.model.add_initial(Initial(pattern, amount, _export=False, **how))


def binding(trap, a="A", b="B", names=("kf", "kr")):
    """A and B that bind: the least model that shows a wrong number."""
    A, B = trap.monomer(a, ["b"]), trap.monomer(b, ["a"])
    kf, kr = trap.parameter(names[0], 0.02), trap.parameter(names[1], 0.3)
    trap.rule("bind", A(b=None) + B(a=None) | A(b=1) % B(a=1), kf, kr)
    trap.initial(A(b=None), 100.0)
    trap.initial(B(a=None), 60.0)
    trap.observable("AB", A(b=1) % B(a=1))
    return A, B


def volumes():
    t = Trap()
    outside = t.compartment("Outside", None, 3, t.parameter("v_out", 5.0))
    membrane = t.compartment("Envelope", outside, 2, t.parameter("v_env", 0.7))
    inside = t.compartment("Inside", membrane, 3, t.parameter("v_in", 0.5))
    A, k = t.monomer("A", ["a"]), t.parameter("k", 0.11)
    t.rule("pair", A(a=None) + A(a=None) | A(a=1) % A(a=1), k, t.parameter("kr", 0.2))
    t.rule("enters", A(a=None) ** outside | A(a=None) ** inside, t.parameter("k_in", 0.3), t.parameter("k_out", 0.1))
    t.initial(A(a=None) ** outside, 50.0)
    t.observable("monomers", A(a=None))
    t.observable("inside", A() ** inside)
    return t.model


def membranes():
    t = Trap()
    outside = t.compartment("EC", None, 3, t.parameter("v_EC", 5.0))
    membrane = t.compartment("PM", outside, 2, t.parameter("v_PM", 0.7))
    inside = t.compartment("CP", membrane, 3, t.expression("v_CP", t.parameter("v_0", 2.0) * 2))
    L, R, A = t.monomer("L", ["r"]), t.monomer("R", ["l", "d", "i"]), t.monomer("A", ["r"])
    kf, kr, k2 = t.parameter("kf", 0.1), t.parameter("kr", 1.0), t.parameter("k2", 0.1)
    t.rule("L_binds_R", L(r=None) ** outside + R(l=None) ** membrane | L(r=1) ** outside % R(l=1) ** membrane, kf, kr)
    t.rule("R_dimerises", R(d=None) ** membrane + R(d=None) ** membrane | R(d=1) ** membrane % R(d=1) ** membrane, k2, kr)
    t.rule("A_binds_R", A(r=None) ** inside + R(i=None) ** membrane | A(r=1) ** inside % R(i=1) ** membrane, kf, kr)
    t.initial(L(r=None) ** outside, 12.0)
    t.initial(R(l=None, d=None, i=None) ** membrane, 10.0)
    t.initial(A(r=None) ** inside, 7.0)
    t.observable("bound", L(r=1) % R(l=1))
    return t.model


def expression_volume():
    t = Trap()
    radius = t.parameter("radius", 0.62)
    cell = t.compartment("sphere", None, 3, t.expression("v_sphere", 4 / sympy.Integer(3) * 3.14159265 * radius**3))
    A, B = t.monomer("A"), t.monomer("B")
    t.rule("react", A() ** cell + B() ** cell >> A() ** cell, t.parameter("k", 0.01))
    t.initial(A() ** cell, 30.0)
    t.initial(B() ** cell, 40.0)
    t.observable("B_left", B())
    return t.model


def zero_order():
    t = Trap()
    cell = t.compartment("Cell", None, 3, t.parameter("v", 4.0))
    A = t.monomer("A")
    t.rule("made", None >> A() ** cell, t.parameter("k_made", 3.0))
    t.rule("lost", A() ** cell >> None, t.parameter("k_lost", 0.2))
    t.observable("A_all", A())
    return t.model


def three_bodies():
    t = Trap()
    cell = t.compartment("Cell", None, 3, t.parameter("v", 3.0))
    A, B, C = t.monomer("A"), t.monomer("B"), t.monomer("C")
    t.rule("meet", A() ** cell + B() ** cell + B() ** cell >> C() ** cell, t.parameter("k", 0.001))
    t.initial(A() ** cell, 30.0)
    t.initial(B() ** cell, 40.0)
    t.observable("made", C())
    return t.model


def reserved_names():
    t = Trap()
    A, B = binding(t, names=("r0", "default"))
    for name in ("avogadro", "S1", "e", "pi", "t", "compartment", "piecewise", "gamma", "lambda_", "inf"):
        t.rule(f"leak_{name}", A(b=None) >> None, t.parameter(name, 0.001))
    t.rule("time", B(a=None) >> None, t.parameter("volume", 0.01))
    t.observable("species", B())
    t.expression("extent", t.model.parameters["pi"] * t.model.observables["species"])
    return t.model


def built_in_names():
    """Names that BioNetGen keeps for itself."""
    t = Trap()
    A, _ = binding(t, names=("time", "exp"))
    faster = t.expression("max", t.parameter("if", 0.05) * t.observable("min", A()))
    t.rule("decay", A(b=None) >> None, faster)
    return t.model


def colliding_names():
    t = Trap()
    A = t.monomer("A", ["s"], {"s": ["u", "p"]})
    t.rule("A__s_u", A(s="u") | A(s="p"), t.parameter("A__s_p", 0.2), t.parameter("reaction_volume", 0.1))
    t.initial(A(s="u"), 9.0)
    t.observable("A__s_u_species", A(s="u"))
    return t.model


def molecule_names():
    t = Trap()
    binding(t, "time", "default")
    return t.model


def words_of_nmodl():
    t = Trap()
    A, reserved = t.monomer("A"), t.monomer("NEURON")
    for name in ("DA", "A0", "v", "readouts", "_private", "loc", "PI", "case"):
        t.rule(f"{name}_drains", A() >> reserved(), t.parameter(name, 0.01))
    a, k = t.observable("dt", A()), t.parameter("STATE", 3.0)
    t.rule("cases", reserved() >> A(), t.expression("flag", sympy.Piecewise((0.1, a > k), (0.3, True)) * sympy.Max(k - 1, 0.5)))
    t.initial(A(), 40.0)
    return t.model


def homodimer():
    t = Trap()
    A = t.monomer("A", ["a", "s"], {"s": ["u", "p"]})
    kf, kr, kp = t.parameter("kf", 0.01), t.parameter("kr", 0.1), t.parameter("kp", 0.5)
    t.rule("pair", A(a=None) + A(a=None) | A(a=1) % A(a=1), kf, kr)
    t.rule("phosphorylate", A(a=1, s="u") % A(a=1) >> A(a=1, s="p") % A(a=1), kp)
    t.initial(A(a=None, s="u"), 100.0)
    t.observable("dimers", A(a=1) % A(a=1), match="species")
    t.observable("p", A(s="p"))
    return t.model


def ring():
    t = Trap()
    A = t.monomer("A", ["l", "r", "s"], {"s": ["u", "p"]})
    three = A(l=1, r=2, s="u") % A(l=2, r=3, s="u") % A(l=3, r=1, s="u")
    t.rule("flip", A(s="u") | A(s="p"), t.parameter("k", 0.3), t.parameter("kr", 0.1))
    t.initial(three, 10.0)
    t.observable("p", A(s="p"))
    return t.model


def same_sites():
    t = Trap()
    A, B = t.monomer("A", ["b", "b", "b"]), t.monomer("B", ["a"])
    free = pysb.MultiState(None, None, None)
    t.rule("bind", A(b=None) + B(a=None) | A(b=1) % B(a=1), t.parameter("kf", 0.02), t.parameter("kr", 0.3))
    t.initial(A(b=free), 20.0)
    t.initial(B(a=None), 40.0)
    t.observable("bound", B(a=pysb.ANY))
    return t.model


def hill():
    t = Trap()
    X, Y = t.monomer("X"), t.monomer("Y")
    x = t.observable("x", X())
    K, n = t.parameter("K", 20.0), t.parameter("n", 2.5)
    t.rule("make_Y", None >> Y(), t.expression("rate", t.parameter("v", 5.0) * x**n / (K**n + x**n)))
    t.rule("lose_X", X() >> None, t.parameter("d", 0.05))
    t.initial(X(), 80.0)
    t.observable("y", Y())
    return t.model


def cases():
    t = Trap()
    X, Y = t.monomer("X"), t.monomer("Y")
    x = t.observable("x", X())
    low, high = t.parameter("low", 20.0), t.parameter("high", 60.0)
    level = sympy.Piecewise((1, x < low), (x / low, sympy.And(x >= low, x < high)), (high / low, True))
    t.rule("make_Y", None >> Y(), t.expression("rate", t.parameter("v", 1.5) * level))
    t.rule("lose_X", X() >> None, t.parameter("d", 0.05))
    t.initial(X(), 80.0)
    t.observable("y", Y())
    return t.model


def functions():
    t = Trap()
    X, Y = t.monomer("X"), t.monomer("Y")
    x, y = t.observable("x", X()), t.observable("y", Y())
    formula = (
        sympy.Max(x, 10) / 20 + sympy.Min(y, 30) / 40 + sympy.tanh(x / 50) + sympy.sqrt(x) + sympy.Abs(x - 40) + sympy.log(1 + x)
    )
    t.rule("make_Y", None >> Y(), t.expression("rate", formula / 10 + sympy.cos(x / 30) ** 2 + sympy.pi * sympy.exp(-x)))
    t.rule("lose_X", X() >> None, t.parameter("d", 0.05))
    t.initial(X(), 80.0)
    return t.model


def clock():
    t = Trap()
    A = t.monomer("A")
    t.rule("made", None >> A(), t.expression("rate", t.parameter("k", 2.0) * (1 + sympy.sin(time / 3)) * sympy.exp(-time / 50)))
    t.rule("lost", A() >> None, t.parameter("d", 0.1))
    t.observable("A_all", A())
    return t.model


def pulse():
    t = Trap()
    A = t.monomer("A")
    on = sympy.Piecewise((t.parameter("k", 2.0), sympy.And(time > 20, time < t.parameter("until", 50.0))), (0, True))
    t.rule("made", None >> A(), t.expression("rate", on))
    t.rule("lost", A() >> None, t.parameter("d", 0.1))
    t.observable("A_all", A())
    return t.model


def fixed():
    t = Trap()
    _, F = binding(t, b="F")
    t.model.initials[1].fixed = True
    t.rule("F_decays", F(a=None) >> None, t.parameter("d", 0.1))
    t.observable("F_free", F(a=None))
    return t.model


def energy():
    t = Trap()
    A, B = t.monomer("A", ["b", "s"], {"s": ["u", "p"]}), t.monomer("B", ["a"])
    phi = t.parameter("phi", 0.3)
    bond = t.expression("E_bond", -2 * sympy.log(t.parameter("K", 4.0)))
    p = t.expression("E_p", sympy.log(t.parameter("g", 3.0)))
    barrier = t.expression("E_act", -sympy.log(t.parameter("k0", 0.02)))
    t.add(EnergyPattern("e_bond", A(b=1) % B(a=1), bond, _export=False))
    t.add(EnergyPattern("e_p", A(b=1, s="p") % B(a=1), p, _export=False))
    t.rule("bind", A(b=None) + B(a=None) | A(b=1) % B(a=1), phi, barrier, energy=True)
    t.rule("flip", A(s="u") | A(s="p"), phi, barrier, energy=True)
    t.initial(A(b=None, s="u"), 30.0)
    t.initial(B(a=None), 20.0)
    t.observable("bound", A(b=1) % B(a=1))
    return t.model


def local_function():
    t = Trap()
    A, B, C = t.monomer("A", ["b", "b"]), t.monomer("B", ["a"]), t.monomer("C")
    bound, x = t.observable("bound", A(b=1) % B(a=1)), t.add(Tag("x", _export=False))
    rate = t.expression("rate", t.parameter("k", 0.7) * bound(x) ** 2)
    t.rule("make_C", A() @ x >> A() @ x + C(), rate)
    t.rule("bind", A(b=None) + B(a=None) | A(b=1) % B(a=1), t.parameter("kf", 0.1), t.parameter("kr", 0.1))
    t.initial(A(b=pysb.MultiState(None, None)), 5.0)
    t.initial(B(a=None), 7.0)
    t.observable("c", C())
    return t.model


def expression_initial():
    t = Trap()
    A = t.monomer("A", ["s"], {"s": ["u", "p"]})
    total, share = t.parameter("total", 90.0), t.parameter("share", 0.25)
    t.rule("flip", A(s="u") | A(s="p"), t.parameter("k", 0.1), t.parameter("kr", 0.2))
    t.initial(A(s="u"), t.expression("start_u", total * (1 - share)))
    t.initial(A(s="p"), t.expression("start_p", total * share))
    t.observable("p", A(s="p"))
    return t.model


def negative_numbers():
    t = Trap()
    A, B = t.monomer("A"), t.monomer("B")
    t.rule("below_zero", None >> A(), t.parameter("k_minus", -0.3, nonnegative=False))
    t.rule("grows", B() >> None, t.parameter("k_growth", -0.02, nonnegative=False))
    t.initial(A(), 10.0)
    t.initial(B(), 2.0)
    t.observable("a", A())
    return t.model


def huge_numbers():
    t = Trap()
    A, B = t.monomer("A", ["b"]), t.monomer("B", ["a"])
    t.rule("bind", A(b=None) + B(a=None) | A(b=1) % B(a=1), t.parameter("kf", 1e-21), t.parameter("kr", 0.3))
    t.rule("fast", A(b=None) >> A(b=None), t.parameter("k_fast", 1e15))
    t.initial(A(b=None), 6e20)
    t.initial(B(a=None), 1e20)
    t.observable("AB", A(b=1) % B(a=1))
    return t.model


def unicode_texts():
    t = Trap("modèle µ")
    A, _ = binding(t)
    t.model.add_annotation(pysb.Annotation(A, "http://identifiers.org/uniprot/P62204", "is", _export=False))
    t.model.add_annotation(pysb.Annotation(t.model, "Żółć & <Łódź>\x07", "creator", _export=False))
    t.model.add_annotation(
        pysb.Annotation(t.model.parameters["kf"], "https://identifiers.org/pubmed/1", "isDescribedBy", _export=False)
    )
    return t.model


def no_rules():
    t = Trap()
    A = t.monomer("A", ["s"], {"s": ["u", "p"]})
    t.initial(A(s="u"), 3.0)
    t.observable("all_A", A())
    t.expression("twice", 2 * t.model.observables["all_A"])
    return t.model


def nothing_changes():
    t = Trap()
    A, B = binding(t)
    t.rule("touch", A(b=None) + B(a=None) >> A(b=None) + B(a=None), t.parameter("k", 1.0))
    t.monomer("Unused", ["x"])
    t.parameter("unused", 3.0)
    t.observable("none", t.model.monomers["Unused"]())
    return t.model


def autocatalysis():
    t = Trap()
    A, B = t.monomer("A"), t.monomer("B")
    t.rule("copy", A() + B() >> A() + A(), t.parameter("k", 0.01))
    t.rule("annihilate", A() + A() >> None, t.parameter("k_out", 0.001))
    t.rule("triple", A() >> A() + A() + A(), t.parameter("k3", 0.01))
    t.initial(A(), 2.0)
    t.initial(B(), 50.0)
    t.observable("a", A())
    return t.model


def total_rate():
    t = Trap()
    A, _ = binding(t)
    t.rule("drain", A(b=None) >> None, t.parameter("k", 0.1), total_rate=True)
    return t.model


PYSB = {f.__name__: f for f in (
    volumes, membranes, expression_volume, zero_order, three_bodies, reserved_names, built_in_names, colliding_names, molecule_names,
    words_of_nmodl, homodimer, ring, same_sites, hill, cases, functions, clock, pulse, fixed, energy, local_function, expression_initial,
    negative_numbers, huge_numbers, unicode_texts, no_rules, nothing_changes, autocatalysis, total_rate,
)}  # fmt: skip

BNGL = {
    "rate_laws": """
begin model
begin parameters
  kcat 1
  Km 2*3
  n 2
  V 0.7
end parameters
begin compartments
  C 3 V
end compartments
begin molecule types
  A(b,c~u~p)
  B(a)
  E()
end molecule types
begin seed species
  A(b,c~u)@C 100
  B(a)@C 20*Km
  $E()@C 7
end seed species
begin observables
  Molecules Atot A()
  Species pairs A().B()
  Molecules A_p A(c~p)
end observables
begin functions
  f() = 0.01*Atot*if(Atot>3 && Atot<1e6,1,0)*(1+0.1*rint(2.4))
end functions
begin reaction rules
  A(c~u) + E() -> A(c~p) + E() Sat(kcat,Km)
  A(c~p) + E() -> A(c~u) + E() MM(kcat,Km)
  bind: A(b) + B(a) <-> A(b!1).B(a!1) 0.02*2, 0.3
  A(c~p) -> 0 f()/10 DeleteMolecules
  B(a) -> 0 Hill(kcat,Km,n)
  0 -> B(a)@C 3
end reaction rules
end model
generate_network({overwrite=>1})
simulate({method=>"ode",t_end=>100,n_steps=>10})
""",
    "arguments_and_time": """
begin parameters
  k 0.1
end parameters
begin molecule types
  A(c~u~p)
end molecule types
begin species
  A(c~u) 100
end species
begin observables
  Molecules A_p A(c~p)
end observables
begin functions
  half(x) = x/2
  twice(x,y) = half(4*x)*y
end functions
begin reaction rules
  A(c~u) -> A(c~p) half(0.1)*exp(-time()/20)
  A(c~p) -> A(c~u) twice(k,1/2)
end reaction rules
""",
    "python_words": """
begin parameters
  lambda 0.2
  in 0.1
  is 30
end parameters
begin molecule types
  class(def)
end molecule types
begin species
  class(def) is
end species
begin observables
  Molecules import class(def)
end observables
begin functions
  not_or() in*import/(import+in)
end functions
begin reaction rules
  class(def) -> 0 lambda
  0 -> class(def) not_or()
end reaction rules
""",
    "chains": """
begin parameters
  kf 0.01
  kr 0.1
end parameters
begin molecule types
  M(l,r)
end molecule types
begin species
  M(l,r) 50
end species
begin observables
  Molecules free M(l,r)
end observables
begin reaction rules
  M(r)+M(l)<->M(r!1).M(l!1) kf,kr
end reaction rules
generate_network({overwrite=>1,max_stoich=>{M=>4}})
""",
}
FAST = ("membranes", "built_in_names", "pulse", "rate_laws")
TRAPS = [pytest.param(n, marks=[] if n in FAST else [pytest.mark.slow]) for n in (*PYSB, *BNGL)]


def trap(name, folder):
    if name in PYSB:
        return network_from(PYSB[name]())
    path = folder / f"{name}.bngl"
    path.write_text(BNGL[name], encoding="utf-8")
    return network_from(path)


def complaints(text, *, declared):
    """What libsbml says about a file; with undeclared units, all but that they are not declared."""
    document = libsbml.readSBMLFromString(text)
    document.checkConsistency()
    errors = [document.getError(i) for i in range(document.getNumErrors())]

    def undeclared(e):
        units = e.getCategoryAsString() == "SBML unit consistency" or e.getErrorId() == libsbml.ParameterShouldHaveUnits
        return units and e.getSeverity() < libsbml.LIBSBML_SEV_ERROR

    return Counter((e.getErrorId(), e.getShortMessage()) for e in errors if declared or not undeclared(e))


def agreed(network, **how):
    found = verify(network, **how)
    ran = [c for c in found.checks if c.status != "not run"]
    assert found.ok, [c for c in ran if c.status == "differs"]
    return ran


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_exported_right(name, tmp_path):
    network = trap(name, tmp_path)
    assert not complaints(to_sbml(network), declared=False)
    ran = agreed(network, simulators=("libroadrunner", "copasi", "bionetgen"))
    # A model that rests would agree whatever the file says.
    rests = name in ("no_rules",)
    assert rests or all(c.compared for c in ran)


LASTING = {"earm_1_0": 20_000.0, "earm_1_3": 20_000.0, "fricker_2010_apoptosis": 2000.0, "bax_pore": 1000.0}
"""Models that take longer than 100 s until they have done what they do, s."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [m.name for m in pkgutil.iter_modules(pysb.examples.__path__) if not m.name.startswith("run_")])
def test_every_example_of_pysb_is_exported_right(name):
    network = network_from(f"pysb.examples.{name}:model")
    assert not complaints(to_sbml(network), declared=False)
    agreed(network, duration=LASTING.get(name, 100.0), simulators=("libroadrunner", "copasi", "bionetgen"))


AGREED = {
    **dict.fromkeys(("homodimer", "membranes", "pulse", "rate_laws", "hill", "energy", "python_words"), None),
    **{f"pysb.examples.{n}:model": None for n in ("hello_pysb", "robertson", "tyson_oscillator", "kinase_cascade", "earm_1_0")},
    "calmodulin": "calcium_pulse",
    "spine_electrics": "tetanus",
    "creb": "uncaging_train",
    "early_ltp": "weak_tetanus",
    "camkii": "calcium_pulse",
}
"""Models, and protocols of the catalogue's, that AMICI runs in bearable time: it compiles each for half a minute to ten."""


@pytest.mark.slow
@pytest.mark.parametrize("name", AGREED)
def test_amici_and_antimony_agree(name, tmp_path):
    pytest.importorskip("amici")
    network = trap(name, tmp_path) if name in PYSB | BNGL else network_from(name)
    protocol = AGREED[name] and load_protocol(AGREED[name])
    duration = course(network, protocol) if protocol else LASTING.get(network.name, 100.0)
    ran = agreed(network, protocol=protocol, duration=duration, simulators=("amici", "antimony"))
    assert [c.simulator for c in ran if c.compared] == ["amici", "antimony"]


@pytest.mark.slow
@pytest.mark.parametrize("protocol", protocol_names())
@pytest.mark.parametrize("name", [n for n in model_names() if not load(n).entry.network_free])
def test_every_model_with_every_protocol_is_exported_right(name, protocol):
    network, chosen = load(name).network, load_protocol(protocol)
    try:
        text, duration = to_sbml(network, chosen), course(network, chosen)
    except LtpathError as error:
        pytest.skip(str(error))
    assert not complaints(text, declared=True)
    agreed(network, protocol=chosen, duration=duration, simulators=("libroadrunner", "copasi"))


# -- ids, determinism, levels, units ---------------------------------------------------


def test_ids_do_not_change_when_an_unrelated_rule_is_added():
    t = Trap()
    A, _ = binding(t)
    before = network_from(t.model)
    C = t.monomer("C", ["a"])
    t.rule("bind_C", A(b=None) + C(a=None) >> A(b=1) % C(a=1), t.parameter("kc", 0.1))
    t.initial(C(a=None), 5.0)
    after = network_from(t.model)

    def ids(network):
        found = identifiers(network)
        reactions = {
            (network.meta["rules"][abs(r) - 1], i) for r, i in zip(network.arrays["rule"].tolist(), found.reactions, strict=True)
        }
        return dict(zip(network.species, found.species, strict=True)), reactions

    (old_species, old_reactions), (new_species, new_reactions) = ids(before), ids(after)
    assert old_species.items() <= new_species.items()
    assert old_reactions <= new_reactions


@pytest.mark.parametrize(
    "name",
    [
        "membranes", "homodimer", "unicode_texts", "fixed", "clock", "energy", "no_rules", "rate_laws", "arguments_and_time", "chains",
        "calmodulin", "spine_electrics",
    ],
)  # fmt: skip
def test_reading_an_export_and_writing_it_again_changes_nothing(name, tmp_path):
    """SBML is itself after libSBML has read it; what BioNetGen has read is written alike from then on, as the same network."""
    network = trap(name, tmp_path) if name in PYSB | BNGL else load(name).network
    for level in LEVELS:
        text = to_sbml(network, level=level)
        assert libsbml.writeSBMLToString(libsbml.readSBMLFromString(text)) == text
    for suffix, write in (("bngl", to_bngl), ("net", to_net)):
        path, texts = tmp_path / f"again.{suffix}", [write(network)]
        for _ in range(2):
            path.write_text(texts[-1], encoding="utf-8")
            again = network_from(path)
            texts.append(write(again))
            # Reactions that change nothing, as of a fixed species alone, are not in a .net file.
            changing = len(to_net(network).partition("begin reactions\n")[2].partition("end reactions")[0].splitlines())
            assert (again.species, len(again.arrays["rate"])) == (
                network.species,
                changing if suffix == "net" else len(network.arrays["rate"]),
            )
        assert texts[1] == texts[2]


@pytest.mark.parametrize("name", ["homodimer", "fixed", "hill", "chains", "spine_electrics"])
def test_bionetgen_reads_a_net_file_and_writes_the_same_network(name, tmp_path):
    """Without compartments, whose sizes the file does not hold and BioNetGen asks for."""
    network = trap(name, tmp_path) if name in PYSB | BNGL else load(name).network
    path, texts = tmp_path / "again.net", [to_net(network)]
    for _ in range(2):
        path.write_text(texts[-1], encoding="utf-8")
        path.write_text(bionetgen_output("", name, f'readFile({{file=>"{path}"}})\nwriteNET({{suffix=>"read"}})', "_read.net"))
        again = network_from(path)
        assert again.species == network.species
        texts.append(to_net(again))
    assert texts[1] == texts[2]
    for block in ("species", "reactions", "groups"):
        bodies = [text.partition(f"begin {block}\n")[2].partition(f"end {block}")[0].splitlines() for text in texts[:2]]
        assert len(bodies[0]) == len(bodies[1]) > 0


def test_pysb_reads_the_net_file_of_a_model(tmp_path):
    network, model = load("spine_electrics").network, load("spine_electrics").pysb
    (tmp_path / "model.net").write_text(to_net(network))
    pysb.bng.load_equations(model, str(tmp_path / "model.net"))
    assert len(model.species) == len(network.species)
    assert len(model.reactions) == len(network.arrays["rate"])


def test_ids_are_read_without_a_table():
    assert species_id("L(r)") == "L"
    assert species_id("A(b,c~u)") == "A__c_u"
    assert species_id("@PM::L(c~u,r!1)@EC.R(d,i,l!1)") == "L_EC__c_u__r___R_PM__l"
    # What a pair's name does not tell apart, a hash does.
    assert species_id("A(a!1,b).A(a!1,b)") != species_id("A(a!1,b).A(a,b!1)")


def test_names_of_observables_and_expressions_are_their_ids():
    network = network_from(expression_initial())
    assert {identifiers(network).names[n] for n in ("start_u", "total")} == {"start_u", "total"}
    # Words that some simulator reads as something else are not, but they are still the name.
    document = libsbml.readSBMLFromString(to_sbml(network_from(reserved_names())))
    named = {p.getName(): p.getId() for p in document.getModel().getListOfParameters()}
    assert named["AB"] == "AB"
    assert named["pi"] == "pi_"
    assert named["species"] == "species_"


def test_an_export_is_the_same_bytes_in_any_process(tmp_path):
    """Whatever the hash seed, the language and the time zone."""
    code = (
        "import pathlib, sys; from ltpath.sources import network_from as n; from ltpath.exporters.sbml import to_sbml\n"
        "from ltpath.exporters.bngl import to_bngl; from ltpath.exporters.net import to_net\n"
        "for s in sys.argv[2:]:\n"
        "    for w in (to_sbml, to_bngl, to_net): pathlib.Path(f'{sys.argv[1]}/{s[-9:]}.{w.__name__}').write_bytes(w(n(s)).encode())"
    )
    sources = ("pysb.examples.localfunc:model", "spine_electrics")
    for number, how in enumerate(
        (
            {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
            {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"},
        )
    ):
        (tmp_path / f"{number}").mkdir()
        subprocess.run([sys.executable, "-c", code, str(tmp_path / f"{number}"), *sources], env={**os.environ, **how}, check=True)
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in "01")
    assert len(first) == 6
    assert first == second


@pytest.mark.parametrize("level", ["L3V1", "L2V4"])
def test_an_older_level_has_every_number_and_formula(level):
    network = network_from(membranes())
    document = libsbml.readSBMLFromString(to_sbml(network, level=level))
    assert (document.getLevel(), document.getVersion()) == {"L3V1": (3, 1), "L2V4": (2, 4)}[level]
    assert document.getModel().getNumReactions() == len(network.arrays["rate"])
    assert not complaints(to_sbml(network, level=level), declared=False)


def test_units_follow_from_three_that_are_declared():
    units = {"amount": "molecules", "time": "s", "volume": "fL", "area": "um^2"}
    network = network_from(network_from(membranes()), units=units)
    assert network.units["kf"] == "fL/(molecules*s)"
    assert network.units["k2"] == "um^2/(molecules*s)"
    assert network.units["kr"] == "1/s"
    assert network.units["v_PM"] == "um^2"
    assert not complaints(to_sbml(network), declared=True)
    hills = network_from(network_from(hill()), units=units)
    assert (hills.units["K"], hills.units["n"], hills.units["v"]) == ("molecules", "1", "molecules/s")
    assert not complaints(to_sbml(hills), declared=True)


def test_a_unit_that_does_not_follow_names_its_parameter():
    units = {"amount": "molecules", "time": "s", "volume": "fL"}
    with pytest.raises(LtpathError, match="unused"):
        network_from(network_from(nothing_changes()), units=units)
    with pytest.raises(LtpathError, match="time is not declared"):
        network_from(network_from(hill()), units={"amount": "molecules"})


def test_what_an_author_says_is_in_the_file():
    text = to_sbml(network_from(unicode_texts()))
    assert "Żółć &amp; &lt;Łódź&gt;?" in text
    model = libsbml.readSBMLFromString(text).getModel()
    resources = {
        term.getResourceURI(i)
        for element in (model.getSpecies("A"), model.getParameter("kf"))
        for term in element.getCVTerms()
        for i in range(term.getNumResources())
    }
    assert resources == {"https://identifiers.org/uniprot:P62204", "https://identifiers.org/pubmed/1"}


def who(text):
    document = libsbml.readSBMLFromString(text)
    return [(c.getName(), c.getEmail()) for c in document.getModel().getModelHistory().getListCreators()]


def test_who_made_a_model_and_its_licence_are_what_libsbml_reads():
    model = unicode_texts()
    for predicate, thing in (
        ("dcterms:creator", "Ada Lovelace <ada@example.org>"),
        ("license", "https://spdx.org/licenses/CC0-1.0"),
    ):
        model.add_annotation(pysb.Annotation(model, thing, predicate, _export=False))
    text = to_sbml(network_from(model))
    assert who(text) == [("Żółć & <Łódź>?", ""), ("Ada Lovelace", "ada@example.org")]
    assert '<dcterms:license rdf:resource="https://spdx.org/licenses/CC0-1.0"/>' in text
    # The catalogue's models are the project's own.
    own = to_sbml(load("calmodulin").network)
    ((name, _),) = who(own)
    assert name in (Path(__file__).parents[1] / "LICENSE").read_text()
    assert '<dcterms:license rdf:resource="https://spdx.org/licenses/MIT"/>' in own
    assert "dcterms:creator" not in to_sbml(load("calmodulin").network, level="L2V4")


def test_events_at_one_moment_are_not_a_rounding_error_apart():
    """AMICI stops between the sixth pulse of a tetanus, at 0.06 s, and its second spike, at 0.03 s + 0.03 s."""
    model = libsbml.readSBMLFromString(to_sbml(load("spine_electrics").network, load_protocol("tetanus"))).getModel()
    triggers = [libsbml.formulaToL3String(event.getTrigger().getMath()) for event in model.getListOfEvents()]
    moments = [re.search(r"time >= \((\w+) \+ \w+ \* (\w+)\)", trigger).groups() for trigger in triggers]
    assert len(moments) == 2
    assert len({*moments}) == 1


def test_a_reaction_says_which_rule_made_it():
    document = libsbml.readSBMLFromString(to_sbml(network_from(homodimer())))
    found = {
        re.search(r'name="(\w+)" direction="(\w+)" factor="([\d.]+)"', r.getAnnotationString()).groups()
        for r in document.getModel().getListOfReactions()
    }
    assert {("pair", "forward", "0.5"), ("pair", "reverse", "1.0"), ("phosphorylate", "forward", "2.0")} <= found
    sides = [
        r for r in document.getModel().getListOfReactions() if r.getNumReactants() == 1 and r.getReactant(0).getStoichiometry() == 2
    ]
    assert sides


# -- a thousand species, and input that is none ------------------------------------------


def chain_net(n):
    """A line of n species as a .net file."""
    species = "".join(f"{i + 1} S(n~{i}) {100 if i == 0 else 0}\n" for i in range(n))
    reactions = "".join(f"{i + 1} {i + 1} {i + 2} k #step\n" for i in range(n - 1))
    return (
        f"begin parameters\n1 k 5 # Constant\nend parameters\nbegin species\n{species}end species\n"
        f"begin reactions\n{reactions}end reactions\nbegin groups\n1 last {n}\nend groups\n"
    )


@pytest.mark.slow
def test_thousands_of_species(tmp_path):
    path = tmp_path / "chain.net"
    path.write_text(chain_net(3000))
    network = network_from(path)
    assert not complaints(to_sbml(network), declared=False)
    agreed(network, duration=10.0, simulators=("libroadrunner",))


def test_a_net_file_is_read_as_it_is(tmp_path):
    path = tmp_path / "chain.net"
    path.write_text(chain_net(3))
    network = network_from(path)
    assert network.species == ["S(n~0)", "S(n~1)", "S(n~2)"]
    assert network.parameters["k"] == 5.0
    path.write_text(chain_net(3).replace("2 2 3 k", "2 2 4 k"))
    with pytest.raises(ExpansionError, match="not among the 3 species"):
        network_from(path)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("hello.bngl", "hello", "is no BNGL file"),
        ("half.bngl", "begin model\nbegin parameters\nk 1\nend model\n", "does not end"),
        ("bomb.net", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><a>&y;</a>', "this is no network"),
        ("code.net", chain_net(2).replace("k 5", "k __import__('os')"), "is not a formula"),
        ("binary.net", "\x00\x01begin species", "this is no network"),
    ],
)
def test_a_file_that_is_no_model_is_refused(name, text, words, tmp_path, capsys):
    path, output = tmp_path / name, tmp_path / "out.xml"
    path.write_text(text)
    assert main(["export", str(path), "-o", str(output)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert len(said.splitlines()) == 1
    assert not output.exists()


def test_a_module_that_raises_is_one_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "raises_on_import.py").write_text("raise SystemExit('two\\nlines')\n")
    monkeypatch.chdir(tmp_path)
    assert main(["export", "raises_on_import:model", "-o", "out.xml"]) == 2
    assert capsys.readouterr().err == "ltpath: 'raises_on_import:model' cannot be imported: SystemExit: two lines\n"
    assert not (tmp_path / "out.xml").exists()


def test_actions_of_a_bngl_file_are_not_carried_out(tmp_path):
    path = tmp_path / "acts.bngl"
    path.write_text(
        BNGL["python_words"] + f'writeFile({{prefix=>"{tmp_path}/written",format=>"bngl"}})\nsystem("touch {tmp_path}/touched")\n'
    )
    network_from(path)
    assert [p.name for p in tmp_path.iterdir()] == ["acts.bngl"]
    assert "begin actions" not in "".join(bngl_blocks(path.read_text()))


def test_nothing_is_overwritten_without_force(tmp_path, capsys):
    output = tmp_path / "out.xml"
    output.write_text("mine")
    assert main(["export", "pysb.examples.hello_pysb:model", "-o", str(output)]) == 2
    assert output.read_text() == "mine"
    assert main(["export", "pysb.examples.hello_pysb:model", "-o", str(output), "--force"]) == 0
    assert "<sbml" in output.read_text()


def test_strict_refuses_what_a_file_cannot_say(tmp_path, monkeypatch, capsys):
    (tmp_path / "model_with_total_rate.bngl").write_text(
        BNGL["python_words"].replace("class(def) -> 0 lambda", "class(def) -> 0 lambda TotalRate")
    )
    monkeypatch.chdir(tmp_path)
    assert main(["export", "model_with_total_rate.bngl", "-o", "out.xml", "--strict"]) == 2
    assert "total rate" in capsys.readouterr().err
    assert not (tmp_path / "out.xml").exists()
    assert main(["export", "model_with_total_rate.bngl", "-o", "out.xml"]) == 0


def test_libroadrunner_compiles_a_large_network_without_optimising_and_is_as_it_was_after(monkeypatch):
    roadrunner = pytest.importorskip("roadrunner")
    before = roadrunner.Config.getValue(roadrunner.Config.LLVM_BACKEND)
    backends = []

    class Watched(roadrunner.RoadRunner):
        def __init__(self, text):
            backends.append(roadrunner.Config.getValue(roadrunner.Config.LLVM_BACKEND))
            super().__init__(text)

    monkeypatch.setattr(roadrunner, "RoadRunner", Watched)
    monkeypatch.setattr("ltpath.verification._ROADRUNNER_FAST", 10)
    agreed(load("calmodulin").network, duration=10.0, simulators=("libroadrunner",))
    assert backends == [roadrunner.Config.LLJIT]
    assert roadrunner.Config.getValue(roadrunner.Config.LLVM_BACKEND) == before
    monkeypatch.setattr("ltpath.verification._ROADRUNNER_LARGEST", 20)
    (check,) = verify(load("calmodulin").network, duration=10.0, simulators=("libroadrunner",)).checks
    assert (check.status, check.reason) == ("not run", "LLVM would compile 66 reactions for an hour or more")


def test_verify_prints_writes_and_fails_on_disagreement(tmp_path, monkeypatch, capsys):
    output = tmp_path / "found.json"
    command = ["verify", "pysb.examples.hello_pysb:model", "--in", "libroadrunner", "--duration", "10 s"]
    assert main([*command, "--json", str(output)]) == 0
    assert "agrees" in capsys.readouterr().out
    check = json.loads(output.read_text())["checks"][0]
    assert check["relative"] < 1e-6
    assert check["compared"] == 3
    # A file whose rate constant is wrong by a thousandth must not pass.
    monkeypatch.setattr(
        "ltpath.exporters.sbml.to_sbml", lambda *a, **k: to_sbml(*a, **k).replace('value="0.001"', 'value="0.001001"')
    )
    assert main(command) == 1
    assert "differs" in capsys.readouterr().out


@pytest.mark.parametrize("engine", ["scipy", "roadrunner", "bngsim"])
def test_other_engines_run_other_peoples_models(engine):
    pytest.importorskip(engine)
    for model in (cases(), pulse()):
        # Its rates depend on the time, and on amounts by cases.
        ours, theirs = (simulate(model, times=[5.0, 30.0, 60.0], engine=e, rtol=1e-9) for e in ("cvode", engine))
        for name in ours.data_vars:
            assert theirs[name].values == pytest.approx(ours[name].values, rel=1e-6, abs=1e-6)


# -- formulas ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2^3^2", 512.0),
        ("-2^2", -4.0),
        ("if(1<2 && !(3>4),5,6)", 5.0),
        ("1+(2>1)", 2.0),
        ("rint(2.5)", 3.0),
        ("max(1,2,min(7,3))", 3.0),
        ("1e-3*1.5E2", 0.15),
        ("avg(1,2,3)+ln(_e)+log10(100)", 5.0),
    ],
)
def test_formulas_of_bionetgen_are_read(text, value):
    assert float(read(text)) == pytest.approx(value)


@pytest.mark.parametrize("text", ["__import__('os').system('x')", "a.b", "[1]", "lambda: 1", "f(1)", "a if b else c", "'x'", ""])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(ExpansionError):
        read(text)


def test_a_formula_that_calls_itself_is_refused():
    with pytest.raises(ExpansionError):
        read("f(1)", {"f": (["x"], "f(x)")})


def test_a_level_that_cannot_say_it_is_an_error(monkeypatch):
    monkeypatch.setattr("ltpath.exporters.sbml.LEVELS", {"L3V2": (3, 2), "L1V2": (1, 2)})
    with pytest.raises(ExportError, match="SBML L1V2"):
        to_sbml(network_from(membranes()), level="L1V2")


def test_a_source_that_is_nothing_says_so():
    with pytest.raises(BadValue, match="not a PySB model"):
        network_from("math:pi")
    with pytest.raises(LtpathError, match="did you mean 'early_ltp'"):
        network_from("early_lpt")
