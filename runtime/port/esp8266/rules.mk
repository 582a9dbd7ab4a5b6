# rules.mk: the ESP8266 target. `make esp8266` makes build/esp8266/: frost.elf, frost.bin (what the
# boot ROM loads), flash.bin (4 MiB, ready to be written), and starts of it under QEMU; the same of
# the other builds in directories of their own below it.
#
# ESP_NARROW=1 switches the reading of flash by words off (-mforce-l32), as in stock firmware.

CROSS      ?= xtensa-lx106-elf-
ESP        := $(B)/esp8266
ESP_PORT   := runtime/port/esp8266
# What only hosts have.
ESP_ABSENT := $(addprefix runtime/lib/,iolib.c iolib_text.c oslib.c debuglib_pc.c) runtime/core/check.c runtime/probe/ring.c runtime/probe/loads.c
# Drivers that runtime/lib/rom_modules.h leaves out of the chip.
ESP_ABSENT += $(addprefix runtime/nodemcu/io/,bme280.c bme280_math.c bosch.c)
ESP_SRC    := $(RUNTIME_SRC) $(filter-out $(addprefix $(ESP_PORT)/,mkimage.c file_server.c),$(wildcard $(ESP_PORT)/*.c))
ESP_ROM_STUB_OBJ := $(addprefix $(ESP)/obj/any-any/$(ESP_PORT)/,rom_stub/rom_stub.o rom_stub/rom_stub_entries.o soft.o)

ESP_SPECS  := --specs=/usr/lib/xtensa-lx106-elf/picolibc.specs
ESP_CFLAGS := $(ESP_SPECS) -Os -g -I$(ESP_PORT)/include -fno-strict-aliasing -fno-asynchronous-unwind-tables -mtext-section-literals -mlongcalls \
  $(if $(ESP_NARROW),,-mforce-l32) -DFROST_RUNTIME -DFROST_CHIP
# No sections are collected: .debug_aranges of collected ones would end libdw's table early.
ESP_LINK   = $(CROSS)gcc $(ESP_SPECS) -nostartfiles -Wl,--no-gc-sections -Wl,--build-id=sha1
# Traps must not need tables of the window; the helpers must not become calls of themselves.
ESP_PORT_FLAGS := -fno-jump-tables -fno-tree-loop-distribute-patterns

# The builds, and where each lies: the first is the plain one that a chip gets.
ESP_BUILDS := float-plain integer-plain float-probed integer-probed
esp_dir = $(ESP)$(if $(filter float-plain,$1),,/$1)

define esp_object_rules # NUMBERS,PROBES
$(ESP)/obj/$1-$2/$(ESP_PORT)/%.o: ESP_MORE := $(ESP_PORT_FLAGS)
$(addprefix $(ESP)/obj/$1-$2/$(ESP_PORT)/,clib.o decimal.o print.o scan.o): ESP_MORE := -mforce-l32 -fno-builtin -fno-tree-loop-distribute-patterns
$(ESP)/obj/$1-$2/%.o: %.c | esp8266-packages
	$$(call say,CC,chip $1-$2 $$<)
	@mkdir -p $$(@D)
	$(Q)$(CROSS)gcc $(COMMON) $(ESP_CFLAGS) $(number_flags_$1) $(probe_flags_$2) $$(ESP_MORE) -c $$< -o $$@
endef
$(foreach n,float integer any,$(foreach p,plain probed any,$(eval $(call esp_object_rules,$n,$p))))
ESP_START := $(ESP)/obj/any-any/$(ESP_PORT)/start.o
$(ESP)/obj/any-any/%.o: %.S | esp8266-packages
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -mtext-section-literals -mlongcalls -g -I. -c $< -o $@

esp_objects = $(addprefix $(ESP)/obj/,$(call objects_of,$(filter-out $(ESP_ABSENT),$(ESP_SRC) $(if $(filter probed,$2),$(PROBE_SRC))),$1,$2,any))
define esp_rules # BUILD,DIRECTORY
ESP_OBJ_$(1) := $(call esp_objects,$(firstword $(subst -, ,$1)),$(lastword $(subst -, ,$1))) $(ESP_START)
$(2)/frost.elf: $$(ESP_OBJ_$(1)) $(ESP_PORT)/chip.ld $(ESP_PORT)/rom.ld
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$$(ESP_LINK) -Wl,-Map=$(2)/frost.map -T $(ESP_PORT)/chip.ld $(ESP_PORT)/rom.ld $$(ESP_OBJ_$(1)) -lm -o $$@
$(2)/flash.bin: $(2)/frost.elf $(ESP)/mkimage
	$$(call say,BIN,$$@)
	$(Q)$(CROSS)objcopy -O binary -j .iram $$< $(2)/iram.bin
	$(Q)$(CROSS)objcopy -O binary -j .data $$< $(2)/dram.bin
	$(Q)$(CROSS)objcopy -O binary -j .irom.text -j .irom.rodata -j .note.gnu.build-id $$< $(2)/irom.bin
	$(Q)set -- $$$$($(CROSS)nm $$< | awk '$$$$3 == "chip_start" {e = $$$$1} $$$$3 == "chip_data_start" {d = $$$$1} END {print "0x" e, "0x" d}'); \
	  $(ESP)/mkimage $$$$1 0x40100000 $(2)/iram.bin $$$$2 $(2)/dram.bin $(2)/irom.bin $(2)/frost.bin $$@
endef
$(foreach c,$(ESP_BUILDS),$(eval $(call esp_rules,$c,$(call esp_dir,$c))))
-include $(sort $(foreach c,$(ESP_BUILDS),$(ESP_OBJ_$c:.o=.d)))

# Code of the ROM stub is no part of the firmware.
$(ESP)/obj/any-any/$(ESP_PORT)/rom_stub/%.o: ESP_MORE := $(ESP_PORT_FLAGS) -fno-builtin -ffreestanding
$(ESP)/obj/any-any/$(ESP_PORT)/rom_stub/rom_stub_entries.o: $(ESP_PORT)/rom_stub/rom_stub.S | esp8266-packages
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -mtext-section-literals -g -c $< -o $@
$(ESP)/rom_stub.elf: $(ESP_ROM_STUB_OBJ) $(ESP_PORT)/rom_stub/rom_stub.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc -nostdlib -Wl,--no-gc-sections -T $(ESP_PORT)/rom_stub/rom_stub.ld $(ESP_ROM_STUB_OBJ) -lgcc -o $@
-include $(ESP_ROM_STUB_OBJ:.o=.d)
$(ESP)/mkimage: $(ESP_PORT)/mkimage.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) -o $@ $<
$(LIBEXEC)/frost-esp8266-files: $(ESP_PORT)/file_server.c $(addprefix runtime/port/host/directory_,files.c files.h names.c names.h) runtime/world/vary.c $(ESP_PORT)/file_request.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) -MF $(ESP)/file_server.d $(CFLAGS) -o $@ $(filter %.c,$^)
$(LIBEXEC)/frostvm-esp8266: $(ESP_PORT)/frostvm-esp8266 $(LIBEXEC)/frost-esp8266-files
	@mkdir -p $(@D)
	$(Q)install -m 755 $< $@

# Programs look for the firmware beside themselves, in the build tree and installed alike.
$(LIBEXEC)/esp8266: | $(LIBEXEC)/frostvm-esp8266
	$(Q)ln -sfn ../../esp8266 $@
# What a start under QEMU and the analysis of its trace need.
esp_install = $(foreach c,$(ESP_BUILDS),$(patsubst $(ESP)%,%/,$(call esp_dir,$c)))
install-esp8266: esp8266
	install -d $(foreach d,$(esp_install),$(LIB)/esp8266$d)
	$(foreach d,$(esp_install),install -m 644 $(ESP)$(d)flash.bin $(ESP)$(d)frost.elf $(LIB)/esp8266$d &&) :
	install -m 644 $(ESP)/rom_stub.elf $(LIB)/esp8266
	install -m 755 $(LIBEXEC)/frostvm-esp8266 $(LIBEXEC)/frost-esp8266-files $(LIB)
.PHONY: esp8266 esp8266-packages install-esp8266
esp8266-packages: ; $(Q)sh tests/support/packages esp8266 $(B)
esp8266: $(foreach c,$(ESP_BUILDS),$(call esp_dir,$c)/flash.bin) $(ESP)/rom_stub.elf $(LIBEXEC)/frostvm-esp8266 $(LIBEXEC)/esp8266 ## the chip's firmware into build/esp8266/
	$(Q)for c in $(ESP_BUILDS); do \
	  d=$(ESP); [ $$c = float-plain ] || d=$$d/$$c; \
	  $(CROSS)size -A $$d/frost.elf | awk -v name=$$c -f $(ESP_PORT)/regions.awk; done

.PHONY: bench-esp8266
bench-esp8266: all esp8266 ## instructions and sizes on the chip, beside kept figures (BLESS=1 keeps them)
	$(Q)O=$(B) BLESS=$(BLESS) sh tests/bench/esp8266
