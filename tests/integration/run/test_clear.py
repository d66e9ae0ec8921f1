"""Stale reports go; what was submitted and what is the submitter's own stays."""

from __future__ import annotations

import time

import msgspec

from .conftest import Repository, Site

GLOBS = ["reports/**/*.xml", "way_out/*.xml", "../*.xml", "missing/*"]
FILES: dict[str, str | None] = {
    ".gitignore": "made*\nnode_modules\n",
    "reports/fixture.xml": "1",
    "reports/kept.txt": "",
}
ORDER = {"started_at": 1.0, "log": "kept"}
FIND = ("find", ".", "-type", "f", "-name", "*.xml")


def test_untracked_reports_are_removed_first(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot(FILES)
    making = "mkdir -p reports/node_modules; touch reports/made.xml reports/node_modules/b.xml"
    site.run("sh", "-c", f"{making}; ln -sfn {site.folder} made_way_out", checkout=checkout)
    (site.folder / "outside.xml").touch()
    site.run(*FIND, checkout=checkout, clean_before=["made_way_out/*.xml", *GLOBS])
    assert sorted(site.log().split()) == ["./reports/fixture.xml", "./reports/node_modules/b.xml"]
    assert (site.folder / "outside.xml").exists()


def test_tracked_report_is_older_than_the_run(site: Site, repository: Repository) -> None:
    """It is just being checked out; only one that the command writes is of this run."""
    for content in ("2", "3"):
        checkout = repository.snapshot({**FILES, "reports/fixture.xml": content})
        spec = site.spec(
            "true", checkout=checkout, clean_before=GLOBS, read_argv=["python3", "-c", ""]
        )
        site.place.start(spec, msgspec.json.encode(ORDER))
        assert site.wait(spec.run_id)
        order = msgspec.json.decode(site.file("read.json").read_bytes())
        written_at = (repository.slot / "reports/fixture.xml").stat().st_mtime
        assert written_at + 0.05 < order["started_at"] < time.time()
        assert order["log"] == "kept"


def test_folder_that_runs_in_place_loses_nothing(site: Site) -> None:
    path = site.folder / "root" / "reports" / "precious.xml"
    path.parent.mkdir(parents=True)
    path.touch()
    site.run(*FIND, in_place=str(site.folder / "root"), clean_before=GLOBS)
    assert site.log() == "./reports/precious.xml\n"
