# SPDX-License-Identifier: GPL-2.0-or-later
# The three minutes of the unit are long; the machine is slow.
mkdir -p /run/systemd/system/$UNIT.d
printf '[Service]\nWatchdogSec=30s\n' >/run/systemd/system/$UNIT.d/watchdog.conf
systemctl daemon-reload
systemctl restart $UNIT
wait_until is_active
remember_driver "it gets stuck"
pid=$(main_pid)
restarts=$(property NRestarts)
kill -STOP "$pid"
wait_until '[ "$(property NRestarts)" -gt "$restarts" ] && is_active'
assert logged 'Watchdog timeout'
assert_ne "$(main_pid)" "$pid" "the process"
not_withdrawn
state "stopped with SIGSTOP, and restarted by the watchdog"
rm -r /run/systemd/system/$UNIT.d
systemctl daemon-reload
systemctl restart $UNIT
wait_until is_active
