// file_request.h: what the firmware under the emulator asks the server of its files, through pipes.
//
// Written by files.c, read by file_server.c, and the other way round; both are little-endian. One
// request of fixed size; then records of fixed size up to the end of the pipe.

#ifndef FROST_PORT_ESP8266_FILE_REQUEST_H
#define FROST_PORT_ESP8266_FILE_REQUEST_H

#include <stdint.h>

#include "runtime/format/spiffs.h"

enum file_operation { FILE_OPEN = 1, FILE_SIZE, FILE_REMOVE, FILE_RENAME, FILE_LIST };

struct file_request {
    uint8_t operation;
    uint8_t mode; // FILE_OPEN: of enum fs_mode
    uint16_t pad_;
    char name[SPIFFS_NAME_BYTES_MAX + 1];
    char second[SPIFFS_NAME_BYTES_MAX + 1]; // FILE_RENAME: the new name
};
_Static_assert(sizeof(struct file_request) == 4 + 2 * 32, "the same on both sides");

#define FILE_ANSWER_TEXT_BYTES 204

struct file_answer {
    // Negative errno value of the host; FILE_SIZE: bytes. FILE_LIST: of each file its bytes.
    int32_t result;
    // FILE_OPEN: path below the directory, of a file that is made or cut as asked; FILE_LIST: name.
    char text[FILE_ANSWER_TEXT_BYTES];
};
_Static_assert(sizeof(struct file_answer) == 4 + FILE_ANSWER_TEXT_BYTES, "the same on both sides");

#endif
