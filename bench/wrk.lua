-- Sends the body in BENCH_BODY again and again: as a client of the gateway, or with the token in BENCH_TOKEN to Tiger.
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY")
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = os.getenv("BENCH_TOKEN") or "Bearer client_key_001"
