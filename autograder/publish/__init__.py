"""Views on the results: pages, tables for learning platforms, nbgrader's gradebook. All can be made again at any time."""
