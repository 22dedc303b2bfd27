"""The announcer: words as recordings, played one announcement after another."""
