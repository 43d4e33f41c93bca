"""Starting the helpline with everything it needs, and ending it without leaving anything behind."""
