// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// libfuse's headers want to know for which of its interfaces they are read: 3.14's.
#define FUSE_USE_VERSION 314
#include <fuse3/fuse_lowlevel.h> // IWYU pragma: export
