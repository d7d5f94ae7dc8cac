"""Kappa: the rules for KaSim, by PySB's generator, with agents in matching places and rates per embedding as KaSim counts them."""

from __future__ import annotations

import re
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import ltpath
from ltpath.cache import write_atomically
from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork, bionetgen_output
from ltpath.protocol import Protocol

NAME = "kappa"
SUFFIX = ".ka"
SUMMARY = "Kappa rules for KaSim"


def losses(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    """What Kappa cannot say."""
    lost = [f"the protocol '{protocol.title}': the file has the rules and the amounts that the model declares"] if protocol else []
    return [
        *lost,
        "fractions of a molecule: KaSim counts, and the amounts that a model declares become whole numbers",
        "that two reactants are different complexes: KaSim also lets two ends of one complex react",
        "units, sources and identities of molecules",
    ]


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the rules."""
    write_atomically(Path(path), to_kappa(network).encode())


def to_kappa(network: ReactionNetwork) -> str:
    """The Kappa text of a model.

    Raises
    ------
    ExportError
        The model holds a species, or has a pattern or a formula that Kappa has no words for.
    MissingTool, ExpansionError
        As `ltpath.expansion.run_bionetgen`, which reads the rules.
    """
    import sympy
    from pysb.generator.kappa import KappaException
    from pysb.importers.bngl import BnglImportError, model_from_bngl

    held = [name for name, always in zip(network.species, network.arrays["held"], strict=True) if always]
    if held:
        raise ExportError(f"Kappa cannot hold {held[0]}, which '{network.name}' does; use a model in which it is dynamic")
    bngl = network.meta["bngl"]
    if not bngl:
        raise ExportError(f"'{network.name}' came as a reaction network, and Kappa is made of rules")
    try:
        with tempfile.TemporaryDirectory(prefix="ltpath-") as folder:
            (Path(folder) / "model.bngl").write_text(bngl, encoding="utf-8")
            model = model_from_bngl(f"{folder}/model.bngl")
        for expression in model.expressions:
            # KaSim has the exponential function, but not this one.
            expression.expr = expression.expr.replace(sympy.tanh, lambda x: 1 - 2 / (1 + sympy.exp(2 * x)))
        text = _generator()(model, _symmetry(bngl, network.name)).get_content()
    except (BnglImportError, KappaException, NotImplementedError) as error:
        raise ExportError(f"Kappa cannot say '{network.name}': {error}") from None
    return f"// {network.name} of ltpath {ltpath.__version__}, licence MIT\n// Amounts are molecules, time is in seconds.\n\n{text}"


def _symmetry(bngl: str, name: str) -> dict[str, str]:
    """Of each rule whose reactants are alike: the share of KaSim's embeddings that are different reactions."""
    xml = bionetgen_output(bngl, name, "writeXML()", ".xml")
    tags = re.findall(r"<ReactionRule [^>]*>", xml)
    fields = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in tags]
    return {f["name"].removesuffix("_rev"): f["symmetry_factor"] for f in fields if float(f["symmetry_factor"]) != 1}


def _generator() -> Any:
    """PySB's generator with its rules written anew: PySB is imported only where it is needed."""
    from pysb.generator.kappa import KappaGenerator

    class Generator(KappaGenerator):
        def __init__(self, model: Any, symmetry: dict[str, str]) -> None:
            super().__init__(model)
            self.symmetry = symmetry

        def generate_reaction_rules(self) -> None:
            lines = []
            for rule in self.model.rules:
                before, after = (
                    [m for c in side.complex_patterns for m in c.monomer_patterns]
                    for side in (rule.reactant_pattern, rule.product_pattern)
                )
                lines.append(self._rule(rule.name, before, after, rule.rate_forward))
                if rule.is_reversible:
                    lines.append(self._rule(f"_reverse_{rule.name}", after, before, rule.rate_reverse))
            self._KappaGenerator__content += "\n".join([*lines, "", ""])

        def _rule(self, name: str, before: list[Any], after: list[Any], rate: Any) -> str:
            # KaSim takes an agent for the one in the same place of the other side, and a dot for none.
            left, right, free = [], [], list(after)
            for agent in before:
                same = next((m for m in free if m.monomer is agent.monomer), None)
                left.append(self.format_monomerpattern(agent))
                right.append("." if same is None else self.format_monomerpattern(same))
                if same is not None:
                    free = [m for m in free if m is not same]
            left += ["."] * len(free)
            right += map(self.format_monomerpattern, free)
            factor = f"{self.symmetry[name]} * " if name in self.symmetry else ""
            return f"'{name}' {', '.join(left)} -> {', '.join(right)} @ {factor}'{rate.name}'"

    return partial(Generator)
