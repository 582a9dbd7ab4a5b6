// version.h: the version of all programs, in --version, man pages, traces, reports and images.
//
// The newest entry of tests/support/debian/changelog names the same (tests/e2e/install.sh).

#ifndef FROST_FORMAT_VERSION_H
#define FROST_FORMAT_VERSION_H

#define FROST_VERSION "0.2.0"

#endif
