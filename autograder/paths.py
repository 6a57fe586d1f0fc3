"""Where the repository's folders are. The staff side is run from a checkout, so one root serves all."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "solutions"
ASSIGNMENTS = ROOT / "assignments"
COURSE = ROOT / "course"
DATA = ROOT / "data"
BUILD = ROOT / "build"
