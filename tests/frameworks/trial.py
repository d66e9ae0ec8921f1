"""Run a sample project through Greenlane in all its scenarios, and measure."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.instance import Instance
from tests.frameworks import samples

COMMAND_SECONDS = 400.0  # the first run installs what the project depends on
_REPEATS = 2
_PATIENCE = 4  # a hanging run is stopped after so many times what a red one takes


@dataclass
class Trial:
    """What was seen of a sample, and what was wrong with it."""

    name: str
    detected: str = ""
    because: str = ""
    statuses: dict[str, str] = field(default_factory=dict)
    bare_seconds: float = 0.0
    our_seconds: float = 0.0
    mistakes: list[str] = field(default_factory=list)

    def expect(self, what: str, seen: object, wanted: object, detail: str = "") -> None:
        """Note a difference."""
        if seen != wanted:
            self.mistakes.append(f"{what}: {seen!r}, not {wanted!r} {detail}".rstrip())

    def row(self) -> list[str]:
        """Give a line of the table."""
        added = self.our_seconds - self.bare_seconds
        statuses = [self.statuses.get(one, "–") for one in samples.SCENARIOS]
        times = [f"{self.bare_seconds:.2f}", f"{self.our_seconds:.2f}", f"{added:+.2f}"]
        return [self.name, self.detected, *statuses, *times, self.because]


COLUMNS = ["sample", "detected", *samples.SCENARIOS, "bare s", "ours s", "added s", "because"]


class Bench:
    """A sample in a repository of its own, before a server of its own."""

    def __init__(self, name: str, root: Path, instance: Instance) -> None:
        self.sample = samples.load(name)
        self.root = root
        self.trial = Trial(name)
        self._instance = instance
        self._warm_seconds = 0.0
        self._env = {**instance.env, **samples.environment(), **self.sample.env}
        samples.copy_project(name, root)
        self._git("init", "-q")
        self._git("add", "-A")
        self._git("commit", "-q", "-m", "green")

    def run(self) -> Trial:
        """Go through everything."""
        self._detect()
        for name in samples.SCENARIOS:
            self._scenario(name)
        self._measure()
        return self.trial

    def _detect(self) -> None:
        answer = json.loads(self._greenlane("init", "--json").stdout)
        if "suites" not in answer:
            self.trial.mistakes.append(f"init: {answer}")
            return
        suites = answer["suites"]
        self.trial.detected = ", ".join(suite["preset"] for suite in suites)
        self.trial.because = "; ".join(suite["because"] for suite in suites)
        self.trial.expect("detected", self.trial.detected, self.sample.preset, self.trial.because)
        if self.sample.because not in self.trial.because:
            self.trial.expect("because", self.trial.because, self.sample.because)
        (self.root / "greenlane.toml").unlink()

    def _scenario(self, name: str) -> None:
        wanted = self.sample.scenario(name)
        samples.lay_over(self.trial.name, name, self.root)
        limit = ["--timeout", f"{self._time_limit():.1f}"] if name == "timeout" else []
        verdict = self._test(*limit)
        if name == "red":
            self._warm_seconds = float(verdict.get("run_seconds") or 0)
        seen = verdict.get("result") or str(verdict)
        self.trial.statuses[name] = seen
        because = str(verdict.get("because"))
        self.trial.expect(f"{name}: status", seen, wanted.status, because)
        totals = _without_zeros(verdict.get("totals") or {})
        if wanted.totals is not None:
            self.trial.expect(f"{name}: totals", totals, wanted.totals)
        red = {one["id"]: one.get("message", "") for one in verdict.get("failures") or []}
        if wanted.failures is not None:
            self.trial.expect(f"{name}: failures", sorted(red), sorted(wanted.failures))
        if wanted.running:
            self.trial.expect(f"{name}: running", red.get(wanted.running), "timeout", str(red))
        if wanted.failed is not None:
            again = self._test("--failed")
            counts = _without_zeros(again.get("totals") or {})
            self.trial.expect(f"{name}: --failed", counts, wanted.failed, str(again)[:300])
        self._git("checkout", "-q", "-f", ".")
        self._git("clean", "-q", "-fd")

    def _time_limit(self) -> float:
        """Give the framework time to begin its tests, however busy the machine is."""
        return max(self.sample.timeout_seconds, _PATIENCE * self._warm_seconds)

    def _measure(self) -> None:
        """Time a green run through the queue, and the bare command in the very same folder."""
        ours = [self._timed(self._test) for _ in range(_REPEATS)]
        slot = self._slot()
        bare = [self._timed(lambda: self._bare(slot)) for _ in range(_REPEATS)]
        self.trial.our_seconds, self.trial.bare_seconds = min(ours), min(bare)

    def _slot(self) -> Path:
        found = [path for path in (self._instance.state_dir / "slots").glob("*/*") if path.is_dir()]
        return next(path for path in sorted(found) if not path.name.endswith(".git"))

    def _bare(self, slot: Path) -> None:
        env = {key: text for key, text in self._env.items() if not key.startswith("GREENLANE_")}
        done = subprocess.run(
            self.sample.bare,
            cwd=slot,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            text = (done.stdout + done.stderr)[-500:]
            self.trial.expect(f"bare: exit status of {self.sample.bare}", done.returncode, 0, text)

    def _timed(self, do: Callable[[], object]) -> float:
        begun = time.perf_counter()
        do()
        return time.perf_counter() - begun

    def _test(self, *words: str) -> dict[str, Any]:
        """Run `greenlane test`; give its verdict, or the error that it answered."""
        done = self._greenlane("test", "--json", "--quiet", *words)
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            return {"error": f"{done.stdout[-500:]} {done.stderr[-500:]}"}
        return answer if isinstance(answer, dict) else {"error": answer}

    def _greenlane(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._instance.run(*words, cwd=self.root, env=self._env, seconds=COMMAND_SECONDS)

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.root, env={**os.environ}, check=True)


def _without_zeros(totals: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in totals.items() if count and name != "total"}
