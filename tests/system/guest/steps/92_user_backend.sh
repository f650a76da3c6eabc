# SPDX-License-Identifier: GPL-2.0-or-later
# The same cache under the user backend, with its device file, which the rest of the system can see. The driver lets go of it.
state "before the user backend"
withdrawn=$(withdrawn_count)
printf 'daemon:\n  backend: user\nuser:\n  device: true\n' >/etc/cachefilesd.yaml.d/50-user.yaml
install -D -m 644 /usr/share/doc/cachefilesd/examples/user-device.conf /etc/systemd/system/$UNIT.d/user-device.conf
systemctl daemon-reload
systemctl restart $UNIT
wait_until is_active
assert_eq "$(readlink "/proc/$(main_pid)/ns/mnt")" "$(readlink /proc/1/ns/mnt)" "mount namespace"
assert test -f /run/cachefilesd/dev/cachefiles
assert test -S /run/cachefilesd/netfs
assert_eq "$(withdrawn_count)" $((withdrawn + 1)) "times withdrawn"
assert_eq "$(property NFileDescriptorStore)" 0 "descriptors kept"
state "user backend, with its device file"
# Without the device file it needs nothing but the unit as it is.
rm -r /etc/systemd/system/$UNIT.d
printf 'daemon:\n  backend: user\n' >/etc/cachefilesd.yaml.d/50-user.yaml
systemctl daemon-reload
systemctl restart $UNIT
wait_until is_active
assert grep -qE '^CapPrm:.0{16}$' "/proc/$(main_pid)/status"
assert test -S /run/cachefilesd/netfs
state "user backend, without capabilities"
rm /etc/cachefilesd.yaml.d/50-user.yaml
systemctl restart $UNIT
wait_until is_active
assert_eq "$(cache_state)" A
state "kernel backend again"
