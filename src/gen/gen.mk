# The seccomp programs, which libseccomp compiles while pen is built and not at
# each start: pen-filter's policy, and what each process on the host may call.
# Read by the Makefile.

.PRECIOUS: $(B)/gen/%/calls.c

mk = $(BUILD_CC) $(filter-out -M%,$(std)) $(warnings) -o $(@D)/mk \
	$(filter %.c,$^) $$(pkg-config --cflags --libs libseccomp) && $(@D)/mk >$@
bpf = $(addprefix src/,gen/bpf.c lib/err.c lib/fd.c gen/bpf.h)
$(B)/gen/lib/programs.c: src/gen/mkprograms.c src/lib/policy.c \
		src/lib/policy.h $(bpf)
	@mkdir -p $(@D)
	$(Q)$(mk)
$(B)/gen/%/calls.c: src/%/calls.def src/gen/mkcalls.c $(bpf)
	@mkdir -p $(@D)
	$(Q)$(subst -o ,-DCALLS='"$*/calls.def"' -o ,$(mk))
$(B)/obj/%.o: $(B)/gen/%.c
	@mkdir -p $(@D)
	$(Q)$(compile) -c -o $@ $<
$(B)/obj/musl/%.o: $(B)/gen/%.c
	@mkdir -p $(@D)
	$(Q)$(musl_cc) $(flags) -c -o $@ $<
