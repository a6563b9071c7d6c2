"""How much may be ordered: limits, halts, confirmations. Who may order at all stands in ``app.access``.

A check is a pure function of what is asked, the limits, the counters and the prices; what it needs is read beforehand,
and what has to be exact over all workers and machines is decided in the transaction of the journal's row. Nothing here
sends anything: a refusal means that nothing was sent.

    limits         the table of limits, and how each is checked: data and pure functions
    valuation      what an order is worth, each part of it; exposure: what open orders may still do to a position
    market_inputs  prices, rates, holdings and losses, as old as they may be: kept_inputs, account_lists
    limit_inputs   all of that which the limits need to know of one order; changes: what a change of one asks
    limit_rows     the rows in the database; uses: what an admitted command may do, and what it took
    limit_gate     the way of an order through all this; limit_refusals: what its client is told; limit_report
    halts          the rows of halts, and what each mode lets pass; halt_watch: the last look before the wire
    halting        halt and resume; halt_commands: the same for operators
    halt_cancellations  cancel what is open where a halt says so, until nothing of it is left
    confirmations  tokens that a preview gives and that a placement takes, once
    rules          halts and confirmations as a gate of ``app.orders``; gates: several gates as one
"""
