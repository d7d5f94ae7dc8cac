"""Any rule-based model as a reaction network: the one place through which models come in.

A source is a name of the catalogue, a PySB model, ``module:attribute`` that holds one, a BNGL file,
or a ``.net`` file of BioNetGen. Every exporter and every engine takes the network that it becomes.

Other people's models start at time 0 from their own amounts and keep their own units: with undeclared
units their numbers are taken as they are, and amounts as molecules where an engine counts.
"""

from __future__ import annotations

import importlib
import math
import os
import pickle
import re
import sys
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ltpath.catalogue import Model, load, model_names
from ltpath.errors import BadValue, ExpansionError, LtpathError, UnknownName
from ltpath.expansion import (
    SPECIES_LIMIT,
    ReactionNetwork,
    Report,
    bionetgen_version,
    expand,
    expanded_rules,
    rule_text,
)

if TYPE_CHECKING:
    import pysb
    import sympy

    from ltpath.netreader import NetFile
    from ltpath.network import Network

LARGEST_FILE = 200_000_000
"""A larger file is not read, bytes."""
_BLOCKS = {
    "parameters": "parameters",
    "compartments": "compartments",
    "molecule types": "molecule types",
    "observables": "observables",
    "functions": "functions",
    "seed species": "seed species",
    "species": "seed species",
    "energy patterns": "energy patterns",
    "reaction rules": "reaction rules",
}
"""Blocks of a BNGL file that say what the model is; actions, which may write files, are left out."""
_NOTHING = "LtpathNothing"
WELL_MIXED = "reaction_volume"
"""The place of a model without compartments."""


def network_from(
    source: str | Path | Model | pysb.Model | Network | ReactionNetwork,
    *,
    units: Mapping[str, str] | None = None,
    limit: int = SPECIES_LIMIT,
    report: Report | None = None,
    fresh: bool = False,
) -> ReactionNetwork:
    """The reaction network of a source.

    Parameters
    ----------
    source : str, path, Model, pysb.Model, Network or ReactionNetwork
        A name of the catalogue, ``module:attribute`` (a PySB model, or a function that returns one),
        the path of a ``.bngl`` or ``.net`` file, or the thing itself.
    units : mapping, optional
        Of somebody else's model: ``amount``, ``time``, ``volume`` and ``area``, in which the others are
        inferred, and of single parameters, by name (`ltpath.inference`).
    limit, report, fresh
        As for `ltpath.expansion.expand`.

    Raises
    ------
    UnknownName
        Neither a model of the catalogue nor a file.
    BadValue
        The file or the module holds no model.
    ExpansionError
        The rules cannot be expanded.
    """
    network = _network_from(source, limit, report, fresh)
    if not units:
        return network
    if not network.foreign:
        raise BadValue(f"the units of '{network.name}' are declared in its rules")
    from ltpath.inference import with_units

    return with_units(network, units)


def _network_from(source: Any, limit: int, report: Report | None, fresh: bool) -> ReactionNetwork:
    if isinstance(source, ReactionNetwork):
        return source
    if isinstance(source, Model):
        return source.network
    if _is_pysb(source):
        return from_pysb(source, limit=limit, report=report, fresh=fresh)
    if not isinstance(source, (str, Path)):
        if hasattr(source, "quantities"):
            return expand(source, limit, report, fresh)
        raise BadValue(f"a model is a name, a file or a PySB model, not {type(source).__name__}")
    text = str(source)
    if text in model_names():
        return load(text).network
    path = Path(text)
    if path.suffix in (".bngl", ".net") or path.is_file():
        return _from_file(path, limit, report, fresh)
    if ":" in text:
        model, notes = imported(text)
        if _is_pysb(model):
            return from_pysb(model, notes=notes, limit=limit, report=report, fresh=fresh)
        return _network_from(model, limit, report, fresh)
    raise UnknownName("model", text, model_names())


def _is_pysb(thing: Any) -> bool:
    return "pysb" in sys.modules and isinstance(thing, sys.modules["pysb"].Model)


# -- PySB --------------------------------------------------------------------------


