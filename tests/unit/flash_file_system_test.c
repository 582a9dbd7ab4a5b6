// flash_file_system_test.c: do flat names keep the firmware's rules, in a directory of the host
// that nothing leaves?
//
// Names of a small alphabet are spelled and read back; random programs of opens, writes, renames
// and removals are compared with a table of what must be there.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/flash/file_system.h"
#include "runtime/port/host/directory_files.h"
#include "runtime/port/port.h"
#include "tests/support/tap.h"

_Noreturn void port_restart(void)
{
    abort();
}

// ---- spelling ----

static void check_spellings(const char *name)
{
    char paths[DIRECTORY_SPELLINGS][DIRECTORY_PATH_BYTES], back[SPIFFS_NAME_BYTES_MAX + 1];
    for (int i = 0; i < DIRECTORY_SPELLINGS; i++) {
        directory_spell(name, (enum directory_spelling)i, paths[i]);
        CHECK_EQUAL(directory_read_name(paths[i], back), strlen(name));
        CHECK_TEXT(back, name);
        // No part is empty, `.`, `..` or hidden; no path is absolute.
        CHECK(paths[i][0] != '/' && paths[i][0] != '.' && paths[i][0] != 0);
        CHECK(!strstr(paths[i], "//") && !strstr(paths[i], "/."));
        CHECK(paths[i][strlen(paths[i]) - 1] != '/');
    }
    CHECK(strchr(paths[DIRECTORY_ENTRY], '/') == NULL);
    CHECK(strcmp(paths[DIRECTORY_TREE], paths[DIRECTORY_ENTRY]) != 0);
}

TEST(every_name_of_few_characters_is_spelled_and_read_back)
{
    static const char alphabet[] = "/.%025EFa";
    const int letters = sizeof alphabet - 1;
    for (int length = 1; length <= 5; length++) {
        int count = 1;
        for (int i = 0; i < length; i++)
            count *= letters;
        for (int n = 0; n < count; n++) {
            char name[8] = "";
            for (int i = 0, rest = n; i < length; i++, rest /= letters)
                name[i] = alphabet[rest % letters];
            check_spellings(name);
        }
    }
}

TEST(long_names_fit)
{
    static const char *const parts[] = {"/", "%00", ".", "/.", "x", "%2F/"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char name[SPIFFS_NAME_BYTES_MAX + 8] = "";
        for (size_t at = 0; at < SPIFFS_NAME_BYTES_MAX; at++)
            name[at] = parts[i][at % strlen(parts[i])];
        check_spellings(name);
    }
}

TEST(ordinary_names_stay_as_they_are)
{
    static const char *const names[] = {"init.lua",   "http/a.txt", "100%",    "a%20b.html",
                                        "a b/c\nd.x", "~x",         "x/y/z.e", "a..b"};
    char path[DIRECTORY_PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        directory_spell(names[i], DIRECTORY_TREE, path);
        CHECK_TEXT(path, names[i]);
    }
    directory_spell("../x", DIRECTORY_TREE, path);
    CHECK_TEXT(path, "%2E./x");
    directory_spell("/a//.b/", DIRECTORY_TREE, path);
    CHECK_TEXT(path, "%00/a/%00/%2Eb/%00");
    directory_spell("a/b", DIRECTORY_ENTRY, path);
    CHECK_TEXT(path, "a%2Fb");
    directory_spell("a", DIRECTORY_ENTRY, path);
    CHECK_TEXT(path, "a%00");
    directory_spell("%2Fa", DIRECTORY_TREE, path);
    CHECK_TEXT(path, "%252Fa");
}

// ---- a file system in a new directory ----

static char scratch[64], root[80];
static struct directory directory;
static struct fs_file files[SPIFFS_OPEN_MAX];
static struct file_system fs;

static void make_file_system(void)
{
    snprintf(scratch, sizeof scratch, "/tmp/frost-files-test.XXXXXX");
    CHECK(mkdtemp(scratch) != NULL);
    snprintf(root, sizeof root, "%s/root", scratch);
    CHECK(mkdir(root, 0777) == 0);
    directory_open(&directory, root);
    fs = (struct file_system){.driver = &directory_driver,
                              .context = &directory,
                              .is_flat = 1,
                              .file_count = SPIFFS_OPEN_MAX,
                              .files = files};
}

