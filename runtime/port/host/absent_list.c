// absent_list.c: see absent_list.h.

#include "runtime/port/host/absent_list.h"

#include <stdio.h>
#include <string.h>

#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/firmware_names.h"

static const struct rotable_entry *find(const struct rotable *t, const char *key, size_t bytes)
{
    const struct rotable_entry *e = t->entries;
    while (e->key && (strncmp(e->key, key, bytes) != 0 || e->key[bytes]))
        e++;
    return e->key ? e : NULL;
}

// "sta.config": is it in the table?
static int is_here(const struct rotable *t, const char *name, size_t bytes)
{
    const char *dot = memchr(name, '.', bytes);
    size_t key_bytes = dot ? (size_t)(dot - name) : bytes;
    const struct rotable_entry *e = find(t, name, key_bytes);
    if (!e || !dot)
        return e != NULL;
    return e->value.tag == ROTABLE_TAG_TABLE &&
           is_here(e->value.as.table, dot + 1, bytes - key_bytes - 1);
}

static void write_parts(FILE *file, const struct firmware_module *module, const struct rotable *t)
{
    for (const char *at = module->names; *at;) {
        at += *at == '~' || *at == '@';
        size_t bytes = strcspn(at, " ");
        if (!memchr(at, ':', bytes) && !is_here(t, at, bytes))
            fprintf(file, "%s.%.*s\n", module->name, (int)bytes, at);
        at += bytes + (at[bytes] == ' ');
    }
}

static void write_forms(FILE *file, const struct rotable *globals)
{
    const struct firmware_form *form;
    for (unsigned i = 0; (form = firmware_form_at(i)); i++)
        if (!is_here(globals, form->name, strlen(form->name)))
            fprintf(file, "%s\t%s\n", form->name, form->form_3_0);
}

int absent_list_write(const struct rotable *globals, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    for (const struct firmware_module *module = firmware_modules; module->name; module++) {
        const struct rotable_entry *e = find(globals, module->name, strlen(module->name));
        if (e && e->value.tag == ROTABLE_TAG_TABLE)
            write_parts(file, module, e->value.as.table);
        else
            fprintf(file, "%s\n", module->name);
    }
    write_forms(file, globals);
    return fclose(file);
}

int module_list_write(const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    for (const struct firmware_module *module = firmware_modules; module->name; module++)
        fprintf(file, "%s\n", module->name);
    return fclose(file);
}
