// net_client.c: see net_client.h.

#include "runtime/nodemcu/net/net_client.h"

#include "runtime/nodemcu/net/net_socket.h"

struct net_connection *net_client_open(const struct net_client *client, uint32_t context,
                                       uint32_t ip, uint16_t port)
{
    struct net_endpoint *end = net_endpoint_new(NET_TCP, NULL);
    struct net_connection *connection = net_connection_of(end);
    if (!connection)
        return NULL;
    connection->client = ADDR32(client);
    connection->context = context;
    connection->remote_port = port;
    if (net_tcp_open(connection, ip))
        return connection;
    net_connection_free(connection);
    return NULL;
}

int net_client_send(struct net_connection *connection, const void *data, size_t bytes)
{
    world_will_tell(WORLD_SOCKET, connection->end.object);
    int error = net_queue(connection, data, bytes);
    if (error == NET_OK)
        net_output(connection);
    return error;
}

void net_client_close(struct net_connection *connection)
{
    connection->client = 0;
    net_tcp_close(connection);
}
