// rom_modules.h: the modules of the firmware that the ROM table lists beside the libraries.
//
// Reads and writes: nothing. Each line is M(name, table): the global name of the module and its
// read-only table, which has external linkage and is defined under runtime/nodemcu.
#ifndef RUNTIME_LIB_ROM_MODULES_H
#define RUNTIME_LIB_ROM_MODULES_H

// The chip's firmware has no room for drivers whose devices answer in world scripts alone.
#ifdef __XTENSA__
#define ROM_DRIVERS(M)
#else
#define ROM_DRIVERS(M) M("bme280", bme280_lib) M("bme280_math", bme280_math_lib)
#endif

// Those that need no device: the firmware's compiler has them for programs that it runs.
#define ROM_DATA_MODULES(M)                                                                        \
    M("bit", bit_lib)                                                                              \
    M("pipe", pipe_lib)                                                                            \
    M("sjson", sjson_lib)                                                                          \
    M("struct", struct_lib)                                                                        \
    M("pixbuf", pixbuf_lib)                                                                        \
    M("color_utils", color_utils_lib)

#define ROM_MODULES(M)                                                                             \
    M("node", node_lib)                                                                            \
    M("file", file_lib)                                                                            \
    M("tmr", tmr_lib)                                                                              \
    M("uart", uart_lib)                                                                            \
    M("gpio", gpio_lib)                                                                            \
    M("adc", adc_lib)                                                                              \
    M("pwm", pwm_lib)                                                                              \
    M("dht", dht_lib)                                                                              \
    M("i2c", i2c_lib)                                                                              \
    M("ow", ow_lib)                                                                                \
    M("ws2812", ws2812_lib)                                                                        \
    M("apa102", apa102_lib)                                                                        \
    M("rtctime", rtctime_lib)                                                                      \
    M("cron", cron_lib)                                                                            \
    M("rtcmem", rtcmem_lib)                                                                        \
    M("crypto", crypto_lib)                                                                        \
    M("encoder", encoder_lib)                                                                      \
    ROM_DATA_MODULES(M)                                                                            \
    M("wifi", wifi_lib)                                                                            \
    M("net", net_lib)                                                                              \
    M("sntp", sntp_lib)                                                                            \
    M("mqtt", mqtt_lib)                                                                            \
    M("http", http_lib)                                                                            \
    M("freezer", freezer_lib)                                                                      \
    ROM_DRIVERS(M)

#endif
