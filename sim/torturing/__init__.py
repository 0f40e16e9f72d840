"""Random programs for `dynstack torture`: plans, the code made of them, runs, and shrinking."""
