-- Sends a mix of requests, as listed in BENCH_MIX: one on each line, path and body parted by a tab.
local requests = {}
for path, body in string.gmatch(os.getenv("BENCH_MIX"), "([^\t\n]+)\t([^\n]+)") do
    requests[#requests + 1] = { path, body }
end
local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer client_key_001" }
local turn = 0

request = function()
    turn = turn + 1
    local chosen = requests[turn % #requests + 1]
    return wrk.format("POST", chosen[1], headers, chosen[2])
end
