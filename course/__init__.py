"""The package that the weekly notebooks import.

Everything here reaches the students, so nothing here holds an answer. Importing `course` is cheap: Keras is imported by
the functions that need it, when they need it.
"""

__version__ = "0.1.0"

from course import quiet

quiet.install()
