"""What happened, in numbers by day, without anything of a caller's."""
