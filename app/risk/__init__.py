"""How much may be ordered: limits, halts, confirmations. Who may order at all stands in ``app.access``.

What has to be exact over all workers and machines is decided in the transaction of the journal's row. Nothing here
sends anything: a refusal means that nothing was sent.

    halts        the rows of halts, and what each mode lets pass; halt_watch: the last look before the wire
    halting      halt and resume; halt_commands: the same for operators
    halt_cancellations  cancel what is open where a halt says so, until nothing of it is left
    confirmations  tokens that a preview gives and that a placement takes, once
    rules        halts and confirmations as a gate of ``app.orders``; gates: several gates as one
"""
