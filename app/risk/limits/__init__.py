"""The limits as data and pure functions: nothing here reads anything, so that requests are made of the same table."""
