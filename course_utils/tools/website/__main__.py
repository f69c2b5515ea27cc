"""`python -m course_utils.tools.website [FOLDER]`: write the site, by default into build/site."""

import sys
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.tools.website.build import build_site

if __name__ == "__main__":
    try:
        print(f"Open {build_site(Path(*sys.argv[1:2] or ['build/site'])) / 'index.html'}")
    except (CourseError, OSError) as error:
        sys.exit(f"website: {error}")
