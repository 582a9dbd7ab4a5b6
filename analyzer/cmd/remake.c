// remake.c: see remake.h.

#include "analyzer/cmd/remake.h"

#include <string.h>

// Where results go and how they are shown; what is checked besides.
static const char *const left_out[] = {"output", "check",        "min-saved", "update", "text",
                                       "force",  "compare-dump", "checks",    "format", "json",
                                       "top",    "sort",         "fields",    NULL};

static bool is_left_out(const struct option *option)
{
    for (size_t i = 0; left_out[i]; i++)
        if (!strcmp(left_out[i], option->name))
            return true;
    return false;
}

static bool takes_value(const struct option *option)
{
    return option->kind != OPTION_FLAG && option->kind != OPTION_PRESET;
}

// The option of a word "--name", "--name=value" or "--no-name"; NULL: none of the command's own.
static const struct option *find_long(const struct call *call, const char *word)
{
    size_t bytes = strcspn(word + 2, "=");
    const struct option *option = call->command->options;
    for (; option->kind != OPTION_END; option++) {
        if (!option->name)
            continue;
        bool is_it = strlen(option->name) == bytes && !strncmp(option->name, word + 2, bytes);
        bool is_no = option->kind == OPTION_FLAG && !strncmp(word, "--no-", 5) &&
                     !strcmp(option->name, word + 5);
        if (is_it || is_no)
            return option;
    }
    return NULL;
}

static const struct option *find_letter(const struct call *call, char letter)
{
    const struct option *option = call->command->options;
    for (; option->kind != OPTION_END; option++)
        if (option->letter == letter)
            return option;
    return NULL;
}

// "NAME=/home/me/file" becomes "NAME=file".
static const char *without_directory(struct arena *arena, const char *value)
{
    const char *path = strchr(value, '=') ? strchr(value, '=') + 1 : value;
    const char *slash = strrchr(path, '/');
    if (*path != '/' || !slash[1])
        return value;
    return arena_format(arena, "%.*s%s", (int)(path - value), value, slash + 1);
}

static const char *quoted(struct arena *arena, const char *value)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_./:=,%+@-";
    const char *text = "";
    if (*value && value[strspn(value, plain)] == 0)
        return value;
    for (; *value; value++)
        text = *value == '\'' ? arena_format(arena, "%s'\\''", text)
                              : arena_format(arena, "%s%c", text, *value);
    return arena_format(arena, "'%s'", text);
}

static const char *told(struct arena *arena, const struct option *option, const char *word,
                        const char *value)
{
    if (!takes_value(option))
        return arena_format(arena, " %s", word);
    if (!strcmp(option->name, "exclude"))
        value = "...";
    return arena_format(arena, " --%s=%s", option->name,
                        quoted(arena, without_directory(arena, value)));
}

const char *remake_options(const struct call *call)
{
    const char *text = "";
    char *const *word = call->words;
    while (*word && strcmp(*word, call->command->name) != 0)
        word++;
    for (word += *word != NULL; *word && strcmp(*word, "--") != 0; word++) {
        bool is_long = !strncmp(*word, "--", 2);
        const struct option *option = NULL;
        if (is_long)
            option = find_long(call, *word);
        else if (**word == '-' && (*word)[1] && !(*word)[2]) // "-ofile" is one word
            option = find_letter(call, (*word)[1]);
        if (!option)
            continue;
        const char *name = *word, *value = strchr(name, '=');
        value = is_long && value ? value + 1 : NULL;
        if (!value && takes_value(option) && word[1])
            value = *++word;
        if (is_long && !is_left_out(option))
            text = arena_format(call->perm, "%s%s", text,
                                told(call->perm, option, name, value ? value : ""));
    }
    return text;
}
