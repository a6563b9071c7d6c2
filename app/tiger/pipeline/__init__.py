"""The way of a call to Tiger: ``stages`` lists what it passes, ``pipeline`` holds what all calls of one process share.

Each mechanism is one module that knows nothing of the others. What workers and machines share is behind two protocols
(``quota.CallCounter`` and ``shared_cache.SharedCache``), so that no SQL stands here.
"""
