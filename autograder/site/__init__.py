"""The site: the lessons with their figures and without answers, cheat sheets, the glossary and the guides, as pages that need
neither a network nor JavaScript."""
