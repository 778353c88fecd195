"""What became of an introduction: its course to a known outcome, the facts both sides report, what they measure."""
