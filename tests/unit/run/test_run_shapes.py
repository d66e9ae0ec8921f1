"""The runner's light view of its files is the model's."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from greenlane.model.job import CommitId, JobId, RunId, TreeId
from greenlane.model.run import Checkout, Prepare, RunEnd, RunResult, RunSpec
from greenlane.run import spec as light
from greenlane.run.spec import Result, Spec, load_spec, write_atomically

FULL = RunSpec(
    run_id=RunId("r1"),
    job_id=JobId("j1"),
    run_dir="/state/runs/r1",
    checkout=Checkout(slot="/s/1", repository="/r.git", commit=CommitId("c"), tree=TreeId("t")),
    in_place="/folder",
    argv=["a", "b"],
    cwd="sub",
    env={"A": "1"},
    prepare=[Prepare(argv=["p"], inputs=["lock"]), Prepare(argv=["q"])],
    clean_before=["*.xml"],
    timeout_seconds=5.0,
    idle_timeout_seconds=2.0,
    log_limit_bytes=7,
    read_argv=["reader"],
)


def test_every_field_of_the_spec_arrives() -> None:
    seen = Spec(json.loads(msgspec.json.encode(FULL)))
    assert set(Spec.__slots__) == set(RunSpec.__struct_fields__)
    for name in set(Spec.__slots__) - {"checkout", "prepare"}:
        assert getattr(seen, name) == getattr(FULL, name), name
    assert seen.checkout is not None
    assert FULL.checkout is not None
    for name in Checkout.__struct_fields__:
        assert getattr(seen.checkout, name) == getattr(FULL.checkout, name), name
    assert [(step.argv, step.inputs) for step in seen.prepare] == [(["p"], ["lock"]), (["q"], [])]


def test_defaults_of_the_spec_are_the_models() -> None:
    least: dict[str, object] = {"run_id": "r", "job_id": "j", "run_dir": "/r"}
    least |= {"argv": ["a"], "env": {}, "timeout_seconds": 1.0}
    model = msgspec.convert(least, RunSpec)
    seen = Spec(least)
    for name in Spec.__slots__:
        assert getattr(seen, name) == getattr(model, name), name


def test_result_is_the_models() -> None:
    result = Result()
    assert set(Result.__slots__) == set(RunResult.__struct_fields__)
    told = msgspec.json.decode(json.dumps(result.as_dict()), type=RunResult)
    assert told.end is RunEnd.SETUP_FAILED
    assert told.started_at == result.started_at


def test_ends_are_the_models() -> None:
    names = ("EXITED", "TIMED_OUT", "IDLE_TIMED_OUT", "CANCELLED", "SETUP_FAILED")
    assert [getattr(light, name) for name in names] == [end.value for end in RunEnd]


def test_root_and_marks() -> None:
    seen = Spec(json.loads(msgspec.json.encode(FULL)))
    assert seen.root == "/s/1"
    assert seen.marked_env == {"A": "1", "GREENLANE_RUN_ID": "r1", "GREENLANE_JOB_ID": "j1"}
    seen.checkout = None
    assert seen.root == "/folder"
    seen.in_place = None
    assert seen.root == "/state/runs/r1"


def test_files_are_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    write_atomically(str(path), json.loads(msgspec.json.encode(FULL)), durable=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert load_spec(str(tmp_path)).run_id == "r1"


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_broken_spec_raises(tmp_path: Path, content: str) -> None:
    (tmp_path / "spec.json").write_text(content)
    with pytest.raises((ValueError, TypeError, AttributeError)):
        load_spec(str(tmp_path))
