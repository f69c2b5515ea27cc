"""`python -m course_utils` is the same as `course`."""

import sys

from course_utils.tools.cli import main

sys.exit(main())
