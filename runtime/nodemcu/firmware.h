// firmware.h: which firmware the program is written for, and forms of calls that 3.0 has no more.
//
// Memory: a flag; a bit for each form that has been told of.
// Context: before the first boot, then the interpreter's thread.

#ifndef FROST_NODEMCU_FIRMWARE_H
#define FROST_NODEMCU_FIRMWARE_H

// ---- for the port ----

// What the program is to find.
enum firmware_edition {
    FIRMWARE_3_0,        // 3.0, what frost adds to it, and what image look-ups were like before
    FIRMWARE_LEGACY,     // that, and the forms of calls of firmware before 3.0
    FIRMWARE_STOCK,      // 3.0 of 2024 and nothing else
    FIRMWARE_STOCK_2018, // the first editions with a flash store: no node.LFS, five values of
                         // node.flashindex; with the old forms
};

// The edition of that name ("3.0", "legacy", "stock", "stock-2018"), -1: there is none.
int firmware_edition_of(const char *name);
// Before the first boot.
void firmware_set_edition(enum firmware_edition edition);
// Before each boot: nothing has been told.
void firmware_reset(void);

// ---- for modules ----

// Are the old forms there?
int firmware_is_legacy(void);
enum firmware_edition firmware_edition(void);

// A call, or a module, that firmware before 3.0 had.
struct firmware_form {
    const char *name;     // where it was found: "tmr.alarm"
    const char *form;     // as programs have it
    const char *form_3_0; // what 3.0 has in its place
    int is_offered;       // --firmware=legacy has it
};

// The form that was found there: a module with its name, or a global (module NULL). NULL: none is
// known.
const struct firmware_form *firmware_form_find(const char *module, const char *name);
// All of them, one after another; NULL: there are no more.
const struct firmware_form *firmware_form_at(unsigned idx);
// Says on the console, once a boot, that this form is of older firmware. A module calls it before
// it raises the error of 3.0.
void firmware_form_tell(const struct firmware_form *form);

#endif
