# Frostline. `make help` lists the targets. The build directory's name holds what changes an object.

O        ?= build
CC       ?= cc
CFLAGS   ?= -O2 -g
SAN      ?=
DEBUG    ?=
WERROR   ?=
V        ?=
SEED     ?= 1

# Every rule is here. Searching make's own for each header that the dependencies name took most of
# the time of a make that has nothing to do.
MAKEFLAGS += --no-builtin-rules

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
COMMON   := -std=gnu11 -D_GNU_SOURCE -I. $(WARNINGS) $(if $(WERROR),-Werror) -MMD -MP
# A program at addresses that the linker has chosen starts in four fifths of the time, most of which ASan takes.
SAN_START := -fno-pie -no-pie
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=undefined $(SAN_START)) $(if $(DEBUG),-O0 -DFROST_DEBUG)
# Objects are read through several struct types that begin alike.
VMFLAGS  := -fno-strict-aliasing -fno-pie -fno-stack-protector -DFROST_RUNTIME

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2))

# As many jobs as processors, unless the user has said how many.
in_parallel = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# ---- sources, in the order of data flow ----

below         = $(foreach d,$1,$(wildcard $d/*.c $d/*/*.c $d/*/*/*.c))
RUNTIME_SRC  := $(call below,runtime/core runtime/flash runtime/freezer runtime/lib runtime/nodemcu) $(wildcard runtime/world/*.c)
HOST_SRC     := $(filter-out runtime/port/host/frostvm.c,$(wildcard runtime/port/host/*.c)) $(wildcard runtime/port/host/*.S) $(wildcard runtime/world/host/*.c)
PROBE_SRC    := $(wildcard runtime/probe/*.c)
VM_MAIN      := runtime/port/host/frostvm.c
LUAC_SRC     := $(wildcard runtime/luac/*.c)
ANALYZER_SRC := $(call below,analyzer/base reports analyzer/trace analyzer/image analyzer/flash analyzer/elf analyzer/analysis analyzer/history collectors analyzer/job)
ANALYZER_SRC := $(filter-out $(wildcard collectors/qemu/plugin*.c),$(ANALYZER_SRC))
CMD_SRC      := $(call below,analyzer/cmd)
# The runtime's flash, for whole flash files: all but what programs see of it; how names are spelled.
TOOL_FLASH   := $(filter-out %/file_system.c %/store_files.c,$(call below,runtime/flash)) runtime/port/host/directory_names.c
MODELS       := $(wildcard analyzer/models/*.json)
TEMPLATES    := $(wildcard reports/templates/*.css reports/templates/*.js analyzer/job/*.lua)
UNIT_SRC     := $(wildcard tests/unit/*_test.c)
FLASH_UNIT   := $(filter tests/unit/simflash_% tests/unit/flash_faults_% tests/unit/freezer_area_% tests/unit/partition_table_% tests/unit/store_%,$(UNIT_SRC))
RUNTIME_UNIT := $(filter tests/unit/core_% tests/unit/wifi_% tests/unit/compile_% tests/unit/lfs_% tests/unit/flash_% tests/unit/host_% tests/unit/net_%,$(UNIT_SRC))
RUNTIME_UNIT := $(filter-out $(FLASH_UNIT),$(RUNTIME_UNIT))
TOOL_UNIT    := $(filter-out $(RUNTIME_UNIT) $(FLASH_UNIT),$(UNIT_SRC))

LIBEXEC := $(B)/libexec/frost
VMS     := float-plain float-probed integer-plain integer-probed
# The build that counts its loads needs gcc's hooks, which sanitizers would use themselves.
ifneq ($(and $(IS_GCC),$(if $(SAN),,yes)),)
  VMS   += float-traced integer-traced
endif
VM_BINS := $(VMS:%=$(LIBEXEC)/frostvm-%)
LUACS   := $(LIBEXEC)/frostluac-float $(LIBEXEC)/frostluac-integer

# The Lua side of world scripts lies beside the VMs.
WORLD_LUA := $(patsubst runtime/world/host/lua/%,$(LIBEXEC)/world/%,$(wildcard runtime/world/host/lua/*.lua))
$(LIBEXEC)/world/%.lua: runtime/world/host/lua/%.lua
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

world-lua: $(WORLD_LUA)
all: packages $(B)/frost $(B)/frost-lua $(VM_BINS) $(LUACS) world-lua plugin ## build everything (default)
.DEFAULT_GOAL := all

# ---- packages ----

PACKAGE_SET := build
packages: ; $(Q)sh tests/support/packages build $(B)
packages-check: ; $(Q)sh tests/support/packages check $(B)
packages-test: ; $(Q)sh tests/support/packages test $(B)
packages-fuzz: ; $(Q)sh tests/support/packages fuzz $(B)
packages-deb: ; $(Q)sh tests/support/packages deb $(B)
.PHONY: all packages packages-check packages-test packages-fuzz packages-deb

# ---- the runtime, once per build of numbers and probes ----

include runtime/builds.mk

# Traced: gcc reports each load of RUNTIME_SRC, the linker each call that reads blocks in libc.
# Red zones of the heap belong to another sanitizer.
LOADS_FLAGS := -fsanitize=kernel-address --param asan-instrumentation-with-call-threshold=0 --param asan-stack=0 \
  --param asan-globals=0 --param asan-instrument-writes=0 -fno-tree-vectorize -fno-builtin -U__SANITIZE_ADDRESS__
LOADS_WRAPS := $(foreach f,memcpy memmove memcmp memchr strlen strcmp strncmp strchr strrchr strstr strspn strcspn strpbrk,-Wl,--wrap=$f)
loads_flags = $(if $(and $(filter traced,$1),$(filter $(RUNTIME_SRC),$2)),$(LOADS_FLAGS))

LINK_VM = $(CC) $(CFLAGS) $(SANFLAGS) -no-pie -Wl,--build-id -Wl,--section-start=.frost_chip=0x3FFE8000 -Wl,--section-start=.frost_stack=0x41000000 -Wl,--section-start=.frost_top=0x7F300000 -Wl,-z,noexecstack
VM_LIBS := -lz -lm -lpthread
# Static, as libedit.
WORLD_LIBS := -l:libuv_a.a
# Static: four more shared libraries would cost every start a millisecond.
EDIT_LIBS := -Wl,-Bstatic -ledit -ltinfo -lbsd -lmd -Wl,-Bdynamic

define object_rules # NUMBERS,PROBES
$(B)/obj/$1-$2/%.o: %.c | packages
	$$(call say,CC,$1-$2 $$<)
	@mkdir -p $$(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) $(SANFLAGS) $(VMFLAGS) $(number_flags_$1) $(probe_flags_$2) $$(call loads_flags,$2,$$<) -c $$< -o $$@
$(B)/obj/$1-$2/%.o: %.S | packages
	@mkdir -p $$(@D)
	$(Q)$(CC) $(COMMON) $(number_flags_$1) $(probe_flags_$2) -c $$< -o $$@
endef
$(foreach n,float integer any,$(foreach p,plain probed traced any,$(eval $(call object_rules,$n,$p))))

define vm_rules # NUMBERS,PROBES
OBJ_$1-$2 := $(addprefix $(B)/obj/,$(call objects_of,$(RUNTIME_SRC),$1,$2,$(if $(filter traced,$2),traced,any)) \
  $(call objects_of,$(HOST_SRC) $(if $(filter-out plain,$2),$(PROBE_SRC)),$1,$2,any))
$(B)/obj/$1-$2/libruntime.a: $$(OBJ_$1-$2)
	$$(call say,AR,$$@)
	$(Q)rm -f $$@ && ar rcs $$@ $$(OBJ_$1-$2)
$(LIBEXEC)/frostvm-$1-$2: $(B)/obj/$1-$2/$(basename $(VM_MAIN)).o $(B)/obj/$1-$2/libruntime.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(LINK_VM) $(if $(filter traced,$2),$(LOADS_WRAPS)) -o $$@ $$< -Wl,--whole-archive $(B)/obj/$1-$2/libruntime.a -Wl,--no-whole-archive $(EDIT_LIBS) $(WORLD_LIBS) $(VM_LIBS)
-include $(B)/obj/$1-$2/$(basename $(VM_MAIN)).d
endef
$(foreach c,$(VMS),$(eval $(call vm_rules,$(firstword $(subst -, ,$c)),$(lastword $(subst -, ,$c)))))
-include $(sort $(foreach c,$(VMS),$(OBJ_$c:.o=.d)))

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

PLUGIN_SRC := $(wildcard collectors/qemu/plugin*.c) analyzer/base/arena.c analyzer/base/hash_table.c
PLUGIN     := $(LIBEXEC)/frost-qemu.so
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

TOOL_OBJ := $(ANALYZER_SRC:%.c=$(B)/obj/tool/%.o) $(TOOL_FLASH:%.c=$(B)/obj/tool/%.o) $(MODELS:%.json=$(B)/obj/tool/%.o) $(TEMPLATES:%=$(B)/obj/tool/%.o)
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
# libpq is loaded when it is needed (analyzer/history/history_postgres.c).
TOOL_LIBS := -ldl -lsqlite3 -ljansson -ldw -lelf -l:libiberty.a -lz -lm
$(B)/frost: $(CMD_OBJ) $(B)/libfrost.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) -o $@ $(CMD_OBJ) $(B)/libfrost.a $(TOOL_LIBS)
-include $(TOOL_OBJ:.o=.d) $(CMD_OBJ:.o=.d)
# The name under which scripts call an interpreter (analyzer/cmd/lua_program.h).
$(B)/frost-lua: | $(B)/frost
	$(Q)ln -sf frost $@

# ---- tests ----

TOOL_TESTS    := $(TOOL_UNIT:tests/unit/%.c=$(B)/tests/%)
RUNTIME_TESTS := $(RUNTIME_UNIT:tests/unit/%.c=$(B)/tests/%)
POWERLOSS_SRC := $(wildcard tests/powerloss/*_test.c)
POWERLOSS     := $(POWERLOSS_SRC:tests/powerloss/%.c=$(B)/tests/%)
TEST_SUPPORT  := $(wildcard tests/support/*.c)
# Objects of their own: most changes of the product only link the programs again.
$(TOOL_TESTS:%=%.o) $(RUNTIME_TESTS:%=%.o): $(B)/tests/%.o: tests/unit/%.c | packages
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) $(SANFLAGS) $(if $(filter $<,$(RUNTIME_UNIT)),$(VMFLAGS)) -c $< -o $@
$(TOOL_TESTS): %: %.o $(B)/libfrost.a
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) -o $@ $< $(B)/libfrost.a $(TOOL_LIBS)
# The sections of the address map are wanted in all: without them the C library's heap may begin
# anywhere in the lowest gigabyte, also where a test maps the chip's.
$(RUNTIME_TESTS): %: %.o $(B)/obj/float-plain/libruntime.a
	$(Q)$(LINK_VM) -Wl,-u,host_chip_range -o $@ $< $(B)/obj/float-plain/libruntime.a $(WORLD_LIBS) $(VM_LIBS)
-include $(TOOL_TESTS:%=%.d) $(RUNTIME_TESTS:%=%.d)
# The model of a flash, and what cuts its power: no driver, port or heap, so no addresses either.
FLASH_SRC   := $(call below,runtime/flash) $(wildcard runtime/freezer/area*.c) runtime/freezer/sink.c tests/support/simflash.c $(filter-out %_test.c,$(wildcard tests/powerloss/*.c))
FLASH_OBJ   := $(FLASH_SRC:%.c=$(B)/obj/flash/%.o)
FLASH_TESTS := $(FLASH_UNIT:tests/unit/%.c=$(B)/tests/%)
$(B)/obj/flash/%.o: %.c | packages
	$(call say,CC,flash $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) $(SANFLAGS) -fno-strict-aliasing -DFROST_RUNTIME -c $< -o $@
$(FLASH_TESTS): $(B)/tests/%: $(B)/obj/flash/tests/unit/%.o
$(POWERLOSS): $(B)/tests/%: $(B)/obj/flash/tests/powerloss/%.o
$(FLASH_TESTS) $(POWERLOSS): $(FLASH_OBJ)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) -o $@ $^
-include $(patsubst %.c,$(B)/obj/flash/%.d,$(FLASH_SRC) $(FLASH_UNIT) $(POWERLOSS_SRC))
unit-programs: $(TOOL_TESTS) $(RUNTIME_TESTS) $(FLASH_TESTS) $(POWERLOSS)

.PHONY: world-lua unit-programs test check check-clang check-unit check-lua check-golden check-e2e check-powerloss powerloss powerloss-exhaustive demo help clean tidy format bench
test: packages-test all esp8266 unit-programs ## what CI runs: everything but long fuzzing
	$(Q)O=$(B) SEED=$(SEED) FIRMWARE_IS_BUILT=yes sh tests/run
check: packages-check all unit-programs ## the quick part of the tests
	$(Q)O=$(B) SEED=$(SEED) sh tests/run unit lua golden
check-unit: packages-check all unit-programs ; $(Q)O=$(B) sh tests/run unit
check-lua: packages-check all ; $(Q)O=$(B) sh tests/run lua
tidy: packages-check all ## house style, formatting, circles of files
	$(Q)O=$(B) sh tests/tidy/run
format: packages-check ## clang-format on every source and header
	$(Q)git ls-files -z '*.c' '*.h' | xargs -0 -n 50 clang-format -i
check-golden: all ; $(Q)O=$(B) sh tests/run golden
.PHONY: api
api: all ## runtime/nodemcu/API.md: what of the firmware's modules is here
	$(Q)$(B)/frost run --profile pc runtime/nodemcu/api.lua runtime/lib/rom_modules.h $(sort $(call below,runtime/nodemcu)) >$(B)/API.md
	$(Q)mv $(B)/API.md runtime/nodemcu/API.md
# A warning is an error. CFLAGS as by default: gcc sees some
# faults only while it optimises.
check-clang: packages-test ## everything compiles with clang and with gcc without warnings
	$(Q)+$(MAKE) O=$(O)/clang CC=clang WERROR=1 all unit-programs
	$(Q)+$(MAKE) O=$(O)/werror CC=gcc WERROR=1 all unit-programs
check-e2e: all ; $(Q)O=$(B) sh tests/run e2e
check-powerloss: $(POWERLOSS) ## a cut anywhere in a write to flash; POWERLOSS=none,linear,log,exhaustive:N,replay:ID
	$(Q)O=$(B) SEED=$(SEED) sh tests/run powerloss
powerloss: $(POWERLOSS) ## ten million cuts, 100,000 of them at real size: every way in which a word can be torn (minutes)
	$(Q)O=$(B) SEED=$(SEED) sh tests/powerloss/run
powerloss-exhaustive: $(POWERLOSS) ## every pair of cuts, the second in the repair (minutes)
	$(Q)O=$(B) SEED=$(SEED) POWERLOSS=none,exhaustive:2 TEST_SECONDS_MAX=36000 sh tests/run powerloss

# Just what the demonstration runs: a bare machine has it in half the time.
DEMO_PROGRAMS := $(B)/frost $(LIBEXEC)/frostvm-float-probed $(LIBEXEC)/frostluac-float
demo: packages ## the main job on an example: report in build/demo/
	$(Q)+$(MAKE) --no-print-directory $(in_parallel) $(DEMO_PROGRAMS)
	$(Q)rm -rf $(B)/demo && $(B)/frost profile examples/sensor-node -o $(B)/demo
	@echo "open $(B)/demo/report.html"

FUZZ_CC ?= clang
fuzz-%: packages-fuzz all ## fuzz a parser (lc, lc-integer, image, freezer, flash, trace, serial, console, source, world, replay, elf) for FUZZ_SECONDS; FUZZ_ENGINE=afl
	$(Q)O=$(B) CC=$(FUZZ_CC) SECONDS_MAX=$(or $(FUZZ_SECONDS),60) FUZZ_ENGINE=$(or $(FUZZ_ENGINE),libfuzzer) sh tests/fuzz/run $*

.PHONY: stress
stress: packages-test all ## every script with each of its allocations failing (hours)
	$(Q)O=$(B) ALL=1 sh tests/faults/stress.sh

.PHONY: mutants
mutants: packages-test all unit-programs ## put N=300 faults into copies of the product: do the tests notice? SEED= DIR=
	$(Q)O=$(B) CC="$(CC)" SEED=$(SEED) nice sh tests/mutants/run

bench: packages-test all ## measure; writes build/bench.json
	$(Q)O=$(B) sh tests/bench/run

# ---- installation ----

PREFIX  ?= /usr/local
DESTDIR ?=
BIN  := $(DESTDIR)$(PREFIX)/bin
LIB  := $(DESTDIR)$(PREFIX)/libexec/frost
MAN  := $(DESTDIR)$(PREFIX)/share/man/man1
COMP := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSH  := $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions
FISH := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
DOC  := $(DESTDIR)$(PREFIX)/share/doc/frostline
COMMANDS = $(shell $(B)/frost help --names)
# At their places in the tree: texts and messages name them by these.
DOC_FILES := README.md LICENSE $(addsuffix /README.md,analyzer collectors collectors/device reports runtime tests \
  runtime/freezer runtime/port/esp8266 runtime/world/host/lua) runtime/nodemcu/API.md collectors/device/frostline.lua \
  $(addprefix reports/examples/,heap.svg compare.svg) \
  tests/nodemcu/ledger-differences.txt

.PHONY: install uninstall deb
install: all install-esp8266 ## install below PREFIX (/usr/local), DESTDIR in front
	install -d $(BIN) $(LIB)/world $(MAN) $(COMP) $(ZSH) $(FISH) $(DOC)
	install -m 755 $(B)/frost $(BIN)/frost
	ln -sf frost $(BIN)/frost-lua
	install -m 755 $(VM_BINS) $(LUACS) $(PLUGIN) $(LIB)
	install -m 644 $(WORLD_LUA) $(LIB)/world
	$(B)/frost help --man > $(MAN)/frost.1
	echo ".so man1/frost-run.1" > $(MAN)/frost-lua.1
	for c in $(COMMANDS); do $(B)/frost help --man $$c > $(MAN)/frost-$$c.1 || exit 1; done
	$(B)/frost help --completion bash > $(COMP)/frost
	$(B)/frost help --completion zsh > $(ZSH)/_frost
	$(B)/frost help --completion fish > $(FISH)/frost.fish
	for f in $(DOC_FILES); do install -D -m 644 $$f $(DOC)/$$f || exit 1; done
	cp -r examples $(DOC)
uninstall: ## take away what install put there
	rm -f $(BIN)/frost $(BIN)/frost-lua $(MAN)/frost.1 $(MAN)/frost-*.1 $(COMP)/frost $(ZSH)/_frost $(FISH)/frost.fish
	rm -rf $(LIB) $(DOC)
deb: packages-deb all esp8266 ## a Debian package in build/
	$(Q)+O=$(B) sh tests/support/make-deb

clean: ; rm -rf $(O)
help: ## this list
	@grep -hE '^[a-z0-9%-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16
