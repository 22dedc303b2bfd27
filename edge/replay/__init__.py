"""A day of the hall played again through its own rules, with the people who came and other staffing."""
