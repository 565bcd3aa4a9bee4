# GNU make.  Everything is built under $(B); CFLAGS, CPPFLAGS and LDFLAGS are
# yours.  `make help` lists the targets.
#
#	make SAN=1 B=build-san check	the same tests under ASan and UBSan
#	make STATIC=no			link the libraries dynamically
#	make MUSL=no			what needs no library: with glibc too

VERSION = 0.1.0
PREFIX ?= $(HOME)/.local
B ?= build
V ?= @

CC ?= cc
CFLAGS ?= -O2 -g
SAN ?=
STATIC ?= auto
MUSL ?= auto
WERROR ?= $(if $(CI),-Werror)

PROGRAMS = $(patsubst src/%/,%,$(wildcard src/pen*/))
SCRIPTS = $(notdir $(wildcard bin/*))

# Each program's own library, found by pkg-config; nobody else may include it.
LIBS_pen = libconfuse
LIBS_pen-sni = libcares
LIBS_pen-ctl = jansson
LIBS_pen-log = jansson
LIBS_pen-shell = readline

warnings = -Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wundef -Wpointer-arith \
	-Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes $(WERROR)

# Runs here while pen is built, if CC makes programs for another machine.
BUILD_CC ?= $(CC)

# Is the flag known to this compiler and linker?
try = $(shell echo 'int main(void){return 0;}' | $(CC) -Werror $(1) -x c \
	-o /dev/null - 2>/dev/null && echo '$(1)')

ifdef SAN
hardening = -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -fPIE
link = -fsanitize=address,undefined -pie
else
hardening := -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE \
	-D_FORTIFY_SOURCE=3 $(call try,-fstack-clash-protection) \
	$(call try,-fcf-protection=full) $(call try,-mbranch-protection=standard)
# A static program starts in half the time of a dynamic one, and the chain is
# five of them.  Without static libraries the ordinary ones do.
pie := $(if $(filter no,$(STATIC)),,$(call try,-static-pie))
link := $(or $(pie),-pie) -Wl,-z,relro,-z,now,-z,noexecstack \
	$(call try,-Wl$(comma)-z$(comma)separate-code)
endif
comma := ,

std = -std=c11 -D_GNU_SOURCE -DPEN_VERSION='"$(VERSION)"' -Isrc -MMD -MP
flags = $(std) $(warnings) $(hardening) $(CPPFLAGS) $(CFLAGS)
compile = $(CC) $(flags)

# What needs no library is linked with musl where musl-gcc is: such a program
# starts in a quarter of the time, for glibc's first asks the processor what it
# and its caches can do, and a virtual machine answers each question by a trap.
# The wrapper knows no -static-pie, and the linux/ headers are the system's.
hash := \#
musl_dir := $(if $(and $(filter cc gcc,$(CC)),$(if $(SAN),,auto),\
	$(filter-out no,$(STATIC)),$(filter-out no,$(MUSL))),$(shell musl-gcc \
	-$(hash)$(hash)$(hash) -x c /dev/null 2>&1 | tr ' "' '\n\n' | \
	sed -n 's,/Scrt1\.o$$,,p'))
musl_cc = musl-gcc -idirafter /usr/include \
	-idirafter /usr/include/$(shell $(CC) -print-multiarch)
musl_link = -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text \
	-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code \
	$(musl_dir)/rcrt1.o $(musl_dir)/crti.o
musl := $(if $(musl_dir),$(shell echo 'int main(void){return 0;}' | \
	$(musl_cc) -include linux/mount.h -fPIE -x c - -x none $(musl_link) \
	$(musl_dir)/crtn.o -o /dev/null 2>/dev/null && echo musl))
in_musl = $(if $(LIBS_$(1)),,$(musl))

libpen = $(B)/libpen.a
lib_objects = $(patsubst src/%.c,$(B)/obj/%.o,$(wildcard src/lib/*.c))
objects = $(patsubst src/%.c,$(B)/obj/%.o,$(wildcard src/$(1)/*.c))
of_musl = $(patsubst $(B)/obj/%,$(B)/obj/musl/%,$(1))
# what takes the place of something of musl's in a program
only_musl = $(patsubst src/%.c,$(B)/obj/%.o,$(wildcard src/$(1)/musl/*.c))
programs = $(PROGRAMS:%=$(B)/bin/%)
scripts = $(SCRIPTS:%=$(B)/bin/%)
copies = $(patsubst %,$(B)/%,$(wildcard agents/*.conf groups/*.conf shell/*))
# tests/lib/*.c are programs that tests run; tests/unit/*.c test modules
probes = $(patsubst tests/lib/%.c,$(B)/test/%,$(wildcard tests/lib/*.c))
units = $(patsubst tests/unit/%.c,$(B)/test/unit/%,$(wildcard tests/unit/*.c))

.DELETE_ON_ERROR:
.PHONY: all objects demo check check-agents check-bare check-container \
	check-kernel check-shells fuzz bench lint completions format install uninstall clean help

all: $(programs) $(scripts) $(copies) ## build everything into build/bin (the default)

$(B)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(V)$(compile) -c -o $@ $<

$(B)/obj/musl/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(V)$(musl_cc) $(flags) -c -o $@ $<

$(libpen): $(lib_objects)
$(B)/libpen-musl.a: $(call of_musl,$(lib_objects))
$(libpen) $(B)/libpen-musl.a:
	@rm -f $@
	$(V)$(AR) rcs $@ $^

# How a program is linked, and with what: not statically where its library is
# there for dynamic linking only.
libs = $(if $(1),$(shell pkg-config $(2) --libs $(1)))
dynamic = $(patsubst -static-pie,-pie,$(link))
static = $(and $(filter -static-pie,$(link)),$(call try,-static-pie \
	$(call libs,$(1),--static)))
how = $(if $(call static,$(1)),$(link),$(dynamic)) $(LDFLAGS) -o $@ $^ \
	$(call libs,$(1),$(if $(call static,$(1)),--static))

define program
$(B)/bin/$(1): $(call objects,$(1)) $(libpen)
	@mkdir -p $$(@D)
	$(V)$(CC) $$(hardening) $$(CFLAGS) $$(call how,$$(LIBS_$(1)))
endef
define program_musl
$(B)/bin/$(1): $(call of_musl,$(call objects,$(1)) $(call \
		only_musl,$(1))) $(B)/libpen-musl.a
	@mkdir -p $$(@D)
	$(V)$(musl_cc) $$(CFLAGS) $$(LDFLAGS) -o $$@ $(musl_link) $$^ \
		$(musl_dir)/crtn.o
endef
$(foreach p,$(PROGRAMS),$(eval \
	$(call program$(if $(call in_musl,$(p)),_musl),$(p))))

# pen-filter's policy is compiled by libseccomp now, not at each start
$(B)/mkprograms: $(addprefix src/,pen-filter/gen/mkprograms.c \
		pen-filter/policy.c lib/err.c lib/fd.c) \
		src/pen-filter/policy.h
	@mkdir -p $(@D)
	$(V)$(BUILD_CC) $(filter-out -M%,$(std)) $(warnings) -o $@ \
		$(filter %.c,$^) $$(pkg-config --cflags --libs libseccomp)
$(B)/programs.c: $(B)/mkprograms
	$(V)$< >$@
programs_o = $(B)/obj/pen-filter/programs.o
$(programs_o): $(B)/programs.c
	@mkdir -p $(@D)
	$(V)$(compile) -c -o $@ $<
$(call of_musl,$(programs_o)): $(B)/programs.c
	@mkdir -p $(@D)
	$(V)$(musl_cc) $(flags) -c -o $@ $<
$(B)/bin/pen-filter: $(if $(musl),$(call of_musl,$(programs_o)),$(programs_o))

$(B)/bin/%: bin/%
	@mkdir -p $(@D)
	$(V)ln -sf ../../$< $@

# All that is compiled, for a machine whose libraries are not here.
objects: $(foreach p,$(PROGRAMS),$(call objects,$(p)) $(call only_musl,$(p))) \
	$(lib_objects) $(programs_o)

# pen looks for these beside the directory it runs from.  Copies: a run in this
# tree may change agents/, and must not change what the next pen obeys.
$(foreach d,agents groups shell,$(shell [ ! -L $(B)/$(d) ] || rm $(B)/$(d)))
$(copies): $(B)/%: %
	@mkdir -p $(@D)
	$(V)cp $< $@

# A unit test names in its first lines the modules that it tests, and a library,
# which not every distribution has for linking statically.
named = $(shell sed -n 's,^// $(2): ,,p' tests/unit/$(1).c)
$(units): $(foreach p,$(PROGRAMS),$(call objects,$(p))) $(programs_o)
$(B)/test/unit/%: tests/unit/%.c $(libpen)
	@mkdir -p $(@D)
	$(V)$(compile) -DUNIT $(if $(call named,$*,library),$(dynamic),$(link)) \
		$(LDFLAGS) -o $@ $< $(patsubst %,$(B)/obj/%.o,$(call \
		named,$*,needs)) $(libpen) $(call libs,$(call named,$*,library))

$(B)/test/%: tests/lib/%.c Makefile
	@mkdir -p $(@D)
	$(V)$(compile) $(link) $(LDFLAGS) -o $@ $<

demo: all ## show what a jailed program can and cannot do
	$(V)B=$(B) tests/demo

check: all $(probes) $(units) ## run the tests
	$(V)B=$(B) SAN=$(SAN) tests/run $(TESTS)

check-agents: all $(probes) ## drive real agents from the npm registry in a pen
	$(V)B=$(B) SAN=$(SAN) tests/run tests/agents

check-bare: ## install on a bare Debian, or RELEASES (root; needs debootstrap and the archive)
	$(V)tests/bare/run $(RELEASES)

check-shells: all $(probes) ## the prompt in the oldest shells (root; needs debootstrap)
	$(V)B=$(B) tests/shells/run $(SHELLS)

check-kernel: all $(probes) $(units) ## on Debian's kernel, and on arm64 (root; needs qemu and the archive)
	$(V)B=$(B) tests/kernel/run $(TESTS)

check-container: all ## the recipe for docker, with podman (root; needs debootstrap)
	$(V)B=$(B) tests/container/run

fuzz: ## fuzz the parsers of hostile bytes, each for SECONDS (60)
	$(V)B=$(B) tests/fuzz/run $(or $(SECONDS),60)

bench: all $(probes) ## measure against the peers, side by side
	$(V)B=$(B) tests/bench/run
	$(V)B=$(B) tests/bench/net
	$(V)B=$(B) tests/bench/load
	$(V)B=$(B) tests/bench/ports

lint: ## check style, options = pages = completions, and the shell scripts
	$(V)tests/lint

completions: ## write completions/ anew from the opts.def files
	$(V)completions/generate

format: ## clang-format everything
	$(V)clang-format -i $$(git ls-files '*.[ch]')

# "MODE SOURCE DEST" for each file that is installed, DEST below PREFIX
comp = $(wildcard completions/$(1))
installed = $(foreach f,$(programs),"755 $(f) bin/$(notdir $(f))") \
	$(foreach f,$(wildcard bin/*),"755 $(f) $(f)") \
	$(foreach f,$(wildcard agents/*.conf groups/*.conf), \
		"644 $(f) share/pen/$(f)") \
	$(foreach f,$(wildcard shell/*),"644 $(f) share/pen/$(f)") \
	$(foreach f,$(wildcard man/*.[1-8]),"644 $(f) \
		share/man/man$(patsubst .%,%,$(suffix $(f)))/$(notdir $(f))") \
	$(foreach f,$(call comp,*.bash),"644 $(f) \
		share/bash-completion/completions/$(notdir $(f:.bash=))") \
	$(foreach f,$(call comp,_*),"644 $(f) \
		share/zsh/site-functions/$(notdir $(f))") \
	$(foreach f,$(call comp,*.fish),"644 $(f) \
		share/fish/vendor_completions.d/$(notdir $(f))")

install: all ## install into PREFIX (default ~/.local), DESTDIR honoured
	@printf '%s\n' $(installed) | src/manifest install '$(DESTDIR)' '$(PREFIX)'

uninstall: ## remove what install made
	@src/manifest uninstall '$(DESTDIR)' '$(PREFIX)'

clean: ## remove what was built
	rm -rf $(B)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 18

-include $(wildcard $(B)/obj/*/*.d $(B)/obj/musl/*/*.d)
