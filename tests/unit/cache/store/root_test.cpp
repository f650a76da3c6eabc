// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/store.hpp"
#include <doctest/doctest.h>
