"""Guard rails: halts and confirmations, through HTTP and on the rows."""
