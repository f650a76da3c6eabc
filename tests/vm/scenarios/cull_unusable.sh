# SPDX-License-Identifier: GPL-2.0-or-later
# What the driver left behind and can never use again is found by a scan, and culled: it would take
# space for ever. Everything else stays.

. /vm/culling.sh

attribute=user.CacheFiles.cache

make_cache_fs
start_9p_server
set_limits ''
start_daemon
make_group good 8 16
make_group bad 8 16
make_group dead 8 16
cache_group good
cache_group bad
cache_group dead tag-dead
volume=$(find $CACHE/cache -maxdepth 1 -name '*,vm')
dead=$(find $CACHE/cache -maxdepth 1 -name '*,tag-dead')
stop_daemon

nth() { sed -n "$1p" /run/vm/bad.objects; }
long=$(seq 300 | tr -d '\n' | cut -c 1-300)
setfattr -x $attribute "$(nth 1)"
setfattr -n $attribute -v "$long" "$(nth 2)"
for number in 3 4; do
    file=$(nth $number)
    [ "${file%/*}" = "$volume/@00" ] && other=@01 || other=@00
    mv "$file" "$volume/$other/"
done
mv "$(nth 5)" "$volume/@00/Enot-a-name"
setfattr -x $attribute "$dead"
touch "$volume/@00/README" # nobody's: not to be touched
rm -r $INDEX_DIRECTORY

start_daemon
mount_9p
hold /mnt/9p/good/f*
wait_until '[ "$(object_count)" = 12 ]' \
    "what is useless has gone: 8 good, 3 of the bad, and README stay"
assert_eq "$(left_of good)" 8
assert_eq "$(left_of bad)" 3
assert [ -e "$volume/@00/README" ]
wait_until '[ ! -e "$dead" ] && [ -z "$(ls $CACHE/graveyard)" ]' \
    "a volume without its xattr goes as a whole"
assert_eq "$(daemon_status foreign)" 1
wait_until 'status_is objects 11'
assert_eq "$(checksum /mnt/9p/bad/f*)" "$(checksum /share/bad/f*)" "what is read afterwards"
let_go
unmount /mnt/9p
stop_daemon
