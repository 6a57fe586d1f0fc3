"""Read by nbgrader's Validate button in a lab that `course start` opened."""

from course.desk import validating

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.Execute.timeout = 120  # a cell of ours may train a small net; nbgrader's 30 seconds are meant for lighter notebooks

validating.install()
