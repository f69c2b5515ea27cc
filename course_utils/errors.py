"""Errors that answer in one clear sentence: what is wrong, and what to do."""


class CourseError(Exception):
    """Base class of every error that the course raises on purpose."""


class DataError(CourseError):
    """A data set could not be found, fetched, verified or stored."""


class InputError(CourseError, ValueError):
    """An argument has a value, type or shape that the function cannot work with."""
