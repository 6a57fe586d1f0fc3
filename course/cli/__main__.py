"""`python -m course.cli …`: the command `course` of this Python, whatever is on the PATH."""

from course.cli import main

main()
