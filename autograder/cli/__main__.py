"""`python -m autograder.cli`, the command without its script."""

from autograder.cli import main

main()
