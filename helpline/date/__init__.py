"""The helpline's date: the real one, but for a demo, whose date can be moved."""
