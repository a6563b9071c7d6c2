"""Keep the user tokens of all credentials alive: one refresher among all workers and machines.

``tokens`` is the front. At each look ``observation`` gathers all that is known of a token; ``decision`` says what to
do about it and ``health`` what is wrong with it, both without any act; ``reconcile`` does it, ``rounds`` does what only
the leader may, and ``refresh`` is how a new token comes. ``store`` and ``attempts`` are the database's side,
``token_file`` the machine's; ``distribution`` hands the token to each call. No token leaves this package and
``app.tiger`` except encrypted, in Tiger's own file, or in a request to Tiger.
"""
