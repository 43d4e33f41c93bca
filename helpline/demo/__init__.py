"""What the web process has in demo mode only: the page with the phones, and the time machine."""
