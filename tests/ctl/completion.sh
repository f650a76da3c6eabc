# SPDX-License-Identifier: GPL-2.0-or-later
# completion.sh DIRECTORY ZSH: what bash offers at some places; both files are well-formed.
set -eu
"$2" -n "$1/_cachefilesctl"
# shellcheck source=/dev/null
. "$1/cachefilesctl.bash"

failed=0
# offers EXPECTED WORD...: the last word is the one that is being typed.
offers() {
    local expected=$1
    shift
    COMP_WORDS=(cachefilesctl "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _cachefilesctl || : # of compgen: nothing fits
    if [ "${COMPREPLY[*]}" != "$expected" ]; then
        echo "$*: ${COMPREPLY[*]} instead of $expected"
        failed=1
    fi
}

# A daemon with two volumes.
cachefilesctl() {
    echo '{"volumes":[{"volume":"nfs,1","cache":"x"},{"volume":"9p,2","cache":"x"}]}'
}

offers "purge pin pause" p
offers "purge" pu
offers "--dry-run" cull --d
offers "--yes" --json purge --y
offers "" status --dry-run
offers "auto always never" --color ""
offers "nfs,1 9p,2" pin ""
offers "nfs,1" cull --volume n
offers "check convert" config c
offers "convert" config con
offers "max-size= max-files= max-age=" limits max
offers "" cull --bytes ""
offers "" cull --files ""
offers "--dry-run" warm --d
offers "$1/_cachefilesctl" warm "$1/_c"
offers "$1/_cachefilesctl" cached --files "$1/_c"
exit "$failed"
