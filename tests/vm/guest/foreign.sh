# SPDX-License-Identifier: GPL-2.0-or-later
# For scenarios with files of others in the cache.

# objects: in whichever way the driver encoded their keys, which for 9P are inode numbers of the host. No file that
# litter() makes looks like one; a scenario may add one that does, but for a line break in its name.
objects() {
    find $CACHE/cache -xdev -type f -path '*/@??/[DSTE]*' ! -path '*/@??/*/*' ! -name "*$(printf '\nx')" || true
}

# make_outside: a tree that nothing in a cache may lead to.
make_outside() {
    mkdir -p /outside/@05 /outside/deep
    for _name in Dobject Tfile @05/Dobject deep/file; do
        echo canary >"/outside/$_name"
    done
    _outside=$(describe_outside)
    litter /run/vm/litter
}

describe_outside() { find /outside -exec stat -c '%n %F %s %y' {} + | sort; }

assert_outside_intact() { assert_eq "$(describe_outside)" "$_outside" "what lies outside"; }

# litter DIRECTORY: one of each kind that the driver does not make.
litter() {
    mkdir -p "$1"
    (
        cd "$1" || exit
        echo text >README
        echo text >"$(printf 'line\nbreak')"
        echo text >"$(printf 'odd\001\377\033[31m')"
        echo text >"$(printf '%0255d' 0)"
        mkdir folder Dfolder "$(printf 'new\nline')" lost+found
        mkdir -p "$(printf 'deep/%.0s' $(seq 300))"
        echo text >folder/Dfile
        mkfifo fifo Dfifo
        mknod device c 1 3
        supervisor socket 0 /bin/true >/dev/null
        ln -s /outside outside
        ln -s /outside/Dobject Doutside
        ln -s /outside Iout
        ln -s /nowhere/at/all Ddangling
        ln -s . Dself
    )
}

# litter_left DIRECTORY: how many entries of litter() are there.
litter_left() {
    (
        cd "$1" || exit
        ls -1d README line* odd* 000* folder Dfolder new* lost+found deep fifo Dfifo device socket \
            outside Doutside Iout Ddangling Dself 2>/dev/null | wc -l
    )
}
