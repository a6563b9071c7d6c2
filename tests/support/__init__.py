"""What tests share: a client that speaks the contract, and the assertion on its envelope."""