def imported(text: str) -> tuple[Any, str]:
    """What ``module:attribute`` names, called where it is a function, and the module's docstring.

    Raises
    ------
    BadValue
        There is no such module or attribute, or it raises an error.
    """
    module_name, _, attribute = text.partition(":")
    from pysb.core import SelfExporter

    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    # A module may switch off, for all others, that components enter their model by themselves.
    exports, SelfExporter.do_export = SelfExporter.do_export, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = importlib.import_module(module_name)
            thing = module
            for part in attribute.split("."):
                thing = getattr(thing, part)
            if callable(thing) and not _is_pysb(thing):
                thing = thing()
    except LtpathError:
        raise
    except (Exception, SystemExit) as error:
        words = " ".join(str(error).split())[:200]
        raise BadValue(f"'{text}' cannot be imported: {type(error).__name__}: {words}") from None
    finally:
        SelfExporter.do_export = exports
    if not _is_pysb(thing) and not isinstance(thing, (Model, ReactionNetwork)):
        raise BadValue(f"'{text}' is a {type(thing).__name__} and not a PySB model")
    return thing, (module.__doc__ or "").strip()


def from_pysb(
    model: pysb.Model, *, notes: str = "", limit: int = SPECIES_LIMIT, report: Report | None = None, fresh: bool = False
) -> ReactionNetwork:
    """The reaction network of a PySB model, which is left as it is."""
    from pysb.generator.bng import BngGenerator

    from ltpath.formula import BUILT_IN
    from ltpath.netreader import read_net

    name = str(model.name or "model").split(".")[-1]
    # BioNetGen takes no parameter that has the name of one of its functions: those have another name there.
    aliases = {c.name: f"{c.name}_of_the_model" for c in model.components if c.name in BUILT_IN}
    renamed = _renamed(model, aliases) if aliases else model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            bngl = BngGenerator(renamed).get_content()
        except (NotImplementedError, ValueError, AttributeError) as error:
            raise ExpansionError(f"PySB cannot write '{name}' as BNGL: {' '.join(str(error).split())}") from None
    # BioNetGen does not know the names that PySB writes for two numbers.
    bngl = re.sub(r"\b_pi\b", f"{math.pi!r}", re.sub(r"\b_e\b", f"{math.e!r}", bngl))
    text, bngl = _expanded(name, bngl, not model.rules, limit, report, fresh)
    known = {e.name: _timed(e.expr) for e in renamed.expressions if not e.tags()}
    net = read_net(text, known)
    _without_nothing(net)
    if aliases:
        _name_back(net, {alias: own for own, alias in aliases.items()})
    places = {
        c.name: _place(c.dimension, c.parent.name if c.parent else "", c.size.name if c.size is not None else "", 1.0)
        for c in model.compartments
    }
    annotations = _annotations(model)
    return _assembled(
        name, net, bngl, places,
        kind="pysb",
        notes=notes,
        rules={r.name: rule_text(r) for r in model.rules},
        monomers=[m.name for m in model.monomers],
        annotations=annotations,
        readouts=[*(o.name for o in model.observables), *(e.name for e in model.expressions_dynamic(include_local=False))],
        lost=[f"the rule {r.name} has a total rate, which its reactions multiply by their reactants" for r in model.rules if r.total_rate],
    )  # fmt: skip


def _renamed(model: pysb.Model, aliases: Mapping[str, str]) -> pysb.Model:
    """A copy of a model with other names for some of its components."""
    copy = pickle.loads(pickle.dumps(model))
    for component in copy.components:
        component.name = aliases.get(component.name, component.name)
    return copy


def _timed(formula: Any) -> sympy.Expr:
    import sympy
    from pysb.core import time

    from ltpath.formula import TIME

    return sympy.sympify(formula).xreplace({time: TIME})


def _name_back(net: NetFile, names: Mapping[str, str]) -> None:
    import sympy

    def text(formula: str) -> str:
        return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), formula)

    net.parameters = {names.get(n, n): v for n, v in net.parameters.items()}
    net.constants = {names.get(n, n): text(f) for n, f in net.constants.items()}
    net.functions = {names.get(n, n): text(f) for n, f in net.functions.items()}
    net.groups = {names.get(n, n): terms for n, terms in net.groups.items()}
    net.initial = [(i, names.get(n, n)) for i, n in net.initial]
    net.formula = {
        names.get(n, n): f.xreplace({s: sympy.Symbol(names[s.name], real=True) for s in f.free_symbols if s.name in names})
        for n, f in net.formula.items()
    }
    for reaction in net.reactions:
        reaction.rate = names.get(reaction.rate, reaction.rate)


