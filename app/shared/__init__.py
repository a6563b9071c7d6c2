"""What all workers and machines share about Tiger, in the database: the count of calls, and answers.

Only SQL stands here; what it is for is told by the protocols of ``app.tiger.pipeline``.
"""
