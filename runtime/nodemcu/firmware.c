// firmware.c: see firmware.h.
//
// Source: facts on NodeMCU 3.0: what was taken out since 1.5.4, and what is to be used instead.

#include "runtime/nodemcu/firmware.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/port/port.h"

static const char *const editions[] = {
    [FIRMWARE_3_0] = "3.0",
    [FIRMWARE_LEGACY] = "legacy",
    [FIRMWARE_STOCK] = "stock",
    [FIRMWARE_STOCK_2018] = "stock-2018",
};
static uint8_t edition; // enum firmware_edition
static uint32_t told;   // a bit for each form

static const struct firmware_form forms[] = {
    {"tmr.alarm", "tmr.alarm(id, ...)", "tmr.create():alarm(...)", 1},
    {"tmr.register", "tmr.register(id, ...)", "tmr.create():register(...)", 1},
    {"tmr.start", "tmr.start(id)", "timer:start()", 1},
    {"tmr.stop", "tmr.stop(id)", "timer:stop()", 1},
    {"tmr.unregister", "tmr.unregister(id)", "timer:unregister()", 1},
    {"tmr.interval", "tmr.interval(id, ms)", "timer:interval(ms)", 1},
    {"tmr.state", "tmr.state(id)", "timer:state()", 1},
    {"cjson", "cjson", "sjson", 1},
    {"wifi.sta.config", "wifi.sta.config(ssid, pwd)", "wifi.sta.config{ssid = ..., pwd = ...}", 1},
    {"wifi.sta.eventMonReg", "wifi.sta.eventMonReg(status, fn)",
     "wifi.eventmon.register(event, fn)", 1},
    {"wifi.sta.eventMonStart", "wifi.sta.eventMonStart()", "wifi.eventmon.register(event, fn)", 1},
    {"wifi.sta.eventMonStop", "wifi.sta.eventMonStop()", "wifi.eventmon.unregister(event)", 1},
    {"net.createServer", "net.createServer(net.UDP)", "net.createUDPSocket()", 1},
    {"net.createConnection", "net.createConnection(net.UDP)", "net.createUDPSocket()", 1},
    {"mqtt.socket.connect", "m:connect(host, port, secure, reconnect, ...)",
     "m:connect(host, port, secure, ...)", 1},
    {"node.readvdd33", "node.readvdd33()", "adc.readvdd33()", 1},
    {"node.key", "node.key(type, fn)", "gpio.trig(3, ...)", 1},
    {"node.led", "node.led(high, low)", "gpio.write(0, ...)", 1},
    {"crypto.toHex", "crypto.toHex(text)", "encoder.toHex(text)", 0},
    {"crypto.toBase64", "crypto.toBase64(text)", "encoder.toBase64(text)", 0},
    {"u8g", "u8g", "u8g2", 0},
};
#define FORM_COUNT (sizeof forms / sizeof *forms)
_Static_assert(FORM_COUNT <= 32, "a bit for each form");

int firmware_edition_of(const char *name)
{
    for (size_t i = 0; i < sizeof editions / sizeof *editions; i++)
        if (strcmp(editions[i], name) == 0)
            return (int)i;
    return -1;
}

void firmware_set_edition(enum firmware_edition wanted)
{
    edition = (uint8_t)wanted;
}

enum firmware_edition firmware_edition(void)
{
    return (enum firmware_edition)edition;
}

int firmware_is_legacy(void)
{
    return edition == FIRMWARE_LEGACY || edition == FIRMWARE_STOCK_2018;
}

void firmware_reset(void)
{
    told = 0;
}

const struct firmware_form *firmware_form_find(const char *module, const char *name)
{
    size_t bytes = module ? strlen(module) : 0;
    for (size_t i = 0; i < FORM_COUNT; i++) {
        const char *at = forms[i].name;
        if (module && (strncmp(at, module, bytes) != 0 || at[bytes] != '.'))
            continue;
        if (strcmp(module ? at + bytes + 1 : at, name) == 0)
            return &forms[i];
    }
    return NULL;
}

const struct firmware_form *firmware_form_at(unsigned idx)
{
    return idx < FORM_COUNT ? &forms[idx] : NULL;
}

static void write_text(const char *text)
{
    port_console_error(text, strlen(text));
}

void firmware_form_tell(const struct firmware_form *form)
{
    uint32_t bit = 1u << (form - forms);
    if (told & bit)
        return;
    told |= bit;
    write_text("frost: ");
    write_text(form->form);
    write_text(" is of older firmware");
    write_text(form->is_offered ? ": --firmware=legacy; its 3.0 form is " : "; its 3.0 form is ");
    write_text(form->form_3_0);
    write_text("\n");
}
