# SPDX-License-Identifier: GPL-2.0-or-later

skip nothing to test here
