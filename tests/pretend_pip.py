"""Plays pip in environments of tests/test_environment.py: it installs empty packages at once.

`python pretend_pip.py LOG` puts itself into the environment of that Python, as ensurepip would.
"""

import os
import sys
from pathlib import Path

SENT_AWAY = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_NO_DEPS", "PIP_DRY_RUN"}
SITE = next(Path(sys.prefix, "lib").glob("python*/site-packages"))


def write_script(name: str, body: str) -> None:
    """Write a script as pip does where the path has a space."""
    path = Path(sys.prefix, "bin", name)
    lines = ["#!/bin/sh", f'\'\'\'exec\' "{sys.prefix}/bin/python" "$0" "$@"', "' '''", body, ""]
    path.write_text("\n".join(lines))
    path.chmod(0o755)


def write_package(name: str, body: str = "", needs: tuple[str, ...] = ()) -> None:
    """Write a package that says which others it needs."""
    for file, text in (("__init__.py", ""), ("__main__.py", body)):
        (SITE / name).mkdir(exist_ok=True)
        (SITE / name / file).write_text(text)
    info = SITE / f"{name}-1.dist-info"
    info.mkdir(exist_ok=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1"]
    (info / "METADATA").write_text("\n".join([*lines, *(f"Requires-Dist: {n}" for n in needs)]))


def install() -> None:
    """Do what `pip install` of the course does, where nothing sends the packages elsewhere."""
    if os.environ["PIP_USER"] != "0" or SENT_AWAY & set(os.environ) or not sys.flags.isolated:
        sys.exit("Can not install there")
    needs = ("numpy>=2", 'torch>=2.6; extra == "pytorch"', 'keras; extra == "none-such"')
    write_package("course_utils", needs=needs)
    write_script("course", "import os, sys\nsys.exit(os.path.exists('offline'))")
    for name in () if os.path.exists("hollow") else ("numpy", "torch"):
        write_package(name)


def main() -> None:
    """Put this file into the environment, or play pip if it is there."""
    log = SITE / "log"
    if Path(__file__).name == "pretend_pip.py":
        log.symlink_to(sys.argv[1])
        write_package("pip", Path(__file__).read_text())
        write_script("pip", "")
        return
    with log.open("a") as file:
        print("-m pip", *sys.argv[1:], file=file)
    install()


if __name__ == "__main__":
    main()
