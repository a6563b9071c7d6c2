"""Steps of the schema; the name of a file starts with its revision."""
