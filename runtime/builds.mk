# builds.mk: what differs between the builds of the runtime. A source that does not ask for the kind of numbers
# (FROST_INTEGER) is compiled once for both kinds, one that does not ask for probes (FROST_PROBED, FROST_TRACED)
# once for all of them. Those that do not are listed here; a new one need not be. The compiler refuses a macro to
# whoever claims not to ask for it: runtime/no_numbers.h, runtime/no_probes.h.

number_flags_float   :=
number_flags_integer := -DFROST_INTEGER
number_flags_any     := -include runtime/no_numbers.h
probe_flags_plain    :=
probe_flags_probed   := -DFROST_PROBED
probe_flags_traced   := -DFROST_PROBED -DFROST_TRACED
probe_flags_any      := -include runtime/no_probes.h

# Where a source's object lies for a build, below obj/: NUMBERS-PROBES/PATH.o, "any" in place of what it does not
# ask for. OTHERWISE is the "any" of probes: another word if the build has flags of its own for such sources.
# SOURCES,NUMBERS,PROBES,OTHERWISE
objects_of = $(foreach s,$1,$(if $(filter $s,$(NO_NUMBERS)),any,$2)-$(if $(filter $s,$(NO_PROBES)),$4,$3)/$(basename $s).o)

files = $(patsubst %,$1/%.c,$2)

# ---- no matter which numbers ----

NO_NUMBERS := $(call files,runtime/core,heap heap_compact heap_far heap_near profile)
NO_NUMBERS += $(call files,runtime/flash,device flash_events)
NO_NUMBERS += $(call files,runtime/flash/store,store store_compact store_file store_files store_index store_log \
  store_time)
NO_NUMBERS += $(call files,runtime/lib,charclass)
NO_NUMBERS += $(call files,runtime/nodemcu/data,aes digest digest_rounds)
NO_NUMBERS += $(call files,runtime/nodemcu,firmware firmware_names restart)
NO_NUMBERS += $(call files,runtime/nodemcu/io,ow_search pins)
NO_NUMBERS += $(call files,runtime/port/esp8266,clib decimal files serial_command serial_uart soft trace_out_file \
  trap wait)
NO_NUMBERS += $(call files,runtime/port/host,directory_files directory_names saved_wifi)
NO_NUMBERS += $(call files,runtime/probe,counters credentials doorbell flash freezer loads packet places ring \
  sites snapshot sources stacks texts world)
NO_NUMBERS += $(call files,runtime/world/host,link_loss live_listen live_tcp live_udp pipe replay_compare \
  replay_log replay_shuffle replay_streams replay_tell script script_process script_wifi)
NO_NUMBERS += $(call files,runtime/world,later time_server vary virtual wifi_model world)

# ---- no matter which probes ----

NO_PROBES := $(call files,runtime/core/api,auxlib auxtrace)
NO_PROBES += $(call files,runtime/core,heap_compact heap_far heap_near profile)
NO_PROBES += $(call files,runtime/flash,file_system first_run inflate lfs lfs_below lfs_check lfs_link lfs_slots \
  partition_table partitions regions)
NO_PROBES += $(call files,runtime/flash/store,store store_control store_entry store_file store_index store_log \
  store_time)
NO_PROBES += $(call files,runtime/freezer,area area_compact area_grow area_needed area_open sink)
NO_PROBES += $(call files,runtime/lib,base_run charclass debuglib debuglib_pc iolib mathlib oslib packagelib rom)
NO_PROBES += $(call files,runtime/nodemcu,arrivals boot byte_source callbacks firmware firmware_names tasks \
  timers)
NO_PROBES += $(call files,runtime/nodemcu/data,aes bit color_utils digest digest_rounds pipe pixbuf \
  pixbuf_methods sjson_decode sjson_encode struct)
NO_PROBES += $(call files,runtime/nodemcu/io,adc bme280 bme280_math bosch dht gpio gpio_pulse gpio_trigger \
  hardware_timer i2c lights ow ow_search pins pwm)
NO_PROBES += $(call files,runtime/nodemcu/net,http_response http_url mqtt_input mqtt_link mqtt_packet net \
  net_address net_client net_connect net_dns net_endpoint net_interface net_ping net_send net_server sntp wifi \
  wifi_address wifi_ap wifi_arrivals wifi_fields wifi_link wifi_saved wifi_sta wifi_sta_config)
NO_PROBES += $(call files,runtime/nodemcu/system,console_run cron freezer_source node_output node_start rtcmem \
  rtctime tmr)
NO_PROBES += $(call files,runtime/port/esp8266,clib decimal files print scan soft trap wait)
NO_PROBES += $(call files,runtime/port/host,absent_list directory_files directory_names first_run saved_wifi)
NO_PROBES += $(call files,runtime/probe,counters ring stacks)
NO_PROBES += $(call files,runtime/world/host,link_loss live_listen live_tcp live_udp pipe replay_compare \
  replay_log replay_shuffle replay_streams script script_process script_wifi)
NO_PROBES += $(call files,runtime/world,later time_server vary virtual wifi_model)

# A name that has gone would go unnoticed.
gone := $(filter-out $(wildcard $(NO_NUMBERS) $(NO_PROBES)),$(sort $(NO_NUMBERS) $(NO_PROBES)))
$(if $(gone),$(error runtime/builds.mk names $(gone)))
