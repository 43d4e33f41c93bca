"""What callers ask to come to their phone: the page that they hear as a text, and a call back free of charge."""
