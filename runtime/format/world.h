// world.h: what passes the gate to the world: contents of the `input` and `output` events of a
// trace, of the pipe to a world script, and of what a replay reads.
//
// Written and read by the firmware's modules (runtime/nodemcu), by the fillings of the gate
// (runtime/world) and by who reads inputs and outputs from a trace. Byte packed, little-endian;
// addresses are numbers, 10.0.0.1 is 0x0A000001. Which of these goes with which kind (enum
// trace_world, runtime/format/trace_events.h) is said at each. "Asked": the answer comes at once
// and is an input; "told": an output; "arrives": begins a turn of the event loop, an input.

#ifndef FROST_FORMAT_WORLD_H
#define FROST_FORMAT_WORLD_H

#include <stdint.h>

// WORLD_TIME, asked: microseconds since the boot, 8 bytes; object 1: after a busy wait.
// WORLD_RANDOM, asked: 4 bytes. WORLD_HEAP, asked: free bytes or the like, 4 bytes; object says
// which (enum world_heap). WORLD_HEAP_STEP is 1 if the step of the collector was its last, else 0.
enum world_heap {
    WORLD_HEAP_FREE,
    WORLD_HEAP_COUNT,
    WORLD_HEAP_EGC_TOTAL,
    WORLD_HEAP_EGC_MAX,
    WORLD_HEAP_PEAK,
    WORLD_HEAP_STEP,
};

// WORLD_FILE, noted as an input, which no replay asks for: a file is used; object: enum
// world_file_use, data: its name.
enum world_file_use {
    WORLD_FILE_LOADED = 1, // as code: dofile, loadfile, require, node.compile
    WORLD_FILE_READ,       // as data
    WORLD_FILE_WRITTEN,
    WORLD_FILE_MOVED, // renamed, from this name
    WORLD_FILE_REMOVED,
    WORLD_FILE_ASKED,    // whether it is there, or how large it is
    WORLD_FILE_COMPILED, // on the device, after it was loaded: node.compile
};

// WORLD_IDENTITY, asked, by object.
enum world_identity {
    WORLD_ID_CHIP,    // 4 bytes
    WORLD_ID_FLASH,   // 4 bytes
    WORLD_ID_MAC_STA, // 6 bytes
    WORLD_ID_MAC_AP,  // 6 bytes
    WORLD_ID_RESET,   // 4 bytes: the raw reset cause, then the reason
    WORLD_ID_SECONDS, // 8 bytes: wall clock at power-on, microseconds since 1970; 0: not known
};

// WORLD_CONNECTION, told and arrives; object: the number of a listener, TCP or UDP socket.
enum world_connection_op {
    // told
    WORLD_LISTEN,  // port, ip of the interface (0: all): a server opens
    WORLD_CONNECT, // ip, port: a client opens
    WORLD_ACCEPT,  // count: the peer of an offer; object: the number that it has from now on;
                   // port: seconds of silence after which the device asks whether it is there
    WORLD_IGNORE,  // count: the peer of an offer that is not taken; it may come again later
    WORLD_SHUT,    // no more is sent: FIN after what was sent. The peer's data may still come.
    WORLD_ABORT,   // RST
    WORLD_WINDOW,  // count: so many bytes more may come; each connection begins with
                   // WORLD_WINDOW_BYTES
    WORLD_BIND,    // port, ip: a UDP socket takes datagrams
    WORLD_FORGET,  // of a listener, a UDP socket or a connection: the number is done with
    // arrives
    WORLD_OFFERED,   // at a listener: count is the peer's number, ip and port its address
    WORLD_CONNECTED, // the client's connection is made; ip, port: of this end
    WORLD_FAILED,    // it is not; error
    WORLD_ACKED,     // count: so many bytes more were acknowledged
    WORLD_ENDED,     // the peer's FIN
    WORLD_BROKEN,    // error: RST or time-out
};
#define WORLD_WINDOW_BYTES 5840u
#define WORLD_SEGMENT_BYTES_MAX 1460u // of data that arrives at once

struct world_connection {
    uint8_t op;   // enum world_connection_op
    int8_t error; // lwIP's number, 0: none
    uint16_t port;
    uint32_t ip;
    uint32_t count;
} __attribute__((packed));
_Static_assert(sizeof(struct world_connection) == 12, "connection");

// WORLD_SOCKET, told and arrives: of TCP the bytes alone, up to WORLD_SEGMENT_BYTES_MAX at once; of
// UDP this, then the bytes.
struct world_datagram {
    uint32_t ip;
    uint16_t port;
} __attribute__((packed));
_Static_assert(sizeof(struct world_datagram) == 6, "datagram");

