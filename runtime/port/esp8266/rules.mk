# rules.mk: the ESP8266 target. `make esp8266` makes build/esp8266/: frost.elf, frost.bin (what the
# boot ROM loads), flash.bin (4 MiB, ready to be written), and starts of it under QEMU.
#
# ESP_NARROW=1 switches the reading of flash by words off (-mforce-l32), as in stock firmware.

CROSS      ?= xtensa-lx106-elf-
ESP        := $(B)/esp8266
ESP_PORT   := runtime/port/esp8266
# What only hosts have.
ESP_ABSENT := $(addprefix runtime/lib/,iolib.c iolib_text.c oslib.c debuglib_pc.c)
ESP_SRC    := $(filter-out $(ESP_ABSENT),$(RUNTIME_SRC)) $(filter-out $(ESP_PORT)/mkimage.c,$(wildcard $(ESP_PORT)/*.c))
ESP_OBJ    := $(ESP_SRC:%.c=$(ESP)/obj/%.o) $(ESP)/obj/$(ESP_PORT)/start.o
ESP_STANDIN_OBJ := $(ESP)/obj/$(ESP_PORT)/standin/standin.o $(ESP)/obj/$(ESP_PORT)/standin/standin_entries.o

ESP_SPECS  := --specs=/usr/lib/xtensa-lx106-elf/picolibc.specs
ESP_CFLAGS := $(ESP_SPECS) -Os -g -fno-strict-aliasing -fno-asynchronous-unwind-tables -mtext-section-literals -mlongcalls \
  $(if $(ESP_NARROW),,-mforce-l32) -DFROST_RUNTIME -DFROST_CHIP -DPICOLIBC_DOUBLE_PRINTF_SCANF
# Traps must not need tables of the window; the helpers must not become calls of themselves.
$(ESP)/obj/$(ESP_PORT)/%.o: ESP_MORE := -fno-jump-tables -fno-tree-loop-distribute-patterns
$(ESP)/obj/$(ESP_PORT)/clib.o: ESP_MORE := -mforce-l32 -fno-builtin -fno-tree-loop-distribute-patterns
# Code of the stand-in is no part of the firmware.
$(ESP)/obj/$(ESP_PORT)/standin/%.o: ESP_MORE := -fno-jump-tables -fno-tree-loop-distribute-patterns -fno-builtin -ffreestanding

$(ESP)/obj/%.o: %.c | esp8266-packages
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(COMMON) $(ESP_CFLAGS) $(ESP_MORE) -c $< -o $@
$(ESP)/obj/%.o: %.S | esp8266-packages
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -mtext-section-literals -mlongcalls -g -c $< -o $@
$(ESP)/obj/$(ESP_PORT)/standin/standin_entries.o: $(ESP_PORT)/standin/standin.S | esp8266-packages
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -mtext-section-literals -g -c $< -o $@

# No sections are collected: .debug_aranges of collected ones would end libdw's table early.
$(ESP)/frost.elf: $(ESP_OBJ) $(ESP_PORT)/chip.ld $(ESP_PORT)/rom.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(ESP_SPECS) -DPICOLIBC_DOUBLE_PRINTF_SCANF -nostartfiles -Wl,--no-gc-sections -Wl,-Map=$(ESP)/frost.map \
	  -T $(ESP_PORT)/chip.ld $(ESP_PORT)/rom.ld $(ESP_OBJ) -lm -o $@
$(ESP)/standin.elf: $(ESP_STANDIN_OBJ) $(ESP_PORT)/standin/standin.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc -nostdlib -Wl,--no-gc-sections -T $(ESP_PORT)/standin/standin.ld $(ESP_STANDIN_OBJ) $(ESP)/obj/$(ESP_PORT)/soft.o -lgcc -o $@
$(ESP)/standin.elf: $(ESP)/obj/$(ESP_PORT)/soft.o
$(ESP)/mkimage: $(ESP_PORT)/mkimage.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) -o $@ $<
$(ESP)/flash.bin: $(ESP)/frost.elf $(ESP)/mkimage
	$(call say,BIN,$@)
	$(Q)$(CROSS)objcopy -O binary -j .iram $< $(ESP)/iram.bin
	$(Q)$(CROSS)objcopy -O binary -j .data $< $(ESP)/dram.bin
	$(Q)$(CROSS)objcopy -O binary -j .irom.text -j .irom.rodata $< $(ESP)/irom.bin
	$(Q)set -- $$($(CROSS)nm $< | awk '$$3 == "chip_start" {e = $$1} $$3 == "chip_data_start" {d = $$1} END {print "0x" e, "0x" d}'); \
	  $(ESP)/mkimage $$1 0x40100000 $(ESP)/iram.bin $$2 $(ESP)/dram.bin $(ESP)/irom.bin $(ESP)/frost.bin $@
$(LIBEXEC)/frostvm-esp8266: $(ESP_PORT)/frostvm-esp8266
	@mkdir -p $(@D)
	$(Q)install -m 755 $< $@

.PHONY: esp8266 esp8266-packages
esp8266-packages: ; $(Q)sh tests/support/packages esp8266 $(B)
esp8266: $(ESP)/flash.bin $(ESP)/standin.elf $(LIBEXEC)/frostvm-esp8266 ## the chip's firmware into build/esp8266/
	$(Q)$(CROSS)size -A $(ESP)/frost.elf | awk -f $(ESP_PORT)/regions.awk
-include $(ESP_OBJ:.o=.d) $(ESP_STANDIN_OBJ:.o=.d)
