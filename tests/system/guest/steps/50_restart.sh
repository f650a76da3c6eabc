# SPDX-License-Identifier: GPL-2.0-or-later
remember_driver "the restart"
pid=$(main_pid)
systemctl restart $UNIT
wait_until is_active
assert_ne "$(main_pid)" "$pid" "the process"
not_withdrawn
state restarted
