// image_device.h: what stock firmware answers when it is given a file as an LFS image.
//
// Reads: the bytes of the file. Memory: scratch in the arena.
// Source: the order of the firmware's own checks (as seen in its images, and in its answers to
// images that are damaged or packed in unusual ways: tests/nodemcu/golden/damaged).

#ifndef FROST_IMAGE_DEVICE_H
#define FROST_IMAGE_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"

// The device that an image is meant for.
struct image_device {
    uint64_t region_bytes; // size of its LFS region; 0: whatever the image needs
    uint32_t base_addr;    // where the region is mapped; 0: any
    int numbers;           // 0 any, 1 float, 2 integer
};

// The words with which node.flashreload refuses the file, NULL if it takes it. What it takes and
// then fails over at its next start (wrong pointers in the header) is not told here.
const char *image_device_answer(struct arena *arena, const void *file, size_t count,
                                const struct image_device *device);

#endif
