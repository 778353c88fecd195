"""Personal data: consents, a person's copy, correction, erasure, retention, terms by version."""
