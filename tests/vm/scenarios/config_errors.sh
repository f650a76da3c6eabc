# SPDX-License-Identifier: GPL-2.0-or-later
# Errors are told with their place, all of them, and with a status of their own; nothing is started.

# complains FILE PATTERN...: --check and a start both end with 78, and say each PATTERN, behind the
# name of the file.
complains() {
    _file=$1
    shift
    for _how in --check '-n -s'; do
        _status=0
        "$DAEMON" $_how -f "$_file" >/run/vm/said 2>&1 || _status=$?
        assert_eq $_status 78 "exit status with $_file"
        for _pattern; do assert grep -qE "^$_file:$_pattern" /run/vm/said; done
        assert_eq "$(wc -l </run/vm/said)" $# "lines said about $_file"
    done
}

make_cache_fs
printf 'dir /cache\nbrun 10x\nbcoll 3%%\nbind\ndir /else\n' >/run/vm/a.conf
complains /run/vm/a.conf 2: 3:.*bcull 4: 5:
printf 'limits:\n  brun: 5%%\n  bcull: 6%%\n' >/run/vm/b.yaml
complains /run/vm/b.yaml .
printf 'cache:\n  directory: /cache\n  colour: red\nlimits: [1\n' >/run/vm/c.yaml
complains /run/vm/c.yaml '[0-9]+:'
complains /run/vm/none.yaml '.*No such file'
assert_eq "$(cache_state)" "" "the cache"

# Reloaded: a broken file changes nothing, a good one does.
. /vm/culling.sh
. /vm/index.sh
start_9p_server
set_limits ''
start_daemon
make_group a 8 16
cache_group a
sed -i 's/^limits: .*/limits: {max-files: 4, max-size: lots}/' "$CONF"
reload_daemon
wait_until 'daemon_said "configuration is not reloaded"'
assert daemon_said "^cachefilesd: $CONF:2:.*max-size"
wait_until 'status_is in_step 1'
sleep 5
assert_eq "$(object_count)" 8 "objects after a reload that was refused"
set_limits 'max-files: 4'
assert daemon_said 'reloaded: limits.max-files: none -> 4'
wait_until '[ "$(object_count)" -le 4 ]'
stop_daemon
