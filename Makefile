# Every target makes .venv and installs what it needs by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# What installs into an environment: its own pip; or uv, in a tenth of the time, where UV says where that is.
UV ?=
install_into = $(if $(UV),$(UV) pip install --quiet --python $(1)/bin/python,$(1)/bin/pip install --quiet --disable-pip-version-check)

# What is compiled is kept, whatever the environment says: the tests start the application some hundred times.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test coverage test-readings long-tests lowest newest docs pictures examples newman schemathesis schemathesis-short docs-page lint audit clean
.PHONY: refresh-campaign faults faults-readings after-refusal order-cost bench bench-fleet bench-hanging bench-soak
.PHONY: bench-edge bench-growth bench-dashboard bench-streams halt-campaign limit-campaign
.PHONY: limit-cost confirmation-campaign halt-cost push-takeover stream-campaign audit-campaign bench-audit

run: $(VENV)/.installed
	@exec $(BIN)/gunicorn wsgi:app

# Tests wait more than they compute; a process that is free takes some over from the one that has most left.
TEST_PROCESSES ?= 4
test: $(VENV)/.installed-test mcp-clients
	@exec $(BIN)/pytest -n $(TEST_PROCESSES) --dist worksteal

.PHONY: mcp-clients mcp-overhead
# The official clients of the Model Context Protocol, of both its eras: they share no environment, since they agree on
# no version.
MCP_CLIENTS := $(VENV)-mcp-1 $(VENV)-mcp-2
mcp-clients: $(MCP_CLIENTS:=/.installed)

$(VENV)-mcp-%/.installed: .ci/mcp-%.txt
	$(PYTHON) -m venv $(VENV)-mcp-$*
	$(call install_into,$(VENV)-mcp-$*) -r .ci/mcp-$*.txt
	@touch $@

# What a tool of /mcp adds to the route that it is.
mcp-overhead: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.mcp_overhead

# What of the code the tests go through, but for those whose servers are processes of their own.
coverage: $(VENV)/.installed-test
	@exec $(BIN)/pytest -n $(TEST_PROCESSES) --dist worksteal -m "not long" --cov --cov-report=term:skip-covered

# The order tests under each reading of Tiger that concerns orders, one after the other.
test-readings: $(VENV)/.installed-test
	@$(BIN)/python -c 'from bench.campaign.readings import list_single_readings as each; \
		[print(f"{name}={value}") for reading in each() for name, value in reading.items()]' | while read -r reading; do \
		echo "== $$reading"; TIGER_REST_TEST_READINGS="$$reading" \
		$(BIN)/pytest -q -n $(TEST_PROCESSES) tests/orders -k "not campaign" || exit 1; done

# What the tests do in a shorter form, with the figures that are promised: calls and requests by the thousand.
long-tests: $(VENV)/.installed-test
	@TIGER_REST_TEST_CALLS=10000 TIGER_REST_TEST_REQUESTS=200 $(BIN)/pytest \
		tests/pipeline/test_quota_of_many_processes.py tests/contract/test_wire_costs.py
	@TIGER_REST_TEST_RANDOM_ORDERS=5000 TIGER_REST_TEST_GATEWAY_ORDERS=5000 $(BIN)/pytest \
		tests/simulator/test_everything_adds_up.py tests/orders/test_everything_adds_up.py
	@TIGER_REST_TEST_TOOL_CALLS=3800 TIGER_REST_TEST_TOOL_ATTEMPTS=1000 $(BIN)/pytest \
		tests/mcp/test_generated_calls.py tests/mcp/test_placing.py

# What shows that other versions, or another Python, do what these do.
ELSEWHERE := tests/contract tests/embedding/test_mounting.py tests/embedding/test_who_calls.py
ELSEWHERE_NEEDS := -e '.[postgresql]' pytest hypothesis 'setuptools>=77' jsonschema openapi-spec-validator pyyaml

# The lowest versions that pyproject.toml allows.
LOWEST := $(VENV)-lowest
lowest: $(LOWEST)/.installed
	@exec $(LOWEST)/bin/python -m pytest -q -p no:cacheprovider -W ignore::DeprecationWarning $(ELSEWHERE)

$(LOWEST)/.installed: pyproject.toml .ci/lowest
	$(PYTHON) -m venv $(LOWEST)
	$(PYTHON) .ci/lowest > $(LOWEST)/constraints.txt
	$(call install_into,$(LOWEST)) -c $(LOWEST)/constraints.txt $(ELSEWHERE_NEEDS)
	@touch $@

# A newer Python: make newest NEWEST_PYTHON=python3.14
NEWEST := $(VENV)-newest
newest: $(NEWEST)/.installed
	@exec $(NEWEST)/bin/python -m pytest -q -p no:cacheprovider -k "not test_a_wrong_field_is_named" $(ELSEWHERE)

$(NEWEST)/.installed: pyproject.toml .ci/constraints.txt
	$(NEWEST_PYTHON) -m venv $(NEWEST)
	$(call install_into,$(NEWEST)) -c .ci/constraints.txt $(ELSEWHERE_NEEDS)
	@touch $@

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml .ci/constraints.txt
	$(call install_into,$(VENV)) -c .ci/constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(call install_into,$(VENV)) -c .ci/constraints.txt -e '.[postgresql,limits,test,lint]'
	@touch $@

# Orders of every kind against failing workers and a failing Tiger; --kinds plain leaves limit and market orders and
# brackets: make faults SEED=7 ARGUMENTS="--instances 2 --database-url …".
SEED ?= 1
faults: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.fault_campaign --seed $(SEED) $(ARGUMENTS)

