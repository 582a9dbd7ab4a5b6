// profile_flat.h: the modules for those who build the image with luac.cross, which takes a module's
// name from a file's, up to its first dot and without directories.
//
// Writes: the directory `luac.cross` in that of the upload: each module as NAME.lua, with "_" for
// each dot of its name, the list, and an _init.lua that maps the names. Memory: the arena of the
// job's context.

#ifndef FROST_JOB_PROFILE_FLAT_H
#define FROST_JOB_PROFILE_FLAT_H

#include <stdio.h>

#include "analyzer/job/profile_job.h"

// Writes the copies into `directory`. Nothing is written if the application has an _init of its
// own, which knows the names it has, if two modules would get one name, or with --exclude.
int profile_flat_write(const struct profile_job *job, const char *directory,
                       struct problem *problem) __attribute__((warn_unused_result));

// What the README says of it: command and map.
void profile_flat_describe(const struct profile_job *job, FILE *file);

#endif
