# SPDX-License-Identifier: GPL-2.0-or-later
remember_driver "the crash"
pid=$(main_pid)
restarts=$(property NRestarts)
kill -9 "$pid"
wait_until '[ "$(property NRestarts)" -gt "$restarts" ] && is_active'
assert_ne "$(main_pid)" "$pid" "the process"
not_withdrawn
state "killed with signal 9, and restarted by itself"