def _annotations(model: pysb.Model) -> dict[str, list[list[str]]]:
    """Predicate and object of each annotation, by the name of its subject; the model's own under ``""``."""
    found: dict[str, list[list[str]]] = {}
    for annotation in model.annotations:
        subject = "" if annotation.subject is model else getattr(annotation.subject, "name", None)
        if subject is not None:
            found.setdefault(subject, []).append([str(annotation.predicate), str(annotation.object)])
    return found


# -- files --------------------------------------------------------------------------


def _from_file(path: Path, limit: int, report: Report | None, fresh: bool) -> ReactionNetwork:
    if path.suffix not in (".bngl", ".net"):
        raise BadValue(f"{path} is not a model: a file's name ends in .bngl or .net, and other models are module:attribute")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadValue(f"{path} is larger than {LARGEST_FILE // 10**6} MB, and is not read")
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise BadValue(f"{path} cannot be read: {error.strerror or error}") from None
    name = re.sub(r"\W", "_", path.stem)
    if path.suffix == ".net":
        return _from_net_text(name, path, text)
    return _from_bngl(name, path, text, limit, report, fresh)


def _from_net_text(name: str, path: Path, text: str) -> ReactionNetwork:
    from ltpath.netreader import read_net

    try:
        net = read_net(text)
    except ExpansionError as error:
        raise ExpansionError(f"{path}: {error}") from None
    places: dict[str, dict[str, Any]] = {}
    for species in net.species:
        for place in re.findall(r"@(\w+)", species):
            places.setdefault(place, _place(3, "", "", 1.0))
    texts: dict[str, str] = {}
    for r in net.reactions:
        sides = [" + ".join(net.species[i] for i in side) or "0" for side in (r.ins, r.outs)]
        for rule in (r.rules or ["reaction"])[:1]:
            texts.setdefault(rule.removeprefix("_reverse_"), " -> ".join(sides[::-1] if rule.startswith("_reverse_") else sides))
    lost = ["the sizes of compartments, which a .net file does not hold (they are 1 here; rates have them)"] if places else []
    return _assembled(
        name, net, "", places, kind="net", notes="", rules=texts, monomers=_monomers(net), annotations={},
        readouts=[*net.groups, *net.functions], lost=lost,
    )  # fmt: skip


def _from_bngl(name: str, path: Path, text: str, limit: int, report: Report | None, fresh: bool) -> ReactionNetwork:
    from ltpath.netreader import read_net

    found = bngl_blocks(text)
    if not found:
        raise BadValue(f"{path} is no BNGL file: it has no block such as 'begin reaction rules'")
    model = "begin model\n" + "".join(
        f"begin {block}\n" + "".join(f"  {line}\n" for line in lines) + f"end {block}\n" for block, lines in found.items()
    )
    options = _options(text)
    expanded, model = _expanded(name, f"{model}end model\n", not found.get("reaction rules"), limit, report, fresh, options)
    net = read_net(expanded)
    _without_nothing(net)
    rules = labelled(found.get("reaction rules", ()))
    places = {}
    for line in found.get("compartments", ()):
        place, dimension, *rest = line.split()
        size, outside = _size(net, place, rest[0] if rest else "1"), rest[1] if len(rest) > 1 else ""
        places[place] = _place(int(dimension), outside, *size)
    comments = [
        line.strip().lstrip("#").strip() for line in text.partition("begin ")[0].splitlines() if line.strip().startswith("#")
    ]
    return _assembled(
        name, net, model, places, kind="bngl", notes=" ".join(comments)[:2000], rules=rules, monomers=_monomers(net), annotations={},
        readouts=[*net.groups, *(n for n in net.functions if not n.startswith("_rateLaw"))], lost=[f"the rule '{line}' has a total rate, which its reactions multiply by their reactants"
                            for line in rules.values() if "TotalRate" in line],
        options=options,
    )  # fmt: skip


def labelled(lines: Iterable[str]) -> dict[str, str]:
    """The rules of a BNGL block by label."""
    rules: dict[str, str] = {}
    for line in lines:
        label = re.match(r"(?:\d+\s+)?([A-Za-z_]\w*)\s*:(?!:)\s*(.*)", line)
        # BioNetGen numbers the rules without a label.
        rules[label[1] if label else f"_R{1 + sum(r.startswith('_R') for r in rules)}"] = label[2] if label else line
    return rules


