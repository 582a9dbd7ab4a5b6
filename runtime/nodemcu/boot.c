// boot.c: which boot this is, and what starts again with each; see boot.h.

#include "runtime/nodemcu/boot.h"

#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/adc.h"
#include "runtime/nodemcu/io/bme280.h"
#include "runtime/nodemcu/io/gpio.h"
#include "runtime/nodemcu/io/i2c.h"
#include "runtime/nodemcu/io/lights.h"
#include "runtime/nodemcu/io/ow.h"
#include "runtime/nodemcu/net/net.h"
#include "runtime/nodemcu/net/wifi.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/nodemcu/system/console.h"
#include "runtime/nodemcu/system/cron.h"
#include "runtime/nodemcu/system/file.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/nodemcu/system/rtc.h"
#include "runtime/nodemcu/system/tmr.h"
#include "runtime/nodemcu/system/uart.h"
#include "runtime/nodemcu/tasks.h"
#include "runtime/nodemcu/timers.h"
#include "runtime/nodemcu/watchdog.h"
#include "runtime/world/world.h"

static unsigned count;

void boot_begin(void)
{
    count++;
    restart_begin_boot(count > 1);
    rtctime_boot(restart_ended_us(), restart_slept_us());
    device_time_reset();
    tasks_reset();
    timers_reset();
    tmr_reset();
    callbacks_reset();
    watchdog_reset();
    net_reset();
    world_boot(device_time_us);
    node_reset();
    console_reset();
    uart_reset();
    cron_reset();
    gpio_reset();
    i2c_reset();
    ow_reset();
    lights_reset();
    bme280_reset();
    file_close_all();
    if (count == 1) {
        adc_erase();
        wifi_erase(1);
    }
    adc_reset();
    wifi_reset();
}

void boot_restore_settings(void)
{
    wifi_erase(0);
}

void boot_set_count_before(unsigned boots)
{
    count = boots;
}
