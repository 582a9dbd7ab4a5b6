# Frostline. `make help` lists the targets. The build folder's name holds what changes an object.

O        ?= build
CC       ?= cc
CFLAGS   ?= -O2 -g
SAN      ?=
DEBUG    ?=
WERROR   ?=
V        ?=
SEED     ?= 1

comma := ,
ifneq ($(SAN),)
  B := $(O)/san-$(subst $(eval) ,-,$(subst $(comma),-,$(SAN)))
else ifneq ($(DEBUG),)
  B := $(O)/debug
else
  B := $(O)
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Walloca
IS_GCC   := $(findstring Free Software,$(shell $(CC) --version 2>/dev/null))
ifneq ($(IS_GCC),)
  WARNINGS += -Wlogical-op -Wduplicated-cond
endif
VERSION  := 0.1.0
COMMON   := -std=gnu11 -D_GNU_SOURCE -I. $(WARNINGS) $(if $(WERROR),-Werror) -DFROST_VERSION='"$(VERSION)"' -MMD -MP
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=undefined) $(if $(DEBUG),-O0 -DFROST_DEBUG)
# Objects are read through several struct types that begin alike.
VMFLAGS  := -fno-strict-aliasing -fno-pie -fno-stack-protector -DFROST_RUNTIME

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2))

# ---- sources, in the order of data flow ----

