"""The command line: its files, its speed-critical imports, and what it says when something is wrong."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time

import pytest

from ltpath.__main__ import main


def shell(*arguments, env=None, **options):
    return subprocess.run(
        [sys.executable, "-m", "ltpath", *map(str, arguments)],
        capture_output=True, encoding="utf-8", env=os.environ | (env or {}), check=False, **options,
    )  # fmt: skip


def fails(capsys, *arguments, message, status=2):
    assert main([str(a) for a in arguments]) == status
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith("ltpath: ")
    assert len(said.strip().splitlines()) == 1


def test_run_writes_three_files(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["run", "early_ltp", "--protocol", "tetanus", "--duration", "31 min", "-o", str(out), "--json"]) == 0
    assert sorted(p.name for p in out.iterdir()) == ["figure.png", "summary.json", "trajectory.csv"]
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary == json.loads(capsys.readouterr().out)
    assert 1.5 < summary["weight_A"]["30 min"] < 1.7
    assert summary["weight_A"]["60 min"] is None
    assert 5 < summary["calcium_peak_uM_A"] < 50
    rows = list(csv.DictReader((out / "trajectory.csv").open(encoding="utf-8")))
    assert {"time_s", "weight_A", "Ca_free_A", "V_spine_A", "pT286_fraction_A"} <= set(rows[0])
    assert float(rows[-1]["time_s"]) == 31 * 60


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "early_ltb"], "did you mean 'early_ltp'"),
        (["run", "early_ltp", "--protocol", "tetanos"], "did you mean 'tetanus'"),
        (["run", "early_ltp", "--set", "camkii_totl=3"], "did you mean 'camkii_total'"),
        (["run", "early_ltp", "--perturb", "apw"], "did you mean 'apv'"),
        (["run", "early_ltp", "--perturb", "apv=50 s"], "concentration"),
        (["run", "early_ltp", "--perturb", "apv=-5 uM"], "negative"),
        (["run", "early_ltp", "--perturb", "t286a=5 uM"], "takes no dose"),
        (["run", "early_ltp", "--set", "camkii_total=-1"], "negative"),
        (["run", "early_ltp", "--set", "camkii_total=nan"], "finite"),
        (["run", "early_ltp", "--duration", "5 Hz"], "time"),
        (["run", "camkii", "--protocol", "tetanus"], "takes no glutamate"),
        (["cite", "early"], "unknown model"),
        (["validate", "apv2"], "did you mean 'apv'"),
        (["export", "early_ltp", "--format", "sbmll", "-o", "x.xml"], "did you mean 'sbml'"),
        (["graph", "early_ltp", "-o", "x.bmp"], "no format writes"),
    ],
)
def test_bad_input_gets_one_sentence(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    fails(capsys, *arguments, message=message)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [["run", "early_ltp", "--protocol", ""], ["run", "early_ltp", "-o", ""], ["validate", "-o", " "]]
)
def test_an_empty_name_is_a_mistake_and_not_the_default(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert (
        capsys.readouterr()
        .err.splitlines()[0]
        .endswith("an empty name was given; 'ltpath " + arguments[0] + " --help' shows how it is used")
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="a shell that closes a stream")
def test_closed_streams(tmp_path):
    def closed(redirection):
        command = f"{sys.executable} -m ltpath list {redirection}"
        return subprocess.run(["sh", "-c", command], capture_output=True, encoding="utf-8", check=False)

    without_output = closed(">&-")
    assert without_output.returncode == 2
    assert without_output.stderr == "ltpath: standard output is closed; send what is not wanted to /dev/null\n"
    without_errors = closed("2>&-")
    assert without_errors.returncode == 0
    assert "early_ltp" in without_errors.stdout


@pytest.mark.parametrize("sign", ["\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"])
def test_a_micro_sign_is_read_in_a_locale_that_has_none(tmp_path, sign):
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    arguments = ["--perturb", f"apv=5{sign}M", "--set", f"nmda_gating_apv=0.1{sign}M", "--duration", "1 s", "--json"]
    done = shell("run", "early_ltp", *arguments, "-o", tmp_path / "out", env=plain)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["perturbations"] == ["apv 5 uM"]
    assert facts["parameters"] == ["nmda_gating_apv = 0.1"]


def test_malformed_toml_names_the_line(capsys, tmp_path):
    path = tmp_path / "p.toml"
    path.write_text('title = "x"\nduration = \n')
    fails(capsys, "run", "early_ltp", "--protocol", path, "-o", tmp_path / "out", message="line 2")


def test_unwritable_output_folder(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    fails(capsys, "run", "calmodulin", "-o", tmp_path / "file" / "out", message="is not a folder")


def test_a_locale_without_the_signs_still_gets_the_score(tmp_path):
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "LTPATH_CACHE": str(tmp_path)}
    done = shell("validate", "magnesium_block", env=plain)
    assert done.returncode == 0, done.stderr
    assert "magnesium_block" in done.stdout


def test_facts_are_json(capsys):
    for arguments in (["list"], ["show", "early_ltp"], ["show", "apv"], ["show", "tetanus"], ["cite", "camkii"], ["doctor"]):
        assert main([*arguments, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)


def test_a_cached_run_imports_only_what_it_needs(tmp_path):
    code = (
        "import sys; from ltpath.__main__ import main; "
        f"main(['run', 'calmodulin', '-o', {str(tmp_path / 'out')!r}]); "
        "print('LOADED', [m for m in ('pysb', 'sympy', 'libsbml', 'numba', 'dask') if m in sys.modules])"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert "LOADED []" in again.stdout


def test_without_perl_a_model_runs_and_new_rules_say_what_they_need(tmp_path):
    none = {"PATH": str(tmp_path)}
    assert shell("run", "calmodulin", "-o", tmp_path / "out", env=none).returncode == 0
    done = shell("expand", "calmodulin", "--fresh", env=none)
    assert done.returncode == 2
    assert "needs Perl" in done.stderr
    assert "Traceback" not in done.stderr


WITHOUT_REACTIONS_IN_THE_MIDDLE = "{perl} \"$@\" && sed -i '/begin reactions/,/end reactions/{{/^ *[5-7] /d}}' network.net"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 3", "exit status 3"),
        ("echo 'begin model' > network.net", "half-way"),
        pytest.param(
            WITHOUT_REACTIONS_IN_THE_MIDDLE.format(perl=shutil.which("perl")),
            "found 20 species and 66 reactions of 'calmodulin' and wrote 20 and 63",
            marks=pytest.mark.skipif(os.name == "nt", reason="needs sed"),
        ),
    ],
)
def test_bionetgen_failing(tmp_path, script, message):
    fake = tmp_path / "perl"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(fake.stat().st_mode | stat.S_IEXEC)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "LTPATH_CACHE": str(tmp_path / "c")}
    done = shell("expand", "calmodulin", "--fresh", env=env)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "c").glob("*.network"))


def test_an_expansion_stops_at_its_limit_and_names_the_way_without_a_network(capsys):
    fails(capsys, "expand", "camkii", "--fresh", "--limit", "50", message="--engine nfsim")


def test_interrupt_leaves_nothing(tmp_path):
    # With the code compiled before, so that the interrupt meets the run and not the compiler.
    assert shell("run", "early_ltp", "--duration", "1 min", "-o", tmp_path / "before").returncode == 0
    protocol = tmp_path / "long.toml"
    protocol.write_text(
        'title = "x"\nduration = "1 h"\n[[stimulus]]\nkind = "train"\npulses = 20000\nfrequency = "10 Hz"\nspike_every = 1\n'
    )
    command = [sys.executable, "-m", "ltpath", "run", "early_ltp", "--protocol", str(protocol), "-o", str(tmp_path / "out")]
    # A test run in the background of a shell would hand on that interrupts are ignored.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    signal.signal(signal.SIGINT, before)
    time.sleep(8)
    for _ in range(10):
        # Again, as one presses Ctrl-C again: a library that is being loaded may swallow the first.
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=5)
            break
        except subprocess.TimeoutExpired:
            continue
    else:
        process.kill()
        pytest.fail("ten interrupts did not end the run")
    assert process.returncode == 130
    assert "interrupted; nothing was written" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()
