"""Grades in the forms that other programs read: spreadsheets, Moodle, Canvas, nbgrader's gradebook."""
