// profile_upload.h: what is to be brought to the device, as a directory of the result.
//
//   upload/lfs.img     the image, with the list if it was measured
//   upload/init.lua    the small one that starts the application out of the image, if one was made
//   upload/_init.lua   its source, for those who build the image themselves
//   upload/luac.cross/ flat copies of the modules, for that compiler (profile_flat.h)
//   upload/README.md   what to upload, what to delete, the commands

#ifndef FROST_JOB_PROFILE_UPLOAD_H
#define FROST_JOB_PROFILE_UPLOAD_H

#include "analyzer/job/profile_job.h"

// Writes it into the result; nothing if there is no image.
int profile_upload_write(const struct profile_job *job, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
