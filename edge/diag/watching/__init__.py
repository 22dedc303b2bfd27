"""The full screen of `hallctl watch`. Textual is loaded here alone, and only when it is asked for."""