def bngl_blocks(text: str) -> dict[str, list[str]]:
    """The lines of a BNGL file's blocks that say what the model is; nothing that BioNetGen would carry out.

    Raises
    ------
    BadValue
        A block does not end.
    """
    found: dict[str, list[str]] = {}
    current, inside = None, ""
    for raw in re.sub(r"\\[ \t]*\r?\n", " ", text).splitlines():
        line = raw.partition("#")[0].strip()
        words = line.split()
        if words[:1] == ["begin"]:
            block = " ".join(words[1:])
            if block == "model":
                continue
            if current is not None:
                raise BadValue(f"the block '{inside}' does not end before 'begin {block}'")
            inside = block
            # What other blocks (actions, population maps) hold is read and forgotten.
            current = found.setdefault(_BLOCKS[block], []) if block in _BLOCKS else []
        elif words[:1] == ["end"]:
            if current is not None and " ".join(words[1:]) != inside:
                raise BadValue(f"the block '{inside}' does not end before '{' '.join(words)}'")
            current = None
        elif line and current is not None:
            current.append(line)
    if current is not None:
        raise BadValue(f"the block '{inside}' does not end")
    return found


def _options(text: str) -> str:
    """The limits that a file's own generate_network sets: numbers, and nothing else."""
    call = re.search(r"^\s*generate_network\s*\(\s*\{(.*?)\}\s*\)", text, re.MULTILINE | re.DOTALL)
    if call is None:
        return ""
    options = [f"{k}=>{v}" for k, v in re.findall(r"\b(max_iter|max_agg)\s*=>\s*(\d+)", call[1])]
    stoichiometry = re.search(r"max_stoich\s*=>\s*\{([\w\s,=>\"']*)\}?", call[1])
    if stoichiometry:
        pairs = re.findall(r"(\w+)[\"']?\s*=>\s*(\d+)", stoichiometry[1])
        options.append(f"max_stoich=>{{{','.join(f'{k}=>{v}' for k, v in pairs)}}}")
    return "".join(f",{option}" for option in options)


def _size(net: NetFile, place: str, text: str) -> tuple[str, float]:
    """Name and value of a compartment's size."""
    from ltpath.formula import read

    if text in net.parameters or text in net.formula:
        return text, 1.0
    formula = read(text)
    if not formula.free_symbols:
        return "", float(formula)
    return net.constant(f"size_of_{place}", text, formula), 1.0


# -- together ------------------------------------------------------------------------


def _expanded(
    name: str, bngl: str, empty: bool, limit: int, report: Report | None, fresh: bool, options: str = ""
) -> tuple[str, str]:
    """BioNetGen's network of a model, and the model's own BNGL."""
    if not empty:
        return expanded_rules(name, bngl, limit, report, fresh, values=True, options=options), bngl
    # BioNetGen does nothing without a rule: one that does nothing makes it count the observables.
    if "begin molecule types\n" in bngl:
        text = bngl.replace("begin molecule types\n", f"begin molecule types\n  {_NOTHING}()\n")
    else:
        text = bngl.replace("begin model\n", f"begin model\nbegin molecule types\n  {_NOTHING}()\nend molecule types\n")
    rule = f"begin reaction rules\n  ltpath_nothing: 0 -> {_NOTHING}() 0\nend reaction rules\n"
    if "begin reaction rules\n" in text:
        text = re.sub(r"begin reaction rules\n.*?end reaction rules\n", "", text, flags=re.DOTALL)
    return expanded_rules(name, text.replace("end model", f"{rule}end model"), limit, report, fresh, values=True), bngl


def _without_nothing(net: NetFile) -> None:
    if f"{_NOTHING}()" not in "".join(net.species):
        return
    gone = {i for i, species in enumerate(net.species) if species.endswith(f"{_NOTHING}()")}
    place = {old: new for new, old in enumerate(i for i in range(len(net.species)) if i not in gone)}
    net.species = [net.species[i] for i in place]
    net.held = [net.held[i] for i in place]
    net.initial = [(place[i], amount) for i, amount in net.initial if i in place]
    rates = {r.rate for r in net.reactions if gone & {*r.outs}}
    net.reactions = [r for r in net.reactions if not gone & {*r.outs}]
    net.groups = {n: [(place[i], w) for i, w in terms if i in place] for n, terms in net.groups.items()}
    net.parameters = {n: v for n, v in net.parameters.items() if n not in rates}


