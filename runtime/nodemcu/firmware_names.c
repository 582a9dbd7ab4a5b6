// firmware_names.c: see firmware_names.h.
//
// Source: facts on NodeMCU 3.0 (Lua 5.1): the tables of its modules, with the build options that
// are on by default. Constants of long lists (reasons of wifi.eventmon, dcc, fonts) are left out,
// and one of mqtt that ROM tables cannot find, having more than 32 characters.

#include "runtime/nodemcu/firmware_names.h"

#include <stddef.h>
#include <string.h>

// clang-format off
const struct firmware_module firmware_modules[] = {
    {"adc", "~read ~readvdd33 ~force_init_mode INIT_ADC INIT_VDD33"},
    {"ads1115", "ads1115 ads1015 reset"},
    {"adxl345", "setup read"},
    {"am2320", "setup read"},
    {"apa102", "~write"},
    {"bit", "bnot band bor bxor lshift rshift arshift bit set clear isset isclear"},
    {"bloom", "create"},
    {"bme280", "~setup ~read ~temp ~baro ~humi ~startreadout qfe2qnh altitude dewpoint"},
    {"bme280_math", "setup read qfe2qnh altitude dewpoint"},
    {"bme680", "setup read startreadout qfe2qnh altitude dewpoint"},
    {"bmp085", "setup temperature pressure pressure_raw"},
    {"coap", "Server Client CON NON TEXT_PLAIN LINKFORMAT XML OCTET_STREAM EXI JSON"},
    {"color_utils", "hsv2grb hsv2grbw colorWheel grb2hsv"},
    {"cron", "schedule reset"},
    {"crypto", "hash hmac new_hash new_hmac fhash sha1 mask encrypt decrypt"},
    {"dcc", "setup close"},
    {"dht", "~read ~read11 ~read12 ~readxx OK ERROR_CHECKSUM ERROR_TIMEOUT"},
    {"encoder", "toBase64 fromBase64 toHex fromHex"},
    {"enduser_setup", "start stop manual"},
    {"file", "open close read readline write writeline seek flush exists stat list remove rename "
             "getcontents putcontents fsinfo fscfg format ~on obj:close obj:read obj:readline "
             "obj:write obj:writeline obj:seek obj:flush"},
    {"freezer", "freeze defrost info opts"},
    {"gdbstub", "open brk pbrk gdboutput"},
    {"gpio", "~mode ~read ~write ~trig ~serout ~pulse.build ~pulse:start ~pulse:stop "
             "~pulse:cancel ~pulse:getstate ~pulse:adjust ~pulse:update INPUT OUTPUT INT "
             "OPENDRAIN LOW HIGH FLOAT PULLUP"},
    {"hdc1080", "setup read"},
    {"hmc5883l", "setup read"},
    {"http", "@get @post @put @delete @request OK ERROR"},
    {"hx711", "init read start stop"},
    {"i2c", "~setup ~start ~stop ~address ~write ~read SLOW FAST FASTPLUS TRANSMITTER RECEIVER"},
    {"l3g4200d", "setup read"},
    {"mcp4725", "write read PWRDN_NONE PWRDN_1K PWRDN_100K PWRDN_500K"},
    {"mdns", "register close"},
    {"mqtt", "@Client @socket:lwt @socket:on @socket:connect @socket:publish @socket:subscribe "
             "@socket:unsubscribe @socket:close CONN_FAIL_SERVER_NOT_FOUND "
             "CONN_FAIL_NOT_A_CONNACK_MSG CONN_FAIL_DNS CONN_FAIL_TIMEOUT_RECEIVING "
             "CONN_FAIL_TIMEOUT_SENDING CONNACK_ACCEPTED CONNACK_REFUSED_PROTOCOL_VER "
             "CONNACK_REFUSED_ID_REJECTED CONNACK_REFUSED_BAD_USER_OR_PASS "
             "CONNACK_REFUSED_NOT_AUTHORIZED"},
    {"net", "@createServer @createConnection @createUDPSocket @dns.resolve @dns.setdnsserver "
            "@dns.getdnsserver ~ifinfo ~multicastJoin ~multicastLeave ~ping TCP UDP "
            "@tcpserver:listen @tcpserver:close @tcpserver:getaddr @tcpsocket:connect "
            "@tcpsocket:on @tcpsocket:send @tcpsocket:close @tcpsocket:hold @tcpsocket:unhold "
            "@tcpsocket:ttl @tcpsocket:getpeer @tcpsocket:getaddr @tcpsocket:dns "
            "@udpsocket:listen @udpsocket:on @udpsocket:send @udpsocket:close @udpsocket:dns "
            "@udpsocket:ttl @udpsocket:getaddr"},
    {"node", "~chipid ~flashid ~flashsize heap info restart ~dsleep ~dsleepMax ~sleep bootreason "
             "input output task.post task.LOW_PRIORITY task.MEDIUM_PRIORITY task.HIGH_PRIORITY "
             "setonerror startupcommand startup compile ~setcpufreq ~getcpufreq CPU80MHZ CPU160MHZ "
             "random ~restore stripdebug egc.setmode egc.meminfo egc.NOT_ACTIVE "
             "egc.ON_ALLOC_FAILURE egc.ON_MEM_LIMIT egc.ALWAYS flashindex flashreload LFS.get "
             "LFS.list LFS.reload getpartitiontable setpartitiontable"},
    {"ow", "~setup ~reset ~skip ~select ~write ~write_bytes ~read ~read_bytes ~depower "
           "~reset_search ~target_search ~search crc8 crc16 check_crc16 ~set_timings"},
    {"pcm", "new SD RATE_1K RATE_2K RATE_4K RATE_5K RATE_8K RATE_10K RATE_12K RATE_16K"},
    {"perf", "start stop"},
    {"pipe", "create pipe:read pipe:reader pipe:unread pipe:write pipe:nrec"},
    {"pixbuf", "newBuffer FADE_IN FADE_OUT SHIFT_LOGICAL SHIFT_CIRCULAR buf:get buf:set buf:fill "
               "buf:size buf:channels buf:dump buf:replace buf:sub buf:fade buf:fadeI buf:shift "
               "buf:mix buf:mix4I5 buf:map buf:power buf:powerI"},
    {"pwm", "~setup ~close ~start ~stop ~setclock ~getclock ~setduty ~getduty"},
    {"pwm2", "setup_pin_hz setup_pin_sec release_pin start stop set_duty get_timer_data "
             "get_pin_data"},
    {"rfswitch", "send"},
    {"rotary", "setup on getpos close PRESS LONGPRESS RELEASE TURN CLICK DBLCLICK ALL"},
    {"rtcfifo", "prepare ready put pop peek drop count dsleep_until_sample"},
    {"rtcmem", "read32 write32"},
    {"rtctime", "set get adjust_delta ~dsleep ~dsleep_aligned epoch2cal"},
    {"si7021", "setup read setting serial firmware"},
    {"sigma_delta", "setup close setpwmduty setprescale settarget"},
    {"sjson", "encode decode encoder decoder encoder:read decoder:write decoder:result"},
    {"sntp", "@sync @setoffset @getoffset"},
    {"softuart", "setup"},
    {"somfy", "sendcommand listen STOP UP DOWN PROG"},
    {"spi", "~setup ~send ~recv ~set_mosi ~get_miso ~transaction ~set_clock_div MASTER SLAVE "
            "CPHA_LOW CPHA_HIGH CPOL_LOW CPOL_HIGH DATABITS_8 HALFDUPLEX FULLDUPLEX"},
    {"struct", "pack unpack size"},
    {"switec", "setup moveto getpos reset close dequeue"},
    {"tcs34725", "setup enable disable raw setGain setIntegrationTime"},
    {"tls", "@createConnection @cert.verify @cert.auth @setDebug"},
    {"tm1829", "write"},
    {"tmr", "create now time delay ccount wdclr softwd suspend_all resume_all ALARM_SINGLE "
            "ALARM_SEMI ALARM_AUTO timer:register timer:alarm timer:start timer:stop "
            "timer:unregister timer:interval timer:state timer:suspend timer:resume"},
    {"tsl2561", "init settiming getlux getrawchannels"},
    {"u8g2", "ssd1306_i2c_128x64_noname ssd1306_128x64_noname font_6x10_tf font_unifont_t_symbols "
             "DRAW_UPPER_RIGHT DRAW_UPPER_LEFT DRAW_LOWER_LEFT DRAW_LOWER_RIGHT DRAW_ALL R0 R1 R2 "
             "R3 MIRROR"},
    {"uart", "~setup ~getconfig write on ~alt ~fifodepth STOPBITS_1 STOPBITS_1_5 STOPBITS_2 "
             "PARITY_NONE PARITY_ODD PARITY_EVEN DIR_RX DIR_TX"},
    {"ucg", "ili9341_18x240x320_hw_spi st7735_18x128x160_hw_spi"},
    {"websocket", "@createClient"},
    {"wiegand", "create"},
    {"wifi", "~setmode ~getmode ~getdefaultmode ~getchannel ~setphymode ~getphymode ~setmaxtxpower "
             "~getcountry ~setcountry ~nullmodesleep ~sleeptype ~suspend ~resume ~sta.config "
             "~sta.connect ~sta.disconnect ~sta.autoconnect ~sta.clearconfig ~sta.status "
             "~sta.getip ~sta.setip ~sta.getbroadcast ~sta.getmac ~sta.setmac ~sta.gethostname "
             "~sta.sethostname ~sta.getrssi ~sta.getconfig ~sta.getdefaultconfig ~sta.getap "
             "~sta.getapinfo ~sta.getapindex ~sta.changeap ~sta.setaplimit ~sta.sleeptype "
             "~ap.config ~ap.getconfig ~ap.getdefaultconfig ~ap.getip ~ap.setip ~ap.getbroadcast "
             "~ap.getmac ~ap.setmac ~ap.getclient ~ap.deauth ~ap.dhcp.config ~ap.dhcp.start "
             "~ap.dhcp.stop ~eventmon.register ~eventmon.unregister monitor.start monitor.stop "
             "monitor.channel NULLMODE STATION SOFTAP STATIONAP STA_IDLE STA_CONNECTING "
             "STA_WRONGPWD STA_APNOTFOUND STA_FAIL STA_GOTIP OPEN WPA_PSK WPA2_PSK WPA_WPA2_PSK "
             "PHYMODE_B PHYMODE_G PHYMODE_N NONE_SLEEP LIGHT_SLEEP MODEM_SLEEP COUNTRY_AUTO "
             "COUNTRY_MANUAL"},
    {"wps", "enable disable start SUCCESS FAILED TIMEOUT WEP SCAN_ERR"},
    {"ws2801", "init write"},
    {"ws2812", "~init ~write MODE_SINGLE MODE_DUAL newBuffer FADE_IN FADE_OUT SHIFT_LOGICAL "
               "SHIFT_CIRCULAR"},
    {"ws2812_effects", "init start stop set_brightness set_color set_speed get_speed set_delay "
                       "get_delay set_mode"},
    {"xpt2046", "init isTouched getRaw getPosition getPositionAvg setCalibration"},
    {NULL, NULL},
};
// clang-format on

const struct firmware_module *firmware_module_find(const char *name)
{
    for (const struct firmware_module *module = firmware_modules; module->name; module++)
        if (module->name[0] == name[0] && strcmp(module->name, name) == 0)
            return module;
    return NULL;
}

const char *firmware_module_name(const struct firmware_module *module, const char *path,
                                 const char *name)
{
    size_t path_bytes = strlen(path), name_bytes = strlen(name);
    for (const char *at = module->names; *at;) {
        at += *at == '~' || *at == '@';
        size_t bytes = strcspn(at, " ");
        if (bytes == path_bytes + name_bytes && strncmp(at, path, path_bytes) == 0 &&
            strncmp(at + path_bytes, name, name_bytes) == 0)
            return at;
        at += bytes + (at[bytes] == ' ');
    }
    return NULL;
}
