"""The description of the API: is it whole, is it true, is it fresh."""