# The same under every reading of Tiger that concerns orders, and 20 combinations: hours. What is in the table is not
# run again: make faults-readings ORDERS=200 ARGUMENTS="--only random".
ORDERS ?= 2000
faults-readings: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.faults_readings --seed $(SEED) --orders $(ORDERS) $(ARGUMENTS)

# A halt in the middle of 10,000 placements: nothing reaches Tiger a second after its answer.
halt-campaign: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.halt_campaign $(ARGUMENTS)

# A thousand changes of the audit trail, each found and named, and two instances that write one chain while they are
# killed: make audit-campaign ARGUMENTS="--database-url …".
audit-campaign: $(VENV)/.installed-test
	@$(BIN)/python -m bench.audit_changes $(ARGUMENTS)
	@exec $(BIN)/python -m bench.audit_instances $(ARGUMENTS)

# 10,000 confirmation tokens that are not good, and good ones that eight clients bear at once.
confirmation-campaign: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.confirmation_campaign $(ARGUMENTS)

# A hundred orders at once after one that Tiger refused.
after-refusal: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.after_refusal

# What the journal adds to an order, beside the bare SDK.
order-cost: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.order_cost

# What all limits together add to an order.
limit-cost: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.limit_cost

# 10,000 orders of 64 clients against limits of every kind, on the database of TIGER_REST_TEST_DATABASE_URL or, without
# it, on SQLite; workers are killed and answers lost: make limit-campaign ARGUMENTS="--orders 2000 --sqlite".
limit-campaign: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.limit_campaign --seed $(SEED) $(ARGUMENTS)

# What halts and a confirmation add to an order.
halt-cost: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.halt_cost

# Account events while clients, workers and Tiger's push fail: make stream-campaign ARGUMENTS="--orders 1000".
stream-campaign: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.stream_campaign --seed $(SEED) $(ARGUMENTS)

refresh-campaign: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.refresh_campaign

# Known weaknesses of the versions that are installed; ruff looks for ours with its S rules.
audit: $(VENV)/.installed-audit
	$(BIN)/pip-audit --requirement .ci/constraints.txt --no-deps --disable-pip --progress-spinner off

# The load comes from wrk (apt-get install wrk, brew install wrk).
bench: $(VENV)/.installed-bench
	@$(BIN)/python -m bench.compare
	@exec $(BIN)/python -m bench.cpu

bench-fleet: $(VENV)/.installed
	@exec $(BIN)/python -m bench.fleet

# Slow, silent and deaf clients beside those that trade, and an end under load.
bench-edge: $(VENV)/.installed
	@exec $(BIN)/python -m bench.edge

# A thousand streams beside requests, in three minutes: how late quotes and order events come, what streams cost, and whom.
bench-streams: $(VENV)/.installed
	@exec $(BIN)/python -m bench.streams $(ARGUMENTS)

bench-hanging: $(VENV)/.installed
	@exec $(BIN)/python -m bench.hanging

# Memory over ten minutes at full load, and the time of a start.
bench-soak: $(VENV)/.installed
	@exec $(BIN)/python -m bench.soak

# What a dashboard of twenty instruments is refused, and what it costs of Tiger's limits: ten minutes, or SECONDS=60.
SECONDS ?= 600
bench-dashboard: $(VENV)/.installed
	@exec $(BIN)/python -m bench.dashboard --seconds $(SECONDS)

# What a journal of a million commands costs: scrapes, questions, orders.
bench-growth: $(VENV)/.installed
	@exec $(BIN)/python -m bench.growth

# How fast the audit trail is written, linked, verified and exported.
bench-audit: $(VENV)/.installed
	@exec $(BIN)/python -m bench.audit_verify $(ARGUMENTS)

$(VENV)/.installed-audit: $(VENV)/.installed-test
	$(call install_into,$(VENV)) -c .ci/constraints.txt pip-audit
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	$(call install_into,$(VENV)) -c .ci/constraints.txt -e '.[bench]'
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-uv $(LOWEST) $(NEWEST) $(MCP_CLIENTS) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The reference pages and the Postman collection, from what the code says.
docs: $(VENV)/.installed-test
	@for page in settings errors endpoints commands; do \
		$(BIN)/flask --app wsgi reference $$page > docs/$$page.md.new && mv docs/$$page.md.new docs/$$page.md || exit 1; done
	@$(BIN)/flask --app wsgi postman > docs/postman.json.new && mv docs/postman.json.new docs/postman.json

# The pictures of the pages, drawn from the answers of a gateway in front of a simulator whose clock stands.
pictures: $(VENV)/.installed-test
	@exec $(BIN)/python -m tests.documentation.draw

# The examples of the API's description, from a running simulator.
examples: $(VENV)/.installed-test
	@exec $(BIN)/python -m tests.openapi.record

# The collection against a fresh gateway; needs Node.
newman: $(VENV)/.installed-test
	@exec $(BIN)/python -m tests.openapi.run_newman

# Every operation with at least 200 examples, as three kinds of caller: half an hour. The short form is part of CI.
schemathesis: $(VENV)/.installed-test
	@exec $(BIN)/python -m tests.openapi.run_schemathesis --max-examples 200

schemathesis-short: $(VENV)/.installed-test
	@exec $(BIN)/python -m tests.openapi.run_schemathesis --callers full --phases examples,fuzzing --max-examples 3

# The documentation page in a browser, and its picture; needs chromium.
docs-page: $(VENV)/.installed-test
	@exec $(BIN)/python -m tests.openapi.run_browser docs/docs-page.png

# The elected worker killed, frozen and gone a hundred times: never two connections to the push service.
CHANGES ?= 100
push-takeover: $(VENV)/.installed-test
	@exec $(BIN)/python -m bench.push_takeover --changes $(CHANGES) $(ARGUMENTS)
