# SPDX-License-Identifier: GPL-2.0-or-later
# Passes; stands behind the others, to show that the guest is fit again after each of them.

assert true
