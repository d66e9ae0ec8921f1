"""Install what the sample projects need: `python -m tests.frameworks.toolchains [NAME…]`.

Debian's packages through apt (as root, or with passwordless sudo); Python's and Node's into
`.toolchains` of this checkout. What is there already is kept.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence

from tests.frameworks import samples


def install(names: Sequence[str]) -> None:
    """Install what some samples need.

    Raises:
        SystemExit: apt would need another user, or something is still missing afterwards.
        subprocess.CalledProcessError: an installer failed.
    """
    chosen = {name: samples.load(name) for name in names}
    packages = [package for sample in chosen.values() for package in sample.apt]
    _install_debs(samples.missing_debs(dict.fromkeys(packages)))
    if not samples.PYTHON_HOME.is_dir():
        _say(f"a virtual environment in {samples.PYTHON_HOME.parent.name}")
        venv.create(samples.PYTHON_HOME, with_pip=True)
    wanted = [one for sample in chosen.values() for one in samples.missing_packages(sample)]
    wanted += [one for one in _ALSO if not samples.is_installed(one)]
    for kind, command in _INSTALLERS.items():
        missing = [name for name in dict.fromkeys(wanted) if name.startswith(f"{kind}-")]
        if missing:
            words = [name.removeprefix(f"{kind}-") for name in missing]
            _say(f"{kind} install {' '.join(words)}")
            subprocess.run([*command, *words], check=True)
            samples.mark_installed(missing)
    for name, sample in chosen.items():
        if absent := samples.missing_tools(sample):
            raise SystemExit(f"{name}: still missing after the installation: {', '.join(absent)}")


def _install_debs(packages: list[str]) -> None:
    if not packages:
        return
    words = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    _say(" ".join(words))
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and not _is_sudo_free():
        raise SystemExit(f"run this as root, then try again: {' '.join(words)}")
    frontend = ["env", "DEBIAN_FRONTEND=noninteractive"]
    subprocess.run([*as_root, "apt-get", "update", "-qq"], check=True)
    subprocess.run([*as_root, *frontend, *words], check=True, stdout=subprocess.DEVNULL)


def _is_sudo_free() -> bool:
    if shutil.which("sudo") is None:
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0


#: What other tests than those of the samples need: docs/how-to/add-a-framework.md.
_ALSO = ("pip-robotframework==7.5",)
_INSTALLERS = {
    "pip": (
        f"{samples.PYTHON_HOME}/bin/python", "-m", "pip",
        "--disable-pip-version-check", "--quiet", "install",
    ),
    "npm": (
        "npm", "install", "--silent", "--no-fund", "--no-audit",
        "--global", f"--prefix={samples.NPM_HOME}",
    ),
}  # fmt: skip


def _say(text: str) -> None:
    print(f"toolchains: {text}", flush=True)


if __name__ == "__main__":
    install(sys.argv[1:] or samples.names())
