"""What makes a notebook a lesson: claims that are checked, exercises that answer, quizzes."""

from course_utils.classroom.claims import claim
from course_utils.classroom.exercises import check, hint
from course_utils.classroom.models import record_models
from course_utils.classroom.quizzes import quiz
