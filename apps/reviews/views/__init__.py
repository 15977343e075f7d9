"""HTTP in and out, by noun: one page is built or one action is called."""
