"""What a week is, for everybody: typed cells read from its authored file, the marks inside them, the names they use."""

from autograder.weeks.model import Cell, Role, Week, role_of
from autograder.weeks.repository import all_weeks, load, parse, select

__all__ = ["Cell", "Role", "Week", "all_weeks", "load", "parse", "role_of", "select"]
