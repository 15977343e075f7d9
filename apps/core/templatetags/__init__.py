"""Template tags of the house: they draw what a page already knows and never ask the database."""
