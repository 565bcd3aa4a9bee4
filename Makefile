# GNU make.  Everything is built under $(B); CFLAGS, CPPFLAGS and LDFLAGS are
# yours.  `make help` lists the targets.
#
#	make SAN=1 B=build-san check	the same tests under ASan and UBSan
#	make STATIC=no			link the libraries dynamically
#	make MUSL=no			what needs no library: with glibc too

VERSION = 0.2.0
PREFIX ?= $(HOME)/.local
B ?= build
# V=1 shows the commands
V ?=
Q := $(if $(V),,@)

CC ?= cc
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
SAN ?=
STATIC ?= auto
MUSL ?= auto
WERROR ?= $(if $(CI),-Werror)

PROGRAMS = $(patsubst src/%/,%,$(wildcard src/pen*/))
SCRIPTS = $(notdir $(wildcard bin/*))

# Each program's own library, found by pkg-config; nobody else may include it.
LIBS_pen = libconfuse jansson
LIBS_pen-sni = libcares
LIBS_pen-ctl = jansson readline
LIBS_pen-check = jansson
LIBS_pen-key = libcurl openssl libzstd jansson
LIBS_pen-log = jansson
LIBS_pen-report = jansson zlib
LIBS_pen-review = jansson

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
hardening := -fPIE -fstack-protector-strong \
	$(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),, \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3) \
	$(call try,-fstack-clash-protection) \
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
lib_objects = $(patsubst src/%.c,$(B)/obj/%.o,$(wildcard src/lib/*.c) \
	src/lib/programs.c)
objects = $(patsubst src/%.c,$(B)/obj/%.o,$(wildcard src/$(1)/*.c) \
	$(patsubst %.def,%.c,$(wildcard src/$(1)/calls.def)) \
	$(if $(filter pen-bwrap,$(1)),$(filter-out %/main.c,$(wildcard src/pen-ns/*.c))))
of_musl = $(patsubst $(B)/obj/%,$(B)/obj/musl/%,$(1))
programs = $(PROGRAMS:%=$(B)/bin/%)
scripts = $(SCRIPTS:%=$(B)/bin/%)
copies = $(patsubst %,$(B)/%,$(wildcard agents/*.conf groups/*.conf shell/*))

.DELETE_ON_ERROR:
.PHONY: all objects completions format install uninstall clean help

all: $(programs) $(scripts) $(copies) ## build everything into build/bin (the default)

$(B)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(compile) -c -o $@ $<

$(B)/obj/musl/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(musl_cc) $(flags) -c -o $@ $<

$(libpen): $(lib_objects)
$(B)/libpen-musl.a: $(call of_musl,$(lib_objects))
$(libpen) $(B)/libpen-musl.a:
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# How a program is linked, and with what: not statically where its library is
# there for dynamic linking only.
libs = $(if $(1),$(shell $(PKG_CONFIG) $(2) --libs $(1)))
dynamic = $(patsubst -static-pie,-pie,$(link))
static = $(and $(filter -static-pie,$(link)),$(call try,-static-pie \
	$(call libs,$(1),--static)))
how = $(if $(call static,$(1)),$(link),$(dynamic)) $(LDFLAGS) -o $@ $^ \
	$(call libs,$(1),$(if $(call static,$(1)),--static))

define program
$(B)/bin/$(1): $(call objects,$(1)) $(libpen)
	@mkdir -p $$(@D)
	$(Q)$(CC) $$(hardening) $$(CFLAGS) $$(call how,$$(LIBS_$(1)))
endef
define program_musl
$(B)/bin/$(1): $(call of_musl,$(call objects,$(1))) $(B)/libpen-musl.a
	@mkdir -p $$(@D)
	$(Q)$(musl_cc) $$(CFLAGS) $$(LDFLAGS) -o $$@ $(musl_link) $$^ \
		$(musl_dir)/crtn.o
endef
$(foreach p,$(PROGRAMS),$(eval \
	$(call program$(if $(call in_musl,$(p)),_musl),$(p))))

include src/gen/gen.mk

$(B)/bin/%: bin/%
	@mkdir -p $(@D)
	$(Q)ln -sf ../../$< $@

# All that is compiled, for a machine whose libraries are not here.
objects: $(foreach p,$(PROGRAMS),$(call objects,$(p))) $(lib_objects)

# pen looks for these beside the directory it runs from.  Copies: a run in this
# tree may change agents/, and must not change what the next pen obeys.
$(foreach d,agents groups shell,$(shell [ ! -L $(B)/$(d) ] || rm $(B)/$(d)))
$(copies): $(B)/%: %
	@mkdir -p $(@D)
	$(Q)cp $< $@

completions: ## write completions/ anew from the opts.def files
	$(Q)completions/generate

format: ## form the C by clang-format
	$(Q)clang-format -i $$(tests/lint formed)

install: all ## install into PREFIX (default ~/.local), DESTDIR honoured
	@src/manifest list '$(B)' | src/manifest install '$(DESTDIR)' '$(PREFIX)'

uninstall: ## remove what install made
	@src/manifest uninstall '$(DESTDIR)' '$(PREFIX)'

clean: ## remove what was built
	rm -rf $(B)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile \
		tests/tests.mk packaging/packaging.mk | expand -t 18

include tests/tests.mk packaging/packaging.mk
-include $(wildcard $(B)/obj/*/*.d $(B)/obj/musl/*/*.d)
