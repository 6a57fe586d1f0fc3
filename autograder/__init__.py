"""Staff side: build, audit, grade and report the course's weekly notebooks."""
