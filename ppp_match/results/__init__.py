"""What came of the forum's work: the funnel from need to delivered, who accepts and who does not, value, the report."""