// WORLD_DNS, told: the name, object: the number of the query. Arrives: its address, 4 bytes, 0:
// none.

// WORLD_SERIAL, arrives: bytes from the line; told: bytes that UART 1 sends; object: the UART.
// WORLD_CONSOLE: a trace has console output, which is UART 0's, as `console` events.

// WORLD_PIN, asked: the level of the pin `object` (NodeMCU's number), 1 byte, 0 or 1; 0 bytes:
// nothing drives it, so it is what the pull-up says. Told: struct world_pin. Arrives: an edge.
enum world_pin_op { WORLD_PIN_MODE, WORLD_PIN_WRITE, WORLD_PIN_PWM, WORLD_PIN_EDGE };
struct world_pin {
    uint8_t op;            // enum world_pin_op
    uint8_t level;         // mode: that of gpio.mode; write, edge: 0 or 1; pwm: 1 runs, 0 rests
    uint16_t pull_or_duty; // mode: 1 with pull-up; pwm: duty, 0 to 1023
    uint32_t us;           // device time, low 31 bits; pwm: frequency in Hz
} __attribute__((packed));
_Static_assert(sizeof(struct world_pin) == 8, "pin");

// WORLD_SENSOR, asked: the question is a text, the answer what the module that asks wants: "adc" ->
// 2 bytes, 0 to 1024; "vdd33" -> 2 bytes, millivolts; further ones stand where their modules are. 0
// bytes: nothing answers. Object: 0, or WORLD_SENSOR_BUS: what passes a bus, which is no voltage.
#define WORLD_SENSOR_BUS 1u

// WORLD_WIFI, told and arrives; the tail is described at each.
enum world_wifi_op {
    // told
    WORLD_WIFI_MODE,       // value: 0 none, 1 station, 2 access point, 3 both; at a boot it is 2
    WORLD_WIFI_STATION,    // tail: SSID, NUL, password; bssid: of no other, unless it is zeros
    WORLD_WIFI_CONNECT,    // value 1: with a static address: ip, mask, gateway
    WORLD_WIFI_DISCONNECT, // by the program
    WORLD_WIFI_AP,         // tail: SSID, NUL, password; value: channel
    WORLD_WIFI_SCAN,       // value: format of no matter to the world
    // arrives
    WORLD_WIFI_CONNECTED,    // value: channel, bssid, tail: SSID
    WORLD_WIFI_DISCONNECTED, // value: reason, bssid, tail: SSID
    WORLD_WIFI_GOT_IP,       // ip, mask, gateway
    WORLD_WIFI_DHCP_TIMEOUT,
    WORLD_WIFI_AP_JOINED, // value: association id, bssid: the station's MAC, ip: its address
    WORLD_WIFI_AP_LEFT,
    WORLD_WIFI_SCANNED,      // tail: struct world_access_point, one after another
    WORLD_WIFI_AP_PROBED,    // bssid: a station's MAC, value: its RSSI
    WORLD_WIFI_AUTH_CHANGED, // value: the access point's new kind of authentication, ip: the old
    // told
    WORLD_WIFI_AP_DEAUTH, // bssid: a station's MAC, all ones: every station
};
struct world_wifi {
    uint8_t op; // enum world_wifi_op
    uint8_t value;
    uint8_t bssid[6];
    uint32_t ip, mask, gateway;
} __attribute__((packed));
_Static_assert(sizeof(struct world_wifi) == 20, "Wi-Fi");
struct world_access_point {
    uint8_t bssid[6];
    int8_t rssi; // dBm
    uint8_t auth, channel;
    char ssid[33]; // ends with NUL
} __attribute__((packed));
_Static_assert(sizeof(struct world_access_point) == 42, "access point");
// WORLD_WIFI, asked: RSSI, 1 byte, 31: not connected; object 0.
// Object WORLD_WIFI_SAVED, asked once, before the program starts: what the SDK has in flash from
// before. 0 bytes: it is erased; that is no input.
#define WORLD_WIFI_SAVED 1u
struct world_wifi_saved {
    uint8_t mode;      // as in WORLD_WIFI_MODE
    char ssid[32];     // no NUL at the end of a long one
    char password[64]; // the same
} __attribute__((packed));
_Static_assert(sizeof(struct world_wifi_saved) == 97, "saved Wi-Fi");

#endif
