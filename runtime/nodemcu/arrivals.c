// arrivals.c: see arrivals.h.

#include "runtime/nodemcu/arrivals.h"

#include <stddef.h>

#include "runtime/nodemcu/io/gpio.h"
#include "runtime/nodemcu/net/net.h"
#include "runtime/nodemcu/net/wifi.h"
#include "runtime/nodemcu/system/console.h"

// The module's own function for a kind of arrival, as arrivals_deliver.
typedef void (*deliver_function)(lua_State *L, const struct world_arrival *arrival);

static const deliver_function deliver[WORLD_COUNT] = {
    [WORLD_PIN] = gpio_arrival,          [WORLD_WIFI] = wifi_arrival,
    [WORLD_SOCKET] = net_socket_arrival, [WORLD_CONNECTION] = net_connection_arrival,
    [WORLD_DNS] = net_dns_arrival,       [WORLD_SERIAL] = console_arrival,
};

void arrivals_deliver(lua_State *L, const struct world_arrival *arrival)
{
    if (arrival->kind >= WORLD_COUNT || !deliver[arrival->kind])
        return;
    int top = lua_gettop(L);
    deliver[arrival->kind](L, arrival);
    lua_settop(L, top);
}
