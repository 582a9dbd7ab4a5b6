// link_loss.h: while the Wi-Fi link is lost nothing of a connection passes, either way.
//
// A filling over another one, which has the peers. What they send and acknowledge meanwhile, and
// what the program sends, waits, and comes in its order when the link is back, unless the device's
// network stack has given the connection up by then (WORLD_BROKEN, error -8): data that was not
// acknowledged for LINK_LOSS_RETRANSMIT_US, or an accepted connection whose peer did not answer the
// question whether it is there (WORLD_ACCEPT). The peer learns that at once. Listeners, datagrams
// and look-ups are not concerned.
//
// Memory: the process heap, for what waits. Context: the interpreter's thread.
// Source: facts on the firmware's module net. The figures are lwIP's as far as they are known; data
// goes out as the link is back, where lwIP waits for its next retransmission.

#ifndef FROST_WORLD_HOST_LINK_LOSS_H
#define FROST_WORLD_HOST_LINK_LOSS_H

#include "runtime/world/world.h"

#define LINK_LOSS_RETRANSMIT_US 90000000u // 12 retransmissions, one to two minutes
#define LINK_LOSS_PROBE_US 10000000u      // until the answer to a question has to be there

// The filling to use in place of `filling`. There is one at a time.
const struct world_filling *link_loss_over(const struct world_filling *filling);

#endif