static void remove_file_system(void)
{
    char command[100];
    fs_close_all(&fs);
    directory_close(&directory);
    snprintf(command, sizeof command, "rm -r %s", scratch);
    CHECK(system(command) == 0);
}

static int put(const char *name, const char *text)
{
    struct fs_file *file;
    int error = fs_open(&fs, name, FS_WRITE | FS_CREATE | FS_TRUNCATE, &file);
    if (error)
        return error;
    CHECK_EQUAL(fs_write(file, text, strlen(text)), strlen(text));
    return fs_close(file);
}

// The content, "?" if there is none. Static storage.
static const char *get(const char *name)
{
    static char text[300];
    struct fs_file *file;
    if (fs_open(&fs, name, FS_READ, &file) != 0)
        return "?";
    long bytes = fs_read(file, text, sizeof text - 1);
    text[bytes > 0 ? bytes : 0] = 0;
    CHECK_EQUAL(fs_close(file), 0);
    return text;
}

static int add_name(void *context, const char *name, uint32_t bytes)
{
    char *text = context;
    snprintf(text + strlen(text), 1000 - strlen(text), "%s=%u;", name, (unsigned)bytes);
    return 0;
}

static const char *list(void)
{
    static char text[1000];
    text[0] = 0;
    CHECK_EQUAL(fs_list(&fs, add_name, text), 0);
    return text;
}

TEST(a_file_and_what_is_below_its_name_may_both_exist)
{
    make_file_system();
    CHECK_EQUAL(put("a", "1"), 0);
    CHECK_EQUAL(put("a/b", "22"), 0); // a/b as one entry
    CHECK_EQUAL(put("c/d", "333"), 0);
    CHECK_EQUAL(put("c", "4444"), 0); // c as one entry
    CHECK_EQUAL(put("c/d/e", "55555"), 0);
    CHECK_TEXT(list(), "a=1;a/b=2;c=4;c/d=3;c/d/e=5;");
    CHECK_TEXT(get("a/b"), "22");
    CHECK_TEXT(get("c"), "4444");
    CHECK_EQUAL(fs_remove(&fs, "a"), 0);
    CHECK_EQUAL(put("a/c", "x"), 0); // a is free for a directory now
    CHECK_TEXT(list(), "a/b=2;a/c=1;c=4;c/d=3;c/d/e=5;");
    CHECK_TEXT(get("a/b"), "22");
    CHECK_EQUAL(fs_rename(&fs, "a/b", "a"), 0);
    CHECK_TEXT(get("a"), "22");
    CHECK_TEXT(get("a/b"), "?");
    remove_file_system();
}

TEST(links_and_hidden_files_are_not_the_programs)
{
    char path[200], target[200];
    make_file_system();
    snprintf(target, sizeof target, "%s/outside", scratch);
    CHECK(mkdir(target, 0777) == 0);
    snprintf(path, sizeof path, "%s/directory", root);
    CHECK(symlink(target, path) == 0);
    snprintf(target, sizeof target, "%s/outside/secret", scratch);
    FILE *secret = fopen(target, "w");
    fputs("secret", secret);
    fclose(secret);
    snprintf(path, sizeof path, "%s/link", root);
    CHECK(symlink(target, path) == 0);
    snprintf(path, sizeof path, "%s/dangling", root);
    CHECK(symlink("../outside/new", path) == 0);
    snprintf(path, sizeof path, "%s/.hidden", root);
    fclose(fopen(path, "w"));
    static const char *const names[] = {
        "link",    "directory/secret",       "dangling", "../outside/secret",
        ".hidden", "/FLASH//outside/secret",
    };
    CHECK_TEXT(list(), "");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CHECK_TEXT(get(names[i]), "?");
        CHECK_EQUAL(fs_remove(&fs, names[i]), -ENOENT);
        CHECK_EQUAL(fs_rename(&fs, names[i], "mine"), -ENOENT);
        CHECK_EQUAL(put(names[i], names[i]), 0);
        CHECK_TEXT(get(names[i]), names[i]);
    }
    secret = fopen(target, "r");
    char text[20] = "";
    CHECK(fgets(text, sizeof text, secret) != NULL);
    CHECK_TEXT(text, "secret");
    fclose(secret);
    snprintf(path, sizeof path, "%s/outside", scratch);
    DIR *stream = opendir(path);
    int count = 0;
    while (readdir(stream))
        count++;
    closedir(stream);
    CHECK_EQUAL(count, 3); // . .. secret
    snprintf(path, sizeof path, "%s/.hidden", root);
    struct stat about;
    CHECK(stat(path, &about) == 0 && about.st_size == 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_EQUAL(fs_remove(&fs, names[i]), 0);
    CHECK_TEXT(list(), "");
    remove_file_system();
}

