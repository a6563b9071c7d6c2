"""The types of documented values, by which the lists of documented answers read like the document."""

NUMBER = (int, float)
MAYBE = (*NUMBER, type(None))
TEXT = (str,)
WHOLE = (int,)
FLAG = (bool,)
