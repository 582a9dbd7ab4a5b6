// no_probes.h: for sources that are compiled once for all builds of probes (runtime/builds.mk).
// If one asks for probes, also in a header, its name must leave the list there.

#pragma GCC poison FROST_PROBED FROST_TRACED
