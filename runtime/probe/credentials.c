// credentials.c: see credentials.h.

#include "runtime/probe/credentials.h"

#include <stddef.h>

#include "runtime/probe/probe.h"

// Words as a whole; a plural `s` is passed over.
static const char *const credential_words[] = {
    "auth", "authorization", "apikey", "cookie", "key", "pass", "psk", "pw", "pwd", "token"};
// Also inside of words.
static const char *const credential_parts[] = {"credential", "passphrase", "passwd",
                                               "password",   "secret",     "ssid"};
#define COUNT_OF(list) (sizeof(list) / sizeof *(list))
#define MORE_PARTS_MAX 16u
static const char *more_parts[MORE_PARTS_MAX]; // the user's
static unsigned more_part_count;

int probe_add_credential(const char *word)
{
    if (more_part_count == MORE_PARTS_MAX || !*word)
        return 0;
    more_parts[more_part_count++] = word;
    return 1;
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

static int is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static int is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static int begins_with(const char *name, uint32_t bytes, const char *word)
{
    uint32_t i = 0;
    for (; word[i]; i++)
        if (i == bytes || lower(name[i]) != lower(word[i]))
            return 0;
    return (int)i;
}

static int is_word(const char *name, uint32_t bytes)
{
    for (size_t i = 0; i < COUNT_OF(credential_words); i++) {
        uint32_t length = (uint32_t)begins_with(name, bytes, credential_words[i]);
        if (length && (length == bytes || (length + 1 == bytes && lower(name[length]) == 's')))
            return 1;
    }
    return 0;
}

static int has_part(const char *name, uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes; at++) {
        for (size_t i = 0; i < COUNT_OF(credential_parts); i++)
            if (begins_with(name + at, bytes - at, credential_parts[i]))
                return 1;
        for (unsigned i = 0; i < more_part_count; i++)
            if (begins_with(name + at, bytes - at, more_parts[i]))
                return 1;
    }
    return 0;
}

int credentials_is_name(const char *name, uint32_t bytes)
{
    if (has_part(name, bytes))
        return 1;
    for (uint32_t at = 0; at < bytes;) {
        uint32_t end_at = at;
        while (end_at < bytes && is_letter(name[end_at]) &&
               !(end_at > at && is_upper(name[end_at]) && !is_upper(name[end_at - 1])))
            end_at++;
        if (end_at > at && is_word(name + at, end_at - at))
            return 1;
        at = end_at > at ? end_at : at + 1;
    }
    return 0;
}

int credentials_are_in(const char *text, uint32_t bytes)
{
    const uint32_t name_bytes_max = 32;
    for (uint32_t at = 1; at < bytes; at++) {
        if (text[at] != ':' && text[at] != '=')
            continue;
        uint32_t end_at = at;
        while (end_at > 0 && !is_letter(text[end_at - 1]) && at - end_at < 3) // quotes, blanks
            end_at--;
        uint32_t first = end_at;
        while (first > 0 && end_at - first < name_bytes_max &&
               (is_letter(text[first - 1]) || text[first - 1] == '_' || text[first - 1] == '-'))
            first--;
        if (end_at > first && credentials_is_name(text + first, end_at - first))
            return 1;
    }
    return 0;
}
