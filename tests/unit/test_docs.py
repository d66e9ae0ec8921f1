"""What the pages say about codes, paths and examples is what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from demo.projects import EXAMPLES, PROJECTS, Project
from greenlane.cli.commands import SUMMARY_OF_COMMAND
from greenlane.cli.verdict import EXIT_CODE_OF_RESULT
from greenlane.config.locations import Locations
from greenlane.model.errors import GreenlaneError
from greenlane.model.job import Outcome
from greenlane.server.api.table import OPERATIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *DOCS.glob("*.md"),
    *DOCS.glob("*/*.md"),
    *EXAMPLES.glob("**/README.md"),
]


def all_errors(root: type[GreenlaneError] = GreenlaneError) -> set[type[GreenlaneError]]:
    return {root}.union(*(all_errors(child) for child in root.__subclasses__()))


def test_exit_codes() -> None:
    page = (DOCS / "reference/exit-codes.md").read_text()
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]*) \|$", page, re.MULTILINE)
    said = {
        Outcome(word): int(code) for code, words in rows for word in re.findall(r"`(\w+)`", words)
    }
    assert said == {Outcome(word): code for word, code in EXIT_CODE_OF_RESULT.items()}


def test_http_errors() -> None:
    page = (DOCS / "reference/http.md").read_text()
    said = {
        code: int(status)
        for code, status in re.findall(r"^\| `(\w+)` \| (\d+) \|$", page, re.MULTILINE)
    }
    known = {error.code: error.http_status for error in all_errors()}
    assert said.items() <= known.items()
    client_side = {"server_unavailable", "connection_lost", "job_goes_on"}
    assert {code for code, status in known.items() if status < 500} - client_side <= said.keys()


def test_http_operations() -> None:
    page = (DOCS / "reference/http.md").read_text()
    said = set(re.findall(r"^\| `([A-Z]+) (/\S*)`", page, re.MULTILINE))
    known = {(operation.method, operation.path) for operation in OPERATIONS}
    assert said == known | {("GET", "/openapi.json")}


def test_results_are_all_explained() -> None:
    page = (DOCS / "explanation/verdict.md").read_text()
    assert all(f"`{outcome.value}`" in page for outcome in Outcome)


def test_files_of_an_instance() -> None:
    page = (DOCS / "reference/files.md").read_text()
    places = Locations.from_environment({"HOME": "/home/ada"})
    assert places.state_dir == "/home/ada/.local/state/greenlane"
    assert "`~/.local/state/greenlane`" in page
    for path in (places.database, places.server_lock, places.server_log):
        assert f"`{Path(path).name}`" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    """Every `greenlane WORD` and `make WORD` of a page is one."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = code_of(page.read_text())
    commands = set(re.findall(r"(?:^|[`(;&|] *|\$ )greenlane ([a-z]+)", code, re.MULTILINE))
    assert commands <= SUMMARY_OF_COMMAND.keys()
    made = set(re.findall(r"(?:^|[`(;&|] *|\$ )make ([a-z]+)", code, re.MULTILINE))
    assert made <= targets


def test_readme_shows_the_way() -> None:
    code = code_of((ROOT / "README.md").read_text())
    assert "make demo" in code
    assert "make test" in code
    assert "greenlane test" in code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_examples_say_how_to_turn_them_red(project: Project) -> None:
    folder = EXAMPLES / project.name
    readme = (folder / "README.md").read_text()
    assert f"sed -i 's/{project.old}/{project.new}/' {project.file}" in readme
    assert project.red_test in readme
    assert (folder / project.file).read_text().count(project.old) == 1


def code_of(markdown: str) -> str:
    """Give what stands in code blocks and code spans."""
    blocks = re.findall(r"```\w*\n(.*?)```", markdown, re.DOTALL)
    without = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    spans = [f"`{span}" for span in re.findall(r"`([^`\n]+)`", without)]
    return "\n".join([*blocks, *spans])
