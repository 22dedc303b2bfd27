"""Who may see and do what at the console: accounts, their sessions, and the trail of what they did."""
