"""What people agree to: purposes, the versions of their texts, and each person's decisions."""
