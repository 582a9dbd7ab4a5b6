// store_exercise.h: does with a store, whatever lies there, all that one can do with it.
//
// For bytes that came from anywhere: what is mounted is listed and read, then written, and must be
// as it was written after the next mount. Used by the fuzz target and the seeded damages.

#ifndef FROST_TESTS_STORE_EXERCISE_H
#define FROST_TESTS_STORE_EXERCISE_H

#include <string.h>

#include "runtime/flash/store/store.h"

#define EXERCISE_FILES_MAX 64

struct exercise {
    struct store store;
    uint32_t index[EXERCISE_FILES_MAX];
    uint64_t file_count; // read
    uint64_t put_count;  // written and found again
};

static inline void exercise_fault(void *context, uint32_t off, const char *what)
{
    (void)context, (void)off, (void)what;
}

// Reads all files; NULL or what is wrong. Names must come in their order, all of them.
static inline const char *exercise_read(struct exercise *work)
{
    char name[STORE_NAME_BYTES_MAX + 1] = "", last[STORE_NAME_BYTES_MAX + 1] = "";
    struct store_about about;
    uint32_t count = 0;
    while (store_next(&work->store, name, &about) == STATUS_OK) {
        struct store_file file;
        uint8_t data[300];
        uint32_t bytes = 0;
        if (strcmp(name, last) <= 0 || strlen(name) > STORE_NAME_BYTES_MAX)
            return "names are not in order";
        memcpy(last, name, sizeof last);
        (void)!store_verify(&work->store, name);
        if (store_file_open(&work->store, &file, name, STORE_READS) != STATUS_OK)
            return "a file of the list is not opened";
        for (long got; (got = store_file_read(&file, data, sizeof data)) > 0;)
            bytes += (uint32_t)got;
        if (store_file_close(&file) != STATUS_OK || bytes != about.bytes)
            return "a file has another length";
        count++;
    }
    work->file_count += count;
    return count == work->store.file_count ? NULL : "not all files are listed";
}

static inline int exercise_put(struct exercise *work, const char *name, const uint8_t *data,
                               uint32_t bytes)
{
    struct store_file file;
    int status = store_file_open(&work->store, &file, name, STORE_WRITES | STORE_CUTS);
    if (status != STATUS_OK)
        return status;
    status = store_file_write(&file, data, bytes);
    int closed = store_file_close(&file);
    return status == STATUS_OK ? closed : status;
}

// Mounts, reads, writes, mounts again. NULL or what is wrong; what is refused is not wrong.
static inline const char *exercise_store(struct exercise *work, struct flash_device *device,
                                         struct flash_partition range)
{
    static const char *const names[] = {"exercise", "a much longer name for it", "a"};
    uint8_t data[700], back[700];
    struct store *store = &work->store;
    const char *what;
    if (store_mount(store, device, &range, work->index, EXERCISE_FILES_MAX, 1) != STATUS_OK)
        return NULL;
    if ((what = exercise_read(work)) != NULL)
        return what;
    (void)!store_check(store, exercise_fault, NULL);
    for (uint32_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 11);
    if (store_mount(store, device, &range, work->index, EXERCISE_FILES_MAX, 0) != STATUS_OK)
        return "it is mounted to be read, and not to be written";
    uint32_t bytes = 100 + store->head % 600;
    int status = exercise_put(work, names[0], data, bytes);
    (void)!store_compact(store);
    int renamed = store_rename(store, names[0], names[1]);
    (void)!store_remove(store, names[2]);
    if (store_mount(store, device, &range, work->index, EXERCISE_FILES_MAX, 0) != STATUS_OK)
        return "it is not mounted again";
    if ((what = exercise_read(work)) != NULL)
        return what;
    if (status != STATUS_OK)
        return NULL;
    struct store_file file;
    const char *name = names[renamed == STATUS_OK];
    if (store_verify(store, name) != STATUS_OK ||
        store_file_open(store, &file, name, STORE_READS) != STATUS_OK)
        return "what was written is not there";
    long got = store_file_read(&file, back, sizeof back);
    (void)!store_file_close(&file);
    work->put_count++;
    return got == (long)bytes && memcmp(back, data, bytes) == 0 ? NULL
                                                                : "what was written is another";
}

#endif