TEST(the_firmwares_limits_hold)
{
    struct fs_file *open[SPIFFS_OPEN_MAX], *file;
    make_file_system();
    CHECK_EQUAL(put("1234567890123456789012345678901", "x"), 0);
    CHECK_EQUAL(put("12345678901234567890123456789012", "x"), -ENAMETOOLONG);
    CHECK_EQUAL(put("", "x"), -ENOENT);
    CHECK_EQUAL(put("/FLASH/", "x"), -ENOENT);
    CHECK_EQUAL(put("/FLASH/x", "drive"), 0);
    CHECK_TEXT(get("x"), "drive");
    CHECK_EQUAL(put("/FLASH//x", "slash"), 0);
    CHECK_TEXT(get("/FLASH//x"), "slash");
    CHECK_TEXT(get("/x"), "?"); // of a drive that is not there
    CHECK_EQUAL(put("/x", "drive"), -ENOENT);
    CHECK_EQUAL(fs_size(&fs, "/x"), -ENOENT);
    CHECK_EQUAL(fs_remove(&fs, "/x"), -ENOENT);
    CHECK_EQUAL(fs_rename(&fs, "/x", "y"), -ENOENT);
    CHECK_EQUAL(fs_rename(&fs, "x", "/x"), -ENOENT);
    CHECK_EQUAL(fs_rename(&fs, "x", "/FLASH//x"), -EEXIST);
    CHECK_EQUAL(fs_rename(&fs, "x", "x"), -EEXIST);
    CHECK_TEXT(get("/FLASH//x"), "slash");
    for (int i = 0; i < SPIFFS_OPEN_MAX; i++)
        CHECK_EQUAL(fs_open(&fs, "x", FS_READ, &open[i]), 0);
    CHECK_EQUAL(fs_open(&fs, "x", FS_READ, &file), -EMFILE);
    CHECK_EQUAL(fs_remove(&fs, "x"), -EMFILE);
    CHECK_EQUAL(fs_rename(&fs, "x", "y"), -EMFILE);
    CHECK_EQUAL(fs_size(&fs, "x"), 5);
    CHECK_EQUAL(fs_close(open[2]), 0);
    CHECK_EQUAL(fs_rename(&fs, "x", "y"), 0);
    CHECK_EQUAL(fs_remove(&fs, "y"), 0);
    char c;
    CHECK_EQUAL(fs_read(open[0], &c, 1), -EBADF);
    CHECK_EQUAL(fs_seek(open[3], 0, FS_CURRENT), -EBADF);
    remove_file_system();
}

TEST(positions_are_the_firmwares)
{
    struct fs_file *file;
    char text[8] = "";
    make_file_system();
    put("x", "12345");
    CHECK_EQUAL(fs_open(&fs, "x", FS_READ | FS_WRITE | FS_CREATE | FS_APPEND, &file), 0);
    CHECK_EQUAL(fs_seek(file, 0, FS_CURRENT), 0);
    CHECK_EQUAL(fs_read(file, text, 2), 2);
    CHECK_EQUAL(fs_write(file, "67", 2), 2); // to the end, where the position is then
    CHECK_EQUAL(fs_seek(file, 0, FS_CURRENT), 7);
    CHECK_EQUAL(fs_seek(file, -2, FS_CURRENT), 5);
    CHECK_EQUAL(fs_seek(file, -6, FS_CURRENT), -EINVAL);
    CHECK_EQUAL(fs_seek(file, 0, FS_CURRENT), 5);
    CHECK_EQUAL(fs_seek(file, 8, FS_SET), -EINVAL);
    CHECK_EQUAL(fs_seek(file, 0, FS_CURRENT), 7);
    CHECK_EQUAL(fs_seek(file, -7, FS_END), 0);
    CHECK_EQUAL(fs_seek(file, 7, FS_SET), 7);
    CHECK_EQUAL(fs_read(file, text, 2), 0);
    CHECK_EQUAL(fs_close(file), 0);
    CHECK_EQUAL(fs_open(&fs, "x", FS_READ, &file), 0);
    CHECK_EQUAL(fs_write(file, "8", 1), -EBADF);
    CHECK_EQUAL(fs_close(file), 0);
    CHECK_EQUAL(fs_open(&fs, "x", FS_WRITE, &file), 0);
    CHECK_EQUAL(fs_read(file, text, 1), -EBADF);
    CHECK_EQUAL(fs_close(file), 0);
    CHECK_TEXT(get("x"), "1234567");
    remove_file_system();
}

