# How the tests are built, and what runs them; read by the Makefile.

# tests/lib/*.c are programs that tests run; tests/unit/*.c test modules
probes = $(patsubst tests/lib/%.c,$(B)/test/%,$(wildcard tests/lib/*.c))
units = $(patsubst tests/unit/%.c,$(B)/test/unit/%,$(wildcard tests/unit/*.c))

.PHONY: demo check check-agents check-bare check-bwrap check-container \
	check-kernel check-programs check-shells compare fuzz bench jail lint

# A unit test names in its first lines the modules that it tests, and a library,
# which not every distribution has for linking statically.
named = $(shell sed -n 's,^// $(2): ,,p' tests/unit/$(1).c)
$(units): $(foreach p,$(PROGRAMS),$(call objects,$(p)))
$(B)/test/unit/%: tests/unit/%.c $(libpen)
	@mkdir -p $(@D)
	$(Q)$(compile) -DUNIT $(if $(call named,$*,library),$(dynamic),$(link)) \
		$(LDFLAGS) -o $@ $< $(patsubst %,$(B)/obj/%.o,$(call \
		named,$*,needs)) $(libpen) $(call libs,$(call named,$*,library))

$(B)/test/%: tests/lib/%.c Makefile tests/tests.mk
	@mkdir -p $(@D)
	$(Q)$(compile) $(link) $(LDFLAGS) -o $@ $<

demo: all ## show what a jailed program can and cannot do
	$(Q)B=$(B) tests/demo

check: all $(probes) $(units) ## run the tests
	$(Q)B=$(B) SAN=$(SAN) tests/run $(TESTS)

check-agents: all $(probes) ## drive real agents from the npm registry in a pen
	$(Q)B=$(B) SAN=$(SAN) tests/run tests/agents

check-programs: all ## try 50 programs of this host outside and in a pen
	$(Q)B=$(B) tests/programs/run

check-bare: ## install on a bare Debian, or RELEASES (root; needs debootstrap and the archive)
	$(Q)B=$(B) tests/bare/run $(RELEASES)

check-shells: all $(probes) ## the prompt in the oldest shells (root; needs debootstrap)
	$(Q)B=$(B) tests/shells/run $(SHELLS)

check-kernel: all $(probes) $(units) ## on Debian's kernel, and on arm64 (root; needs qemu and the archive)
	$(Q)B=$(B) tests/kernel/run $(KERNELS)

check-container: all ## the recipe for docker, with podman (root; needs debootstrap)
	$(Q)B=$(B) tests/container/run

check-bwrap: all $(probes) ## beside bubblewrap's newest releases (needs apt and the archive)
	$(Q)B=$(B) tests/bwrap/run

compare: all ## attack other launchers as pen is attacked, for README's table (needs firejail, npm's registry)
	$(Q)B=$(B) tests/compare/run

fuzz: ## fuzz the parsers of hostile bytes, each for SECONDS (60)
	$(Q)B=$(B) tests/fuzz/run $(or $(SECONDS),60)

bench: all $(probes) ## measure against the peers, side by side
	$(Q)B=$(B) tests/bench/run
	$(Q)B=$(B) tests/bench/net
	$(Q)B=$(B) tests/bench/load
	$(Q)B=$(B) tests/bench/ports
	$(Q)B=$(B) tests/bench/key
	$(Q)B=$(B) tests/bench/account
	$(Q)B=$(B) tests/bench/many

jail: ## list the files that containment rests on
	$(Q)tests/jail

lint: ## check style, options = pages = completions, and the shell scripts
	$(Q)tests/lint

man/pen-compat.7: tests/programs/table tests/programs/page
	$(Q)tests/programs/page >$@
