-- Sends the body in BENCH_BODY as a client of the gateway; with BENCH_FRESH it passes the cache by.
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY")
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer client_key_001"
