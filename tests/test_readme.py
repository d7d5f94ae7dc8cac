"""The README's example runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    text = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    printed = [float(line) for line in capsys.readouterr().out.split()]
    promised = [float(number) for number in re.findall(r"# ([\d.]+)$", example, re.MULTILINE)]
    assert [round(p, 2) for p in printed] == promised
    assert (tmp_path / "mine.png").stat().st_size > 10_000
