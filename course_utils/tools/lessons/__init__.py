"""The lesson pipeline: from `lesson.md` to two executed notebooks, their checks and editions."""
