"""One small class for each kind of element: what it does when a token comes by, and nothing about storage."""
