"""Pure decisions about people: what a file says, what would change, who may report to whom."""
