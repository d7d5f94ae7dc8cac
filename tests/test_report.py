"""The page of mechanisms: every claim names rules that exist, and every experiment of the score belongs to one."""

from html.parser import HTMLParser

import pytest

from ltpath import report
from ltpath.experiment import experiment_names
from ltpath.report import Mechanism, mechanisms, write_report


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.opened: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append(tag)
        self.sources += [v or "" for k, v in attrs if k == "src" or (k == "href" and tag == "link")]


@pytest.mark.parametrize("mechanism", mechanisms(), ids=lambda m: m.name)
def test_a_mechanism_names_rules_of_its_model(mechanism: Mechanism) -> None:
    assert mechanism.texts()


def test_every_experiment_of_the_score_belongs_to_a_mechanism() -> None:
    assert set(experiment_names()) == {e for m in mechanisms() for e in m.experiments}


def test_a_rule_that_is_gone_is_noticed() -> None:
    gone = Mechanism("gone", "", "", "calmodulin", ("calcium_binds_calmodulin_C1", "kinase_flies"), (), "")
    with pytest.raises(report.ProtocolError, match="no rule of calmodulin is called 'kinase_flies'"):
        gone.texts()


def test_the_page_needs_no_other_file(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Mechanism("few", "Titles & <signs>", "claim", "calmodulin", ("calcium_*",), ("calmodulin_titration",), "limits")
    monkeypatch.setattr(report, "mechanisms", lambda: [few])
    seen: list[str] = []
    page = write_report(seen.append)
    found = _Links()
    found.feed(page)
    assert seen == ["calmodulin_titration"]
    assert found.opened.count("img") == 1
    assert all(source.startswith("data:image/png;base64,") for source in found.sources)
    assert "Titles &amp; &lt;signs&gt;" in page
    assert "calcium per calmodulin at 11 uM" in page
