# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon reports to the watchdog while it works and while it has nothing to do, and no more when
# it hangs.

. /vm/culling.sh
. /vm/index.sh
. /vm/supervise.sh
. /vm/faults.sh

pings() { grep -c '^message WATCHDOG=1' "$SUPERVISOR_LOG" || true; }

# silent: five intervals pass without a report.
silent() {
    _pings=$(pings)
    sleep 5
    [ "$(pings)" = "$_pings" ]
}

make_faulty_disk
make_cache_fs
start_9p_server
make_group a 8 16
set_limits ''
start_supervised 2
cache_group a
wait_until_settled

# Nothing to do.
before=$(pings)
wait_until '[ "$(pings)" -gt $((before + 5)) ]' "reports while all is idle"
refute silent

# The culling thread hangs in the kernel, as it would with a disk that does not answer.
# The driver of 6.1 deletes without asking whether the file system is frozen; ext4 remarks on it,
# and then waits.
expect_splat 'ext4_journal_check_start|Call Trace'
disk_hangs
sed -i 's/^limits: .*/limits: {max-files: 4}/' "$CONF"
reload_daemon
wait_until silent "no reports while a thread hangs"
assert daemon_is_running
disk_goes_on
after=$(pings)
wait_until '[ "$(pings)" -gt $((after + 2)) ]' "reports when it goes on"
wait_until '[ "$(object_count)" -le 4 ]'
stop_supervised
