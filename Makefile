# The commands themselves stand in make.py, which also runs where there is no make: python make.py lab
# ARGS passes options on; PYTHON names the interpreter that makes .venv; LECTURE says what `make grade` grades.

# The first that is new enough: what the user calls python3 before the ones with a number.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: lab test hard lint types course course-full grade docs data bench lock clean help

lab test hard lint types course course-full grade docs data bench lock clean help:
	@test -n "$(PYTHON)" || { echo "rlhp needs Python 3.11 or newer and found none on PATH." \
	    "Install one, or name it: make $@ PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) make.py $@ $(if $(filter grade,$@),$(LECTURE)) $(ARGS)
