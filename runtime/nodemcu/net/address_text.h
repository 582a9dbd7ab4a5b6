// address_text.h: addresses of the network as texts: "10.0.0.1", "5c:cf:7f:00:00:01".
//
// Memory: texts that are pushed. Context: the interpreter's thread.

#ifndef FROST_NODEMCU_NET_ADDRESS_TEXT_H
#define FROST_NODEMCU_NET_ADDRESS_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/api/lua.h"

#define MAC_BYTES 6
#define MAC_TEXT_BYTES 17 // without the NUL

// An address is a number: 10.0.0.1 is 0x0A000001. What comes from the world is marked as input.
#define IP_TEXT_BYTES_MAX 15 // without the NUL
// Writes the characters, without a NUL; their number.
size_t address_format_ip(char text[IP_TEXT_BYTES_MAX], uint32_t ip);
void address_push_ip(lua_State *L, uint32_t ip);
void address_push_mac(lua_State *L, const uint8_t mac[MAC_BYTES]);
// 0, or -1: the text is no address of four decimal numbers.
int address_parse_ip(const char *text, uint32_t *ip);
// Of a text of MAC_TEXT_BYTES; any character separates, what is no digit counts as 0.
void address_parse_mac(const char *text, uint8_t mac[MAC_BYTES]);

#endif
