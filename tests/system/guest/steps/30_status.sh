# SPDX-License-Identifier: GPL-2.0-or-later
# What an administrator sees.
systemctl status $UNIT >/run/steps/said
cat /run/steps/said
assert grep -q 'Status: "Online: [1-9]' /run/steps/said
wait_until 'busctl status $BUS >/dev/null 2>&1' "the daemon is on the bus"
cachefilesctl status >/run/steps/said
cat /run/steps/said
assert grep -q '^OK: ' /run/steps/said
assert grep -q '^nfs,' /run/steps/said
verdict=$(head -n 1 /run/steps/said)
# What is in use is asked of the driver when it counts.
cachefilesctl cull --files 8 --dry-run
assert_eq "$(cachefilesctl --json objects | grep -c '"in_use":true')" 8 "objects in use"
cachefilesctl metrics >/run/steps/said
assert grep -q '^cachefiles_online{cache="mycache"} 1$' /run/steps/said
# Status 1: there are warnings.
cachefilesctl doctor >/run/steps/said || [ $? = 1 ]
cat /run/steps/said
assert grep -q '0 errors' /run/steps/said
explained 6d29a1e3f3e44b9c8b1f5d0a6f1c7b01 'The cache mycache is online' || fail "no explanation in the journal"
note "systemctl status: $(property StatusText)"
note "cachefilesctl status: $verdict"
state "looked at"
