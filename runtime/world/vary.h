// vary.h: other worlds: the same device in another place, with another chip.
//
// A program is told other numbers in each world: the chip's number and the addresses made of it,
// the address in the network, noise, voltages, free memory, the clock, the order of a list of
// files. So what a run in one world
// makes of them is seen to be none of the program's own by a run in another. World 1 is that of
// the fillings, unchanged. The same world gives the same numbers in every run; a replay has those
// of its recording.
//
// Reads: what a filling has answered. Memory: one number. Context: the interpreter's thread.

#ifndef FROST_WORLD_VARY_H
#define FROST_WORLD_VARY_H

#include <stddef.h>
#include <stdint.h>

#define VARY_WORLDS_MAX 64u

// The world of this process, from 1; before the first boot.
void vary_set_world(unsigned number);
unsigned vary_world(void);

// Changes an answer of `bytes` bytes to what it is in this world. Of what the filling does not
// answer, or a world script has made up for a purpose (pins, arrivals), nothing is changed.
void vary_answer(int kind, uint32_t object, void *answer, size_t bytes);
// Address of the device that the model of the Wi-Fi gives where no network has one of its own.
uint32_t vary_ip(uint32_t ip);
// Of the files in order of their names, the one with which a list begins; `count` is not 0.
size_t vary_first_file(size_t count);
// Microseconds that the device has run when the program begins.
uint64_t vary_start_us(void);

#endif
