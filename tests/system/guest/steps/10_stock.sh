# SPDX-License-Identifier: GPL-2.0-or-later
# The older daemon as Debian has it, with an administrator's changes, and a mount that is in use.
sed -i 's/^#RUN=yes/RUN=yes/' /etc/default/cachefilesd
sed -i 's/^brun 10%/brun 12%/' /etc/cachefilesd.conf
echo '# changed by hand' >>/etc/cachefilesd.conf
cp /etc/cachefilesd.conf /run/steps/cachefilesd.conf
modprobe cachefiles
# It aborts by itself in one start of sixteen, now and then after a while.
stock_online() { [ "$(cache_state)" = A ] || { systemctl restart $UNIT; sleep 1; false; }; }
wait_until stock_online
assert_eq "$(property FragmentPath)" /run/systemd/generator.late/cachefilesd.service

for number in $(seq 8); do head -c 262144 /dev/urandom >/srv/export/f$number; done
wait_until 'systemctl is-active nfs-server.service'
echo Y >/proc/fs/nfsd/v4_end_grace || : # it may have ended
mount_nfs
read_mount
wait_until 'stock_online && [ "$(object_count)" -ge 8 ]' "the files are cached"
wait_until 'stock_online && (read_from_cache)' "they are read from the cache"
# Somebody who has the mount open from now on, and reads it all the time.
cat /srv/export/f* >/run/steps/all
setsid sh -c 'cd /mnt/nfs && exec 9<f1 && while [ ! -e /run/steps/leave ]; do
    cat f* | cmp -s - /run/steps/all || echo "wrong data" >>/run/steps/wrong; sleep 2; done' >/dev/null 2>&1 &
wait_until stock_online
state "stock $(version_installed)"
