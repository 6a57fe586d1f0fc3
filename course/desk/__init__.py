"""The student's side of a week: its notebook found, read, run and packed. The commands in `course.cli` only show it."""
