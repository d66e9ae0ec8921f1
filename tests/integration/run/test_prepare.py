"""Set-up steps run once for each content of their inputs; their failure is not a red test."""

from __future__ import annotations

from greenlane.model.run import Prepare, RunEnd

from .conftest import Repository, Site, wait_until

COUNT = "echo run >> count.o"
FILES: dict[str, str | None] = {".gitignore": "*.o\n", "lock": "1\n", "source": "1\n"}


def steps(script: str = COUNT) -> list[Prepare]:
    return [Prepare(argv=["sh", "-ec", script], inputs=["lock", "missing"])]


def test_runs_when_its_inputs_changed(site: Site, repository: Repository) -> None:
    for files, runs in (
        (FILES, 1),
        ({"source": "2\n"}, 1),
        ({"lock": "2\n"}, 2),
        ({"missing": ""}, 3),
        ({"source": "3\n"}, 3),
    ):
        checkout = repository.snapshot(files)
        site.run("cat", "count.o", checkout=checkout, prepare=steps())
        assert site.log().splitlines()[-runs:] == ["run"] * runs
        assert site.log().count("run\n") == runs


def test_each_folder_has_its_own(site: Site, repository: Repository) -> None:
    """`npm ci` of one suite says nothing about the `npm ci` of another."""
    checkout = repository.snapshot({**FILES, "a/x": "", "b/x": ""})
    for folder in ("a", "b", "a"):
        site.run("cat", "count.o", checkout=checkout, cwd=folder, prepare=steps())
        assert site.log().endswith("run\n")
    assert site.log() == "run\n"


def test_output_is_in_the_log_under_a_line_of_its_own(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot(FILES)
    site.run("echo", "command", checkout=checkout, prepare=steps("echo prepared"))
    assert site.log() == "[greenlane] prepare: sh -ec echo prepared\nprepared\ncommand\n"


def test_failure_is_set_up_failed_and_is_tried_again(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot(FILES)
    failing = steps(f"{COUNT}; echo no network; exit 9")
    for runs in (1, 2):
        result = site.run("echo", "never", checkout=checkout, prepare=failing)
        assert (result.end, result.exit_code) == (RunEnd.SETUP_FAILED, 9)
        assert "exit code 9" in result.because
        assert "no network" in result.because
        assert "never" not in site.log()
        assert (repository.slot / "count.o").read_text() == "run\n" * runs


def test_missing_program_and_time_out(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot(FILES)
    missing = [Prepare(argv=["no-such-program"])]
    result = site.run("true", checkout=checkout, prepare=missing)
    assert result.end is RunEnd.SETUP_FAILED
    assert "'no-such-program' was not found on PATH" in result.because
    slow = site.run("true", checkout=checkout, prepare=steps("sleep 60"), timeout_seconds=0.3)
    assert slow.end is RunEnd.SETUP_FAILED
    assert "took too long" in slow.because


def test_cancel_while_preparing(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot(FILES)
    run_id = site.start("true", checkout=checkout, prepare=steps("echo up; sleep 60"))
    wait_until(lambda: site.file("log", run_id).exists() and "up\n" in site.log(run_id))
    assert site.place.stop(run_id)
    result = site.wait(run_id)
    assert result is not None
    assert result.end is RunEnd.CANCELLED


def test_nothing_of_a_step_goes_on(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot(FILES)
    site.run("sh", "-c", "pgrep -f 'sleep 4[7]' || echo none", checkout=checkout,
             prepare=steps("setsid sleep 47 &"))  # fmt: skip
    assert site.log().splitlines()[-1] == "none"


def test_runs_again_when_the_switch_removed_its_work(site: Site, repository: Repository) -> None:
    """What a step made is only kept where git ignores it."""
    checkout = repository.snapshot(FILES)
    other = repository.snapshot({"source": "2\n"})
    making = steps("mkdir modules; touch modules/a")
    for each in (checkout, other, checkout):
        result = site.run("ls", "modules", checkout=each, prepare=making)
        assert result.exit_code == 0, site.log()


def test_slot_made_afresh_is_prepared_afresh(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot(FILES)
    site.run("true", checkout=checkout, prepare=steps())
    repository.slot.rename(repository.slot.with_name("gone"))
    site.run("cat", "count.o", checkout=checkout, prepare=steps())
    assert site.log().endswith("run\n")


def test_folder_that_runs_in_place_is_prepared_once(site: Site) -> None:
    folder = site.folder / "folder"
    folder.mkdir()
    for _ in range(2):
        site.run("cat", "count.o", in_place=str(folder), prepare=steps())
    assert site.log() == "run\n"
