"""How Whiskers is served: its settings, its health, and the way in for a class."""
