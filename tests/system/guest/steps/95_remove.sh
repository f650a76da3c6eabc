# SPDX-License-Identifier: GPL-2.0-or-later
withdrawn=$(withdrawn_count)
objects=$(object_count)
apt-get -y -o Dpkg::Use-Pty=0 remove cachefilesd
assert_eq "$(withdrawn_count)" $((withdrawn + 1)) "times withdrawn"
refute pgrep_cachefilesd
assert test -e /etc/cachefilesd.conf
state removed
dpkg --purge cachefilesd
refute test -e /etc/cachefilesd.conf
refute test -e /etc/default/cachefilesd
refute test -e /var/lib/cachefilesd
assert_eq "$(object_count)" "$objects" "objects that are left"
assert_eq "$(find /etc /lib/systemd /usr/lib /var/lib/systemd -name '*cachefiles*' ! -path '*/modules/*' ! -name 'libcachefiles*')" "" "left-over files"
state purged
# On a system without anything of it: the service runs at once.
install_packages /test/packages/cachefilesd_*.deb
wait_until is_active
assert_eq "$(cache_state)" A
state "installed anew"
