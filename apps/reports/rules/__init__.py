"""Pure decisions of reports: which counts may be shown, and what a text holds."""