// ---- against a table ----

#define NAMES 14
static const char *const pool[NAMES] = {
    "a", "a/b", "a/b/c", "a/", "a/a", "a//b", ".", "..", "../a", "a%2Fb", "%00", "a%00", "b", "b/a",
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_list(const int *sizes)
{
    char want[1000] = "";
    const char *sorted[NAMES];
    memcpy(sorted, pool, sizeof pool);
    qsort(sorted, NAMES, sizeof *sorted, by_text);
    for (int i = 0; i < NAMES; i++)
        for (int j = 0; j < NAMES; j++)
            if (sorted[i] == pool[j] && sizes[j] >= 0)
                add_name(want, pool[j], (uint32_t)sizes[j]);
    CHECK_TEXT(list(), want);
}

TEST(random_changes_leave_what_a_table_says)
{
    int sizes[NAMES]; // -1: absent
    srand((unsigned)test_seed());
    printf("# seed %llu\n", (unsigned long long)test_seed());
    for (int round = 0; round < 20; round++) {
        make_file_system();
        for (int i = 0; i < NAMES; i++)
            sizes[i] = -1;
        for (int n = 0; n < 60; n++) {
            int i = rand() % NAMES, j = rand() % NAMES, bytes = rand() % 9;
            switch (rand() % 3) {
            case 0:
                CHECK_EQUAL(put(pool[i], "12345678" + 8 - bytes), 0);
                sizes[i] = bytes;
                break;
            case 1:
                CHECK_EQUAL(fs_remove(&fs, pool[i]), sizes[i] < 0 ? -ENOENT : 0);
                sizes[i] = -1;
                break;
            default:
                CHECK_EQUAL(fs_rename(&fs, pool[i], pool[j]), sizes[j] >= 0   ? -EEXIST
                                                              : sizes[i] >= 0 ? 0
                                                                              : -ENOENT);
                if (sizes[j] < 0 && sizes[i] >= 0) {
                    sizes[j] = sizes[i];
                    sizes[i] = -1;
                }
            }
            CHECK_EQUAL(fs_size(&fs, pool[i]), sizes[i] < 0 ? -ENOENT : sizes[i]);
            check_list(sizes);
        }
        remove_file_system();
    }
}

// ---- room ----

TEST(room_is_counted_in_pages)
{
    CHECK_EQUAL(spiffs_file_pages(0), 1);
    CHECK_EQUAL(spiffs_file_pages(1), 2);
    CHECK_EQUAL(spiffs_file_pages(251), 2);
    CHECK_EQUAL(spiffs_file_pages(252), 3);
    CHECK_EQUAL(spiffs_file_pages(105 * 251), 106); // all in the index header
    CHECK_EQUAL(spiffs_file_pages(105 * 251 + 1), 108);
    CHECK_EQUAL(spiffs_file_pages(229 * 251), 231);
    CHECK_EQUAL(spiffs_file_pages(229 * 251 + 1), 233);
    // Totals that SPIFFS itself gives (simulated flash): 64 KB, 256 KB, 1 MB, 24 KB in small
    // blocks.
    CHECK_EQUAL(spiffs_total_bytes(0x100000, 0x10000), 46937);
    CHECK_EQUAL(spiffs_total_bytes(0x100000, 0x40000), 233681);
    CHECK_EQUAL(spiffs_total_bytes(0x100000, 0x100000), 980657);
    CHECK_EQUAL(spiffs_total_bytes(0x100000, 0x6000), 15311);
    CHECK_EQUAL(spiffs_total_bytes(0x101000, 0x6000), 7781); // 16 KB after the rounding
    CHECK_EQUAL(spiffs_total_bytes(0x101000, 0x5000), 7781);
    CHECK_EQUAL(spiffs_total_bytes(0x101000, 0x4000), 0);
}

TEST_MAIN
