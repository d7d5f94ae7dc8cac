"""The command line: ``ltpath``, also ``python -m ltpath``.

Only the parser lives here. The work is in `ltpath.commands`, which is imported when a
command is known, so that ``ltpath --help`` answers at once.
"""

from __future__ import annotations

import argparse
import difflib
import gc
import io
import os
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import ltpath
from ltpath.errors import LtpathError

BEGAN = time.perf_counter()
MISUSE = 2
INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """A parser that answers a mistake with one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(MISUSE, f"ltpath: {message}; '{self.prog} --help' shows how it is used\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            near = difflib.get_close_matches(str(value), list(action.choices), n=1, cutoff=0.5)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise argparse.ArgumentError(None, f"unknown {action.dest} '{value}'{hint} (allowed: {', '.join(action.choices)})")


def _name(text: str) -> str:
    """What a file or a thing is called; an empty text, as an unset variable of a shell leaves it, is a mistake."""
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty name was given")
    return text


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    top = _Parser(
        prog="ltpath",
        description="Rule-based models of long-term potentiation: run them, score them against the literature, export them.",
    )
    top.add_argument("--version", action="version", version=f"ltpath {ltpath.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, summary: str, *, prints_facts: bool = True) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if prints_facts:
            one.add_argument("--json", action="store_true", help="print JSON")
        return one

    command("list", "list models, protocols, perturbations, experiments and export formats")

    show = command("show", "show a model, a protocol, a perturbation or an experiment")
    show.add_argument("name", metavar="NAME", help="a name that 'ltpath list' prints, or a protocol file")

    run = command("run", "simulate a protocol and write trajectory.csv, summary.json and figure.png")
    _what_to_run(run, protocol="baseline", source=True)
    run.add_argument(
        "--set", action="append", default=[], metavar="PARAMETER=VALUE", dest="settings",
        help="a parameter's value, in its own unit, for the whole run; may be repeated",
    )  # fmt: skip
    run.add_argument(
        "--engine", type=_name, default="cvode", metavar="ENGINE", help="a name that 'ltpath list' prints; default: cvode"
    )
    run.add_argument("--seed", type=int, metavar="NUMBER", help="of a stochastic engine; default: another at each run")
    run.add_argument(
        "--exact", action="store_true", help="stochastic: every molecule at every time; default: means away from events"
    )
    run.add_argument(
        "--sensitivity", action="append", default=[], metavar="PARAMETER", dest="sensitivities",
        help="also solve how everything changes with a parameter; may be repeated",
    )  # fmt: skip
    run.add_argument("-o", "--output", type=_name, default="out", metavar="FOLDER", help="default: out")

    sweep = command("sweep", "run many conditions or an ensemble on many workers, into a Zarr folder that resumes")
    _what_to_sweep(sweep)

    one = command("map", "draw how an outcome depends on one or two quantities, with the borders of depression and potentiation")
    _what_to_run(one, protocol=None, duration=False)
    for axis in "xy":
        one.add_argument(
            f"--{axis}", required=axis == "x", metavar="NAME=FIRST:LAST:NUMBER[:log]",
            help="a field of the stimuli (amplitude, duration, frequency, pulses ...), a parameter or a dose",
        )  # fmt: skip
    one.add_argument("--variable", type=_name, metavar="READOUT", help="default: the weight")
    one.add_argument("--after", default="60 min", metavar="TIME", help="from the end of the stimuli; default: 60 min")
    _who_runs(one)
    one.add_argument("-o", "--output", type=_name, required=True, metavar="MAP.png", help="MAP.csv and MAP.zarr come beside it")

    validate = command("validate", "compare the models with published measurements")
    validate.add_argument(
        "names", nargs="*", metavar="EXPERIMENT", help="default: all; FILE.json is an experiment of FindSim (docs/findsim.md)"
    )
    validate.add_argument(
        "--map", type=_name, metavar="MAP.toml", help="of FILE.json: the model that runs it, and what its entities are there"
    )
    validate.add_argument("-o", "--output", type=_name, metavar="FOLDER", help="also write one figure for each experiment")

    page = command(
        "report", "write one page: each mechanism with its rules and its experiments beside the measured points", prints_facts=False
    )
    page.add_argument("-o", "--output", type=_name, default="report.html", metavar="FILE.html", help="default: report.html")

    export = command("export", "write a model, with its protocol, in a format that other programs read", prints_facts=False)
    _what_to_run(export, protocol=None, source=True)
    export.add_argument(
        "--format", type=_name, metavar="FORMAT", help="a format that 'ltpath list' prints; default: by the file's suffix"
    )
    export.add_argument("--level", type=_name, metavar="L3V2|L3V1|L2V4", help="of SBML; default: L3V2")
    export.add_argument("--strict", action="store_true", help="fail where the format cannot say all of the model and the protocol")
    export.add_argument("--unverified", action="store_true", help="of an archive: do not run it in other simulators first")
    _what_to_write(export)

    graph = command("graph", "draw a model (.svg, .png, .pdf) or write it as a graph (.graphml and others)", prints_facts=False)
    _source(graph)
    graph.add_argument(
        "--view",
        metavar="VIEW",
        help="signal, contact, influence, regulation or reactions (docs/graphs.md); default: by the format",
    )
    graph.add_argument("--from", dest="start", metavar="MOLECULE", help="only what lies on a way from this molecule ...")
    graph.add_argument("--to", dest="end", metavar="MOLECULE", help="... to this one, such as --from calcium --to ampa_receptor")
    _what_to_write(graph)

    verify = command("verify", "run a model's SBML in every simulator that is installed, beside our own run", prints_facts=False)
    _what_to_run(verify, protocol=None, source=True)
    verify.add_argument(
        "--in", action="append", default=[], metavar="SIMULATOR", dest="simulators", help="only in this one; may be repeated"
    )
    verify.add_argument("--json", type=_name, metavar="FILE", help="also write what is printed as JSON")
    verify.add_argument("--force", action="store_true", help="overwrite FILE")

    explore = command(
        "explore",
        "write one HTML file in which the signal moves over a map of the model, condition by condition",
        prints_facts=False,
    )
    _what_to_play(explore)
    explore.add_argument("-o", "--output", type=_name, required=True, metavar="PAGE.html")

    serve = command("serve", "show the same page with live runs, on this machine, until Ctrl-C", prints_facts=False)
    _what_to_play(serve)
    serve.add_argument("--port", type=int, default=8017, metavar="NUMBER", help="default: 8017; 0 takes a free one")
    serve.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="default: 127.0.0.1, which other machines cannot reach"
    )

    cite = command("cite", "print the publications that a model's numbers come from")
    cite.add_argument("model", metavar="MODEL")

    expand = command("expand", "make a model's reaction network from its rules: size, time and memory")
    expand.add_argument("model", metavar="MODEL", help="a name that 'ltpath list' prints")
    expand.add_argument("--fresh", action="store_true", help="let BioNetGen expand the rules even if the network is known")
    expand.add_argument(
        "--limit", type=int, default=10_000, metavar="SPECIES", help="stop at more species than this; default: 10000"
    )

    command("doctor", "check that everything ltpath needs is installed, and say how to mend what is not")

    demo = command("demo", "run a tetanus alone, with APV and with CaMKII T286A, and draw the three together")
    demo.add_argument("-o", "--output", type=_name, default="out/demo", metavar="FOLDER", help="default: out/demo")
    return top


def _what_to_write(one: argparse.ArgumentParser) -> None:
    one.add_argument("-o", "--output", type=_name, required=True, metavar="FILE")
    one.add_argument("--force", action="store_true", help="overwrite files that are there")


def _who_runs(one: argparse.ArgumentParser) -> None:
    one.add_argument("--workers", type=int, metavar="N", help="processes of this machine; default: one for each core")
    one.add_argument("--scheduler", type=_name, metavar="ADDRESS", help="of a Dask cluster, such as tcp://10.0.0.1:8786")


def _source(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "model", metavar="MODEL",
        help="a name that 'ltpath list' prints, or any other model: FILE.bngl, FILE.net, or module:attribute that is a PySB model",
    )  # fmt: skip
    one.add_argument(
        "--unit", action="append", default=[], metavar="NAME=UNIT", dest="units",
        help="of another model: amount=molecules, time=s, volume=fL, or of a parameter; the rest is inferred; may be repeated",
    )  # fmt: skip


def _what_to_run(one: argparse.ArgumentParser, protocol: str | None, duration: bool = True, source: bool = False) -> None:
    if source:
        _source(one)
    else:
        one.add_argument("model", metavar="MODEL", help="a name that 'ltpath list' prints")
    one.add_argument(
        "--protocol", type=_name, default=protocol, metavar="PROTOCOL",
        help=f"a name that 'ltpath list' prints, or a TOML file; default: {protocol or 'none'}",
    )  # fmt: skip
    one.add_argument(
        "--perturb", action="append", default=[], metavar="NAME[=DOSE]", dest="perturbations",
        help="a drug or mutant for the whole run, such as apv=50uM; may be repeated",
    )  # fmt: skip
    if duration:
        one.add_argument("--duration", metavar="TIME", help="simulated after time 0, such as '60 min'; default: the protocol's")


def _what_to_play(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "model", metavar="MODEL", nargs="?", default="early_ltp", help="a name that 'ltpath list' prints; default: early_ltp"
    )
    one.add_argument(
        "--protocol", metavar="PROTOCOL", help="a name that 'ltpath list' prints, or a TOML file; default: by the model"
    )
    one.add_argument(
        "--perturb", action="append", metavar="NAME[=DOSE][,...]", dest="perturbations",
        help="drugs or mutants together, such as apv=50uM,t286a; repeated: a condition each, beside the control; "
        "default: apv, t286a and anisomycin, as far as the model has them",
    )  # fmt: skip
    one.add_argument("--duration", metavar="TIME", help="simulated after time 0, such as '60 min'; default: the protocol's")


def _what_to_sweep(one: argparse.ArgumentParser) -> None:
    one.add_argument("model", metavar="MODEL|FILE.toml", help="a name that 'ltpath list' prints, or a file that declares the sweep")
    declared = one.add_argument_group("what to run (or declared in FILE.toml)")
    declared.add_argument(
        "--protocol", type=_name, action="append", metavar="PROTOCOL", dest="protocols", default=argparse.SUPPRESS,
        help="a name that 'ltpath list' prints, or a TOML file; repeated: a condition each; default: baseline",
    )  # fmt: skip
    declared.add_argument(
        "--perturb", action="append", metavar="NAME[=DOSE][,...]", dest="perturbations", default=argparse.SUPPRESS,
        help="drugs or mutants for the whole run, such as apv=50uM,t286a together; repeated: a condition each ('none': without)",
    )  # fmt: skip
    declared.add_argument(
        "--vary", action="append", metavar="NAME=VALUES", default=argparse.SUPPRESS,
        help="a parameter, a perturbation's dose, or a stimulus.FIELD, as 0.5,1,2 or linspace(0,2,5), logspace(0.1,10,5), "
        "uniform(1,2), loguniform(0.1,10), normal(1,0.1) or lognormal(1,1.5); may be repeated",
    )  # fmt: skip
    declared.add_argument(
        "--zip", action="store_const", const="zip", dest="combine", default=argparse.SUPPRESS,
        help="take values of all together, the first with the first, instead of every combination",
    )  # fmt: skip
    declared.add_argument(
        "--runs", type=int, metavar="N", default=argparse.SUPPRESS, help="of each condition: the ensemble's members; default: 1"
    )
    declared.add_argument("--seed", type=int, metavar="NUMBER", default=argparse.SUPPRESS, help="of all random draws; default: 0")
    declared.add_argument(
        "--latin-hypercube", action="store_const", const="latin hypercube", dest="sampling", default=argparse.SUPPRESS,
        help="spread random draws evenly",
    )  # fmt: skip
    declared.add_argument(
        "--times", metavar="TIMES", default=argparse.SUPPRESS,
        help="output times, such as '0 s,10 s,1 min:60 min:1 min' (first:last:step); default: every minute",
    )  # fmt: skip
    declared.add_argument(
        "--after",
        metavar="TIMES",
        default=argparse.SUPPRESS,
        help="output times from the end of each run's stimuli, instead of --times",
    )
    declared.add_argument("--duration", metavar="TIME", default=argparse.SUPPRESS, help="of all protocols, instead of their own")
    declared.add_argument(
        "--engine", type=_name, metavar="ENGINE", default=argparse.SUPPRESS, help="a name that 'ltpath list' prints"
    )
    declared.add_argument("--keep", metavar="READOUTS", default=argparse.SUPPRESS, help="such as weight_A,Ca_free_A; default: all")
    _who_runs(one)
    one.add_argument("--repeat-failed", action="store_true", help="also run again what failed before")
    one.add_argument(
        "-o", "--output", type=_name, required=True, metavar="OUT.zarr", help="one that is there goes on where it stopped"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        Default: the process's own arguments.

    Returns
    -------
    int
        0; 1 where a command found something missing or could not run all of it; 2 for a
        mistake in what was asked; 130 after Ctrl-C.
    """
    # The dense systems are too small to gain from threads, and idle threads cost time on a busy machine.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Imports and results are many objects and hardly any garbage: looking for it takes a tenth of a short run.
    gc.set_threshold(200_000, 50, 50)
    warnings.showwarning = _one_line
    if sys.stderr is None:  # closed by the caller, who wants to hear nothing
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        # The next file that is opened would take its place, and get what libraries print.
        return _say("standard output is closed; send what is not wanted to /dev/null", MISUSE)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign such as "±" gets a question mark, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        arguments = parser().parse_args(argv)
        with suppress(ValueError):  # not the main thread: the caller keeps its own handling
            signal.signal(signal.SIGTERM, _terminated)
        from ltpath import commands

        status = getattr(commands, f"do_{arguments.command}")(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return _say("interrupted; nothing was written", INTERRUPTED)
    except LtpathError as error:
        return _say(str(error), MISUSE)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing is left to say, also not at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return _say(f"{error.strerror or error}{where}", MISUSE)
    except MemoryError:
        return _say("not enough memory for what was asked", MISUSE)
    except ImportError as error:
        return _say(f"{error}; 'ltpath doctor' says how to mend the installation", MISUSE)


def report_error(message: str) -> None:
    """One line on stderr."""
    print(f"ltpath: {' '.join(message.split())}", file=sys.stderr)


def _say(message: str, status: int) -> int:
    report_error(message)
    return status


def _one_line(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
    # What libraries tell each other about their future is not for the user.
    if not issubclass(category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
        print(f"ltpath: warning: {' '.join(str(message).split())}", file=sys.stderr)


def _terminated(number: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
