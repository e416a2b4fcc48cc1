# What can be done with this tree, by name. Each target is one script or two commands; HACKING.md
# says more. `make demo` and `make test` need nothing but Debian 12: they install what is missing.
SEEDS ?= 20000
CYCLES ?= 100
SECONDS ?= 60

.PHONY: help build demo function aws-test demo-aws test lint tidy format simulate spec kill-test fuzz \
  ui-test asan tsan coverage bench bench-aws clean packages reference

help:                ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 14

build:               ## the program, optimised and static: build/release/stepback
	@scripts/setup build
	@scripts/build release

demo: build          ## a service that fails and is rolled back, on this machine
	build/release/stepback demo --scenario stage-succeeds

test:                ## everything that must hold before a change goes in, lint apart
	@scripts/setup ui
	@scripts/peers || echo "peers: not fetched; what needs them says so"
	@scripts/test

ui-test: build       ## the pages in a real browser; pictures of each in build/ui
	@scripts/setup ui
	@scripts/test ui

lint:                ## formatting and the shell scripts
	@scripts/setup lint
	@scripts/lint

tidy:                ## clang-tidy over every source, beside what lint does
	@scripts/setup lint
	@scripts/lint --tidy

format:              ## rewrites the layout of every source file
	@scripts/setup lint
	@scripts/sources | xargs clang-format-19 -i

simulate:            ## SEEDS simulated histories with crashes, races and lost answers; and the mutants
	@scripts/setup test
	@scripts/build dev simulate
	build/dev/tests/simulate --seeds $(SEEDS)
	build/dev/tests/simulate --mutants --seeds 30000

packages:            ## two Debian packages, the command and the server: build/packages
	@scripts/setup build
	@scripts/build release
	@scripts/packages

reference:           ## writes docs/reference anew, from the program
	@scripts/build dev stepback
	@build/dev/stepback help --markdown >docs/reference/cli.md
	@build/dev/stepback help --markdown config >docs/reference/configuration.md

spec:                ## the model of the protocol, every state of it
	@scripts/setup test
	@spec/check whole

kill-test:           ## CYCLES times: kill the real program while it works, start it again, check
	@scripts/setup test
	@scripts/build dev stepback stepback-worker
	python3 -B tests/end_to_end/kill_test.py $(CYCLES)

function: build      ## the program as an AWS Lambda function: build/function, build/function.zip
	@scripts/function

aws-test:            ## what needs an emulated AWS: stores, adapters, the function, the runbook
	@scripts/setup aws
	@scripts/build dev tests
	@scripts/test aws

demo-aws: function   ## an alarm on an emulated AWS, and the function that answers it
	@scripts/setup aws
	STEPBACK_BINARY=build/release/stepback python3 -B tests/aws/with_emulator.py tests/aws/story.py

fuzz:                ## SECONDS of each reader of what comes from outside, fed with anything
	@scripts/setup test
	@scripts/fuzz $(SECONDS)

asan:                ## every test under the address and undefined-behaviour sanitizers
	@scripts/setup test
	@scripts/test asan

tsan:                ## the tests with threads under the thread sanitizer
	@scripts/setup test
	@scripts/test tsan

coverage:            ## which lines and branches the tests run: build/coverage/report.html
	@scripts/setup coverage
	@scripts/coverage

bench:               ## speed and memory beside peers, as ratios; NAMES="storm durable" for some
	@scripts/setup bench
	@scripts/build release bench
	python3 -B bench/bench.py $(NAMES)

bench-aws:           ## a rollback on AWS beside a Node function and the runbook's script; NAMES=...
	@scripts/setup bench-aws
	@scripts/build release bench-aws
	@cd bench/aws/node-peer && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run -s build
	python3 -B bench/aws/stub/smoke.py || test $$? -eq 77
	python3 -B bench/aws/bench_aws.py $(NAMES)

clean:               ## forgets everything that was built
	rm -rf build
