// plugin_api.h: QEMU's plugin interface, version 1, as far as it is used: no header is packaged.
//
// Memory: instructions and blocks of translation are QEMU's, valid inside the callback.
// Context: QEMU's thread of the (one) CPU.
// Source: QEMU's manual, "TCG plugins"; docs/devel/tcg-plugins of QEMU 7.2.

#ifndef FROST_QEMU_PLUGIN_API_H
#define FROST_QEMU_PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))
#define PLUGIN_API_VERSION 1

struct qemu_plugin_tb;
struct qemu_plugin_insn;

// Registers are not looked at.
#define PLUGIN_NO_REGISTERS 0
// Loads and stores. Loads alone never call back in QEMU 7.2.
#define PLUGIN_LOADS_AND_STORES 3

typedef void (*plugin_on_translation)(uint64_t id, struct qemu_plugin_tb *block);
typedef void (*plugin_on_execution)(unsigned cpu, void *data);
typedef void (*plugin_on_memory)(unsigned cpu, uint32_t info, uint64_t addr, void *data);
typedef void (*plugin_on_exit)(uint64_t id, void *data);

extern PLUGIN_EXPORT int qemu_plugin_version;
PLUGIN_EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, plugin_on_translation call);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, plugin_on_execution call,
                                            int flags, void *data);
// Adds `value` to *sum without a call; `operation` is PLUGIN_ADD.
#define PLUGIN_ADD 0
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int operation,
                                                void *sum, uint64_t value);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, plugin_on_memory call,
                                      int flags, int rw, void *data);
void qemu_plugin_register_atexit_cb(uint64_t id, plugin_on_exit call, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t n);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
bool qemu_plugin_mem_is_store(uint32_t info);

#endif
