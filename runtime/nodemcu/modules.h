// modules.h: the modules of the firmware, as the parts of runtime/nodemcu see each other.
//
// The list of modules that Lua sees is runtime/lib/rom_modules.h. All tables are read-only and take
// nothing of the heap.
// Source: the firmware's documentation of its modules; behaviour of NodeMCU 3.0.

#ifndef FROST_NODEMCU_MODULES_H
#define FROST_NODEMCU_MODULES_H

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/rotable.h"

ROTABLE_EXTERN(node_lib);
ROTABLE_EXTERN(node_lfs_lib);
ROTABLE_EXTERN(node_egc_lib);
ROTABLE_EXTERN(node_task_lib);
ROTABLE_EXTERN(file_lib);
ROTABLE_EXTERN(tmr_lib);
ROTABLE_EXTERN(bit_lib);
ROTABLE_EXTERN(uart_lib);
ROTABLE_EXTERN(gpio_lib);
ROTABLE_EXTERN(adc_lib);
ROTABLE_EXTERN(pwm_lib);
ROTABLE_EXTERN(dht_lib);
ROTABLE_EXTERN(i2c_lib);
ROTABLE_EXTERN(ow_lib);
ROTABLE_EXTERN(bme280_lib);
ROTABLE_EXTERN(bme280_math_lib);
ROTABLE_EXTERN(ws2812_lib);
ROTABLE_EXTERN(apa102_lib);
ROTABLE_EXTERN(rtctime_lib);
ROTABLE_EXTERN(rtcmem_lib);
ROTABLE_EXTERN(cron_lib);
ROTABLE_EXTERN(encoder_lib);
ROTABLE_EXTERN(crypto_lib);
ROTABLE_EXTERN(pipe_lib);
ROTABLE_EXTERN(sjson_lib);
ROTABLE_EXTERN(struct_lib);
ROTABLE_EXTERN(pixbuf_lib);
ROTABLE_EXTERN(color_utils_lib);
ROTABLE_EXTERN(freezer_lib);
ROTABLE_EXTERN(wifi_lib);
ROTABLE_EXTERN(wifi_sta_lib);
ROTABLE_EXTERN(wifi_sta_legacy_lib);
ROTABLE_EXTERN(wifi_ap_lib);
ROTABLE_EXTERN(wifi_eventmon_lib);

// What --firmware=legacy adds to them, and its module cjson.
ROTABLE_EXTERN(node_legacy_lib);
ROTABLE_EXTERN(tmr_legacy_lib);
ROTABLE_EXTERN(cjson_lib);
ROTABLE_EXTERN(net_udp_meta);
ROTABLE_EXTERN(net_udp_legacy_meta);
ROTABLE_EXTERN(net_lib);
ROTABLE_EXTERN(sntp_lib);
ROTABLE_EXTERN(mqtt_lib);
ROTABLE_EXTERN(http_lib);

#endif