RUNTIME_SRC  := $(wildcard runtime/core/*.c runtime/flash/*.c runtime/freezer/*.c runtime/lib/*.c runtime/nodemcu/*.c)
HOST_SRC     := $(filter-out runtime/port/host/frostvm.c,$(wildcard runtime/port/host/*.c)) $(wildcard runtime/port/host/*.S)
PROBE_SRC    := $(wildcard runtime/probe/*.c)
VM_MAIN      := runtime/port/host/frostvm.c
LUAC_SRC     := $(wildcard runtime/luac/*.c)
ANALYZER_SRC := $(wildcard analyzer/base/*.c reports/*.c analyzer/trace/*.c analyzer/image/*.c analyzer/elf/*.c analyzer/analysis/*.c collectors/*/*.c)
ANALYZER_SRC := $(filter-out $(wildcard collectors/qemu/plugin*.c),$(ANALYZER_SRC))
CMD_SRC      := $(wildcard analyzer/cmd/*.c)
MODELS       := $(wildcard analyzer/models/*.json)
TEMPLATES    := $(wildcard reports/templates/*.css reports/templates/*.js)
UNIT_SRC     := $(wildcard tests/unit/*_test.c)
RUNTIME_UNIT := $(filter tests/unit/core_% tests/unit/compile_% tests/unit/lfs_% tests/unit/flash_%,$(UNIT_SRC))
TOOL_UNIT    := $(filter-out $(RUNTIME_UNIT),$(UNIT_SRC))

LIBEXEC := $(B)/libexec/frost
VMS     := float-plain float-probed integer-plain integer-probed
# The build that counts its loads needs gcc's hooks, which sanitizers would use themselves.
ifneq ($(and $(IS_GCC),$(if $(SAN),,yes)),)
  VMS   += float-traced integer-traced
endif
VM_BINS := $(VMS:%=$(LIBEXEC)/frostvm-%)
LUACS   := $(LIBEXEC)/frostluac-float $(LIBEXEC)/frostluac-integer

all: packages $(B)/frost $(VM_BINS) $(LUACS) plugin ## build everything (default)
.DEFAULT_GOAL := all

# ---- packages ----

PACKAGE_SET := build
packages: ; $(Q)sh tests/support/packages build $(B)
packages-test: ; $(Q)sh tests/support/packages test $(B)
packages-fuzz: ; $(Q)sh tests/support/packages fuzz $(B)
.PHONY: all packages packages-test packages-fuzz

# ---- the runtime, once per build of numbers and probes ----

flags-float-plain    :=
flags-float-probed   := -DFROST_PROBED
flags-integer-plain  := -DFROST_INTEGER
flags-integer-probed := -DFROST_INTEGER -DFROST_PROBED
flags-float-traced   := -DFROST_PROBED -DFROST_TRACED
flags-integer-traced := -DFROST_INTEGER -DFROST_PROBED -DFROST_TRACED
# Traced: gcc reports each load of RUNTIME_SRC, the linker each call that reads blocks in libc.
# Red zones of the heap belong to another sanitizer.
LOADS_FLAGS := -fsanitize=kernel-address --param asan-instrumentation-with-call-threshold=0 --param asan-stack=0 \
  --param asan-globals=0 --param asan-instrument-writes=0 -fno-tree-vectorize -fno-builtin -U__SANITIZE_ADDRESS__
LOADS_WRAPS := $(foreach f,memcpy memmove memcmp memchr strlen strcmp strncmp strchr strrchr strstr strspn strcspn strpbrk,-Wl,--wrap=$f)
loads_flags = $(if $(and $(findstring traced,$1),$(filter $(RUNTIME_SRC),$2)),$(LOADS_FLAGS))

LINK_VM = $(CC) $(CFLAGS) $(SANFLAGS) -no-pie -Wl,--build-id -Wl,--section-start=.frost_chip=0x3FFE8000 -Wl,--section-start=.frost_stack=0x41000000 -Wl,-z,noexecstack
VM_LIBS := -lz -lm -lpthread
# Static: four more shared libraries would cost every start a millisecond.
EDIT_LIBS := -Wl,-Bstatic -ledit -ltinfo -lbsd -lmd -Wl,-Bdynamic

define vm_rules
OBJ_$(1) := $$(patsubst %,$(B)/obj/$(1)/%.o,$$(basename $(RUNTIME_SRC) $(HOST_SRC) $(if $(findstring plain,$(1)),,$(PROBE_SRC))))
$(B)/obj/$(1)/%.o: %.c | packages
	$$(call say,CC,$(1) $$<)
	@mkdir -p $$(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) $(SANFLAGS) $(VMFLAGS) $$(flags-$(1)) $$(call loads_flags,$(1),$$<) -c $$< -o $$@
$(B)/obj/$(1)/%.o: %.S | packages
	@mkdir -p $$(@D)
	$(Q)$(CC) $(COMMON) $$(flags-$(1)) -c $$< -o $$@
$(B)/obj/$(1)/libruntime.a: $$(OBJ_$(1))
	$$(call say,AR,$$@)
	$(Q)rm -f $$@ && ar rcs $$@ $$(OBJ_$(1))
$(LIBEXEC)/frostvm-$(1): $(B)/obj/$(1)/$(basename $(VM_MAIN)).o $(B)/obj/$(1)/libruntime.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(LINK_VM) $(if $(findstring traced,$(1)),$(LOADS_WRAPS)) -o $$@ $$< -Wl,--whole-archive $(B)/obj/$(1)/libruntime.a -Wl,--no-whole-archive $(EDIT_LIBS) $(VM_LIBS)
-include $$(OBJ_$(1):.o=.d) $(B)/obj/$(1)/$(basename $(VM_MAIN)).d
endef
$(foreach c,$(VMS),$(eval $(call vm_rules,$(c))))

define luac_rules
$(LIBEXEC)/frostluac-$(1): $$(patsubst %.c,$(B)/obj/$(1)-plain/%.o,$(LUAC_SRC)) $(B)/obj/$(1)-plain/libruntime.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(LINK_VM) -o $$@ $$^ $(VM_LIBS)
-include $$(patsubst %.c,$(B)/obj/$(1)-plain/%.d,$(LUAC_SRC))
endef
$(foreach n,float integer,$(eval $(call luac_rules,$(n))))

# ---- the chip, and what watches it under QEMU ----

include runtime/port/esp8266/rules.mk

PLUGIN_SRC := $(wildcard collectors/qemu/plugin*.c)
PLUGIN     := $(if $(PLUGIN_SRC),$(LIBEXEC)/frost-qemu.so)
$(B)/obj/plugin/%.o: %.c | packages
	$(call say,CC,plugin $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) -fPIC -fvisibility=hidden -c $< -o $@
$(LIBEXEC)/frost-qemu.so: $(PLUGIN_SRC:%.c=$(B)/obj/plugin/%.o)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -shared -o $@ $^
-include $(PLUGIN_SRC:%.c=$(B)/obj/plugin/%.d)
.PHONY: plugin
plugin: $(PLUGIN)

# ---- the analyzer: one library, one program ----

TOOL_OBJ := $(ANALYZER_SRC:%.c=$(B)/obj/tool/%.o) $(MODELS:%.json=$(B)/obj/tool/%.o) $(TEMPLATES:%=$(B)/obj/tool/%.o)
CMD_OBJ  := $(CMD_SRC:%.c=$(B)/obj/tool/%.o)
$(B)/obj/tool/%.o: %.c | packages
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) $(SANFLAGS) -c $< -o $@
# A model becomes the string model_NAME (dashes and dots as underscores).
$(B)/obj/tool/analyzer/models/%.o: analyzer/models/%.json | packages
	@mkdir -p $(@D)
	$(Q)sh analyzer/models/embed $< $(@:.o=.c) && $(CC) $(CFLAGS) -c $(@:.o=.c) -o $@
$(TEMPLATES:%=$(B)/obj/tool/%.o): $(B)/obj/tool/%.o: % | packages
	@mkdir -p $(@D)
	$(Q)sh reports/templates/embed $< $(@:.o=.c) && $(CC) $(CFLAGS) -c $(@:.o=.c) -o $@
$(B)/libfrost.a: $(TOOL_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $(TOOL_OBJ)
TOOL_LIBS := -ljansson -ldw -lelf -lz -lm
$(B)/frost: $(CMD_OBJ) $(B)/libfrost.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) -o $@ $(CMD_OBJ) $(B)/libfrost.a $(TOOL_LIBS)
-include $(TOOL_OBJ:.o=.d) $(CMD_OBJ:.o=.d)

# ---- tests ----

TOOL_TESTS    := $(TOOL_UNIT:tests/unit/%.c=$(B)/tests/%)
RUNTIME_TESTS := $(RUNTIME_UNIT:tests/unit/%.c=$(B)/tests/%)
TEST_SUPPORT  := $(wildcard tests/support/*.c)
$(TOOL_TESTS): $(B)/tests/%: tests/unit/%.c $(B)/libfrost.a
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) $(SANFLAGS) -o $@ $< $(B)/libfrost.a $(TOOL_LIBS)
$(RUNTIME_TESTS): $(B)/tests/%: tests/unit/%.c $(B)/obj/float-plain/libruntime.a
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) $(SANFLAGS) $(VMFLAGS) -c $< -o $@.o
	$(Q)$(LINK_VM) -o $@ $@.o $(B)/obj/float-plain/libruntime.a $(VM_LIBS)
unit-programs: $(TOOL_TESTS) $(RUNTIME_TESTS)

.PHONY: unit-programs test check check-clang check-unit check-lua check-golden check-e2e demo help clean tidy bench
test: packages-test all esp8266 unit-programs ## what CI runs: everything but long fuzzing
	$(Q)O=$(B) SEED=$(SEED) sh tests/run
check: packages all unit-programs ## the quick part of the tests
	$(Q)O=$(B) SEED=$(SEED) sh tests/run unit lua golden
check-unit: all unit-programs ; $(Q)O=$(B) sh tests/run unit
check-lua: all ; $(Q)O=$(B) sh tests/run lua
check-golden: all ; $(Q)O=$(B) sh tests/run golden
# A warning is an error. CFLAGS as by default: gcc sees some
# faults only while it optimises.
check-clang: packages-test ## everything compiles with clang and with gcc without warnings
	$(Q)+$(MAKE) O=$(O)/clang CC=clang WERROR=1 all unit-programs
	$(Q)+$(MAKE) O=$(O)/werror CC=gcc WERROR=1 all unit-programs
check-e2e: all ; $(Q)O=$(B) sh tests/run e2e

demo: all ## the main job on an example: report in build/demo/
	$(Q)rm -rf $(B)/demo && $(B)/frost profile examples/sensor-node -o $(B)/demo

FUZZ_CC ?= clang
fuzz-%: packages-fuzz all ## fuzz a parser (lc, lc-integer, image, trace, serial, console, source) for FUZZ_SECONDS; FUZZ_ENGINE=afl
	$(Q)O=$(B) CC=$(FUZZ_CC) SECONDS_MAX=$(or $(FUZZ_SECONDS),60) FUZZ_ENGINE=$(or $(FUZZ_ENGINE),libfuzzer) sh tests/fuzz/run $*

.PHONY: stress
stress: packages-test all ## every script with each of its allocations failing (hours)
	$(Q)O=$(B) ALL=1 sh tests/faults/stress.sh

bench: packages-test all ## measure; writes build/bench.json
	$(Q)O=$(B) sh tests/bench/run

# ---- installation ----

PREFIX  ?= /usr/local
DESTDIR ?=
BIN  := $(DESTDIR)$(PREFIX)/bin
LIB  := $(DESTDIR)$(PREFIX)/libexec/frost
MAN  := $(DESTDIR)$(PREFIX)/share/man/man1
COMP := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
DOC  := $(DESTDIR)$(PREFIX)/share/doc/frostline
COMMANDS = $(shell $(B)/frost help --names)

.PHONY: install uninstall deb
install: all ## install below PREFIX (/usr/local), DESTDIR in front
	install -d $(BIN) $(LIB) $(MAN) $(COMP) $(DOC)
	install -m 755 $(B)/frost $(BIN)/frost
	install -m 755 $(VM_BINS) $(LUACS) $(PLUGIN) $(LIB)
	$(B)/frost help --man > $(MAN)/frost.1
	for c in $(COMMANDS); do $(B)/frost help --man $$c > $(MAN)/frost-$$c.1 || exit 1; done
	$(B)/frost help --completion > $(COMP)/frost
	install -m 644 README.md LICENSE collectors/device/frostline.lua $(DOC)
uninstall: ## take away what install put there
	rm -f $(BIN)/frost $(MAN)/frost.1 $(MAN)/frost-*.1 $(COMP)/frost
	rm -rf $(LIB) $(DOC)
deb: all ## a Debian package in build/
	$(Q)O=$(B) VERSION=$(VERSION) MAKE="$(MAKE)" sh tests/support/make-deb

clean: ; rm -rf $(O)
help: ## this list
	@grep -hE '^[a-z0-9%-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16
