"""What a call passes on its way to Tiger: cache, coalescing, bulkhead, breaker, quota.

Each is one module that knows nothing of the others; ``traffic`` holds those of one process. What workers and machines
share is behind two protocols (``quota.CallCounter`` and ``shelf.Shelf``), so that no SQL stands here.
"""
