# SPDX-License-Identifier: GPL-2.0-or-later
# Our package over the running one, with nobody to answer questions.
stock_pid=$(cat /run/cachefilesd.pid)
objects=$(object_count)
install_packages /test/packages/cachefilesd_*.deb /test/packages/libcachefiles0_*.deb
wait_until is_active
refute test -e "/proc/$stock_pid"
assert_eq "$(property FragmentPath)" /lib/systemd/system/cachefilesd.service
assert_eq "$(systemctl is-enabled $UNIT)" enabled
assert_eq "$(dpkg --audit)" "" "what dpkg complains about"
assert test -x /usr/sbin/cachefilesd
refute test -e /etc/init.d/cachefilesd
refute sh -c 'ls /etc/rc?.d/*cachefilesd'
# The configuration is the administrator's still, and in effect.
assert cmp /etc/cachefilesd.conf /run/steps/cachefilesd.conf
assert sh -c 'cachefilesd --dump-config | grep "brun: 12%.*cachefilesd.conf"'
assert_eq "$(find /etc -maxdepth 1 -name 'cachefilesd.conf?*')" "" "left-over versions"
# So is the cache.
assert_eq "$(cache_state)" A
assert_num "$(object_count)" -ge "$objects"
wait_until 'logged "cache mycache in .* is online"'
read_mount
wait_until '(read_from_cache)'
state "installed $(version_installed), /etc/cachefilesd.conf as it was"
