"""Market data: what is asked for, how Tiger's answers are decoded, and what leaves as plain data.

One module for each subject. No account is named here, and nothing changes anything.
"""
