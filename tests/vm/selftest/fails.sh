# SPDX-License-Identifier: GPL-2.0-or-later

assert_eq 1 2 "one"