def _monomers(net: NetFile) -> list[str]:
    return list(dict.fromkeys(m for species in net.species for m in re.findall(r"(\w+)\(", species)))


def _starting_places(net: NetFile) -> dict[str, str]:
    """The compartment that each molecule starts in, or comes to first; a species itself says where it is."""
    found: dict[str, str] = {}
    for i in (*(i for i, _ in net.initial), *range(len(net.species))):
        whole = re.match(r"(?:@(\w+):)?", net.species[i])
        for name, own in re.findall(r"(\w+)\([^()]*\)(?:@(\w+))?", net.species[i]):
            if place := own or (whole and whole[1]):
                found.setdefault(name, place)
    return found


def _place(dimension: int, outside: str, volume: str, size: float) -> dict[str, Any]:
    return {"volume": volume, "per_uM": "", "synapse": "", "dimension": dimension, "outside": outside, "size": size}


def _assembled(
    name: str,
    net: NetFile,
    bngl: str,
    places: dict[str, dict[str, Any]],
    *,
    kind: str,
    notes: str,
    rules: dict[str, str],
    monomers: list[str],
    annotations: dict[str, list[list[str]]],
    readouts: list[str],
    lost: list[str],
    options: str = "",
) -> ReactionNetwork:
    from ltpath.netreader import add_clock, assembled

    clock = add_clock(net)
    if clock:
        rules = {**rules, "time_passes": "0 -> Time()"}
    readouts = [n for n in readouts if n not in net.made and (n in net.groups or n in net.functions)]
    known = [*net.parameters, *net.formula, *net.groups]
    meta = {
        "rule_text": rules,
        "rule_notes": {},
        # Not declared: neither dimensionless nor anything else.
        "units": dict.fromkeys(known, ""),
        "readouts": {n: {"unit": "", "meaning": n} for n in readouts},
        "inputs": [],
        "places": places or {WELL_MIXED: _place(3, "", "", 1.0)},
        "place_of": dict.fromkeys([*monomers, *_monomers(net)], next(iter(places), WELL_MIXED)) | _starting_places(net),
        "identity": {m: identity for m in monomers if (identity := _identity(annotations.get(m, ())))},
        "provenance": {
            n: {"value": v, "unit": "", "basis": "", "source": "", "doi": "", "note": "", "seen": ""} for n, v in net.parameters.items()
        },
        "annotations": annotations,
        "net": {
            "constants": {n: _as_bngl(net.formula[n]) for n in net.constants},
            "functions": {n: _as_bngl(net.formula[n]) for n in net.functions},
        },
        "bngl": bngl,
        "bionetgen": bionetgen_version() if bngl else "",
        "source": {"kind": kind, "notes": notes, "lost": lost, "options": options},
        **({"clock": clock} if clock else {}),
    }  # fmt: skip
    return assembled(name, net, meta, rules)


def _as_bngl(formula: sympy.Expr) -> str:
    """A formula for a ``.net`` file, which calls none of the model's own functions with arguments."""
    import sympy
    from pysb.generator.bng import BngPrinter

    numbers = {sympy.pi: sympy.pi.evalf(17), sympy.E: sympy.E.evalf(17)}
    return BngPrinter(order="none").doprint(formula.xreplace(numbers)).replace(" ", "")


def _identity(annotations: Any) -> str:
    """A database identity, such as ``uniprot:P55957``, of the annotations of a molecule."""
    for predicate, uri in annotations:
        match = re.search(r"identifiers\.org/([\w.]+)[/:](.+)$", uri) or re.match(r"([A-Za-z][\w.]*):(?!//)(\S+)$", uri)
        if match and predicate in ("is", "isVersionOf", "hasPart"):
            entry = match[2].removeprefix(f"{match[1].upper()}:")
            return f"{'CHEBI' if match[1].lower() == 'chebi' else 'GO' if match[1].lower() == 'go' else match[1]}:{entry}"
    return ""
