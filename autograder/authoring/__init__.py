"""From an authored week to its solution notebook and its release, and what may be wrong with one."""

from autograder.authoring.notebooks import outdated, release_notebook, release_path, solution_notebook, text_of, write
from autograder.authoring.problems import Problem, find_problems

__all__ = [
    "Problem",
    "find_problems",
    "outdated",
    "release_notebook",
    "release_path",
    "solution_notebook",
    "text_of",
    "write",
]
