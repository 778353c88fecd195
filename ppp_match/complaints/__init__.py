"""Reports of texts and messages, what the forum does about them, appeals, and concerns told in confidence."""
