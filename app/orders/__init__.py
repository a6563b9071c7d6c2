"""Orders: exactly-once placement, modification and cancellation, whatever fails on the way.

Decides what is sent and what became of it; how a command looks on the wire is known to ``app.tiger``.

    service      from a view to a command; history: what became of one
    requests     one client's request: begin its command, or find out how an earlier request of its key ended
    executor     from the row of a command to its result; reconciler: what nobody works on any more
    closing      close a position: closable, by what promises of other orders leave of it
    cancelling_all  cancel all open orders, each by a command of its own: listed_cancellations
    handlers     what each kind of command knows: placing, amending; matching: which order is ours
    transitions  what is written down, by the moves of states; doubt: how long nothing proves anything
    families     what is reported of orders that came with another one
    journal      the rows, and who may change them; journal_reader: the questions to it; bodies: what a command says
"""
