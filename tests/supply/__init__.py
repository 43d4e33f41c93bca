"""What the helpline is built of: the licences and the known weaknesses of its dependencies."""
