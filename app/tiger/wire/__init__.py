"""Tiger's wire protocol: requests signed and sent, answers read, codes and texts understood.

The SDK's parts that are leaned on stand here. Nothing is kept between calls, and no limit is counted.
"""
