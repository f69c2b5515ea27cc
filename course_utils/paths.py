"""Where the course and its cache live on this machine."""

import os
from pathlib import Path

from course_utils.errors import CourseError


def project_root() -> Path:
    """Return the folder that holds `notebooks` and `data`.

    The environment variable `COURSE_ROOT` wins; otherwise it is the folder above the package,
    as an editable installation (`pip install -e .`) leaves it.

    Raises
    ------
    CourseError
        If that folder holds no `data/datasets.toml`.
    """
    root = Path(os.environ.get("COURSE_ROOT") or Path(__file__).resolve().parents[1])
    if not (root / "data" / "datasets.toml").is_file():
        raise CourseError(
            f"No course in {root} (it has no data/datasets.toml): install the package from a "
            "clone with `pip install -e .`, or set COURSE_ROOT to the folder of the clone."
        )
    return root


def cache_dir() -> Path:
    """Return the folder for downloaded and built data: `COURSE_CACHE`, or the user's cache."""
    if os.environ.get("COURSE_CACHE"):
        return Path(os.environ["COURSE_CACHE"])
    import platformdirs

    return Path(platformdirs.user_cache_dir("course_utils"))
