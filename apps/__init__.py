"""The rooms of the house. `apps/README.md` is the map; upper apps see lower ones, never the other way."""
