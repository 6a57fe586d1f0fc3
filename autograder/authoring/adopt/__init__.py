"""An nbgrader assignment, taken over as a week whose checks run apart from the student's process."""

from autograder.authoring.adopt.week import Adopted, adopt

__all__ = ["Adopted", "adopt"]
