// firmware_names.h: every name of the firmware's modules, also of those that are not here.
//
// Memory: constants. Context: any.

#ifndef FROST_NODEMCU_FIRMWARE_NAMES_H
#define FROST_NODEMCU_FIRMWARE_NAMES_H

struct firmware_module {
    const char *name;
    // Its functions, tables and constants, separated by blanks: "sta.connect", "timer:start" for a
    // method. In front of a name, if it is here: '~' is answered without the hardware behind it,
    // '@' without it unless the run is --live.
    const char *names;
};

extern const struct firmware_module firmware_modules[]; // the last one has no name

// The module of that name; NULL: the firmware has none. The text may lie in flash.
const struct firmware_module *firmware_module_find(const char *name);
// A field of the module in its list of names, NULL: it has none of that name. `path` is the table
// in which it is, "" or "sta.".
const char *firmware_module_name(const struct firmware_module *module, const char *path,
                                 const char *name);

#endif
