# What a release is made of; read by the Makefile.

# Where releases are published, and by whom: whoever publishes one sets these.
URL ?= https://example.org/pen
MAINTAINER ?= pen maintainers <maintainers@example.org>

.PHONY: dist packages check-packages check-pasta images

dist: ## make the release's tarballs, reproducible, in build/dist (needs arm64's compiler)
	$(Q)B='$(B)' VERSION='$(VERSION)' packaging/dist $(DIST)

packages: ## make deb, rpm and arch packages, or PACKAGES, in build/dist (their tools)
	$(Q)B='$(B)' packaging/package $(or $(PACKAGES),deb rpm arch)

check-packages: all ## release tarballs and packages (needs their tools and Debian's archive)
	$(Q)B='$(B)' TESTS_TIMEOUT=3600 tests/run tests/packages

check-pasta: all $(probes) ## open networks by the pastas of Debian 13 and sid (needs apt and the archive)
	$(Q)B='$(B)' tests/pasta/run

images: all ## draw README's pictures anew, from a real run
	$(Q)B='$(B)' images/draw images
