# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for cachefilesctl(1)

# Keys of volumes; nothing, and nothing said, where there is no daemon.
__cachefilesctl_volumes() {
    cachefilesctl --json volumes 2>/dev/null | grep -o '"volume":"[^"]*"' | cut -d'"' -f4
}

_cachefilesctl() {
    local -A OPTIONS=(
        [all]='--json --host -H --cache --quiet -q --no-pager --color --root --help -h --version'
        [top]='--count -n'
        [volumes]='--sort'
        [objects]='--limit'
        [ages]='--bounds'
        [cached]='--files --limit'
        [warm]='--rate --jobs --dry-run'
        [limits]='--persistent'
        [cull]='--bytes --files --older-than --volume --dry-run --yes -y --no-wait'
        [purge]='--all --dry-run --yes -y --no-wait'
        [verify]='--no-wait'
        [monitor]='--count -n'
    )
    local VERBS='status top volumes objects show ages cached warm limits cull purge pin unpin pause
        resume reload verify doctor config monitor metrics log-level help version'
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb='' word comps=''

    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ -z $verb && " ${VERBS//$'\n'/ } " == *" $word "* ]]; then
            verb=$word
        fi
    done

    case $prev in
        --color) comps='auto always never' ;;
        --sort) comps='size objects used name' ;;
        --volume) comps=$(__cachefilesctl_volumes) ;;
        --root) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        --host | -H | --cache | --count | -n | --limit | --bounds | --bytes | --older-than | \
            --rate | --jobs)
            return ;;
        --files) [[ $verb == cull ]] && return ;;&
        *)
            if [[ $cur == -* ]]; then
                comps="${OPTIONS[all]} ${OPTIONS[${verb:-none}]-}"
            else
                case $verb in
                    '') comps=$VERBS ;;
                    help) comps=$VERBS ;;
                    config)
                        if [[ $prev == config ]]; then
                            comps='check dump convert'
                        else
                            COMPREPLY=($(compgen -f -- "$cur"))
                            return
                        fi ;;
                    cached | warm)
                        COMPREPLY=($(compgen -f -- "$cur"))
                        return ;;
                    log-level) comps='error warning notice info debug' ;;
                    limits) comps='max-size= max-files= min-free= max-age= min-age=' ;;
                    objects | purge | pin | unpin) comps=$(__cachefilesctl_volumes) ;;
                esac
            fi ;;
    esac
    COMPREPLY=($(compgen -W "$comps" -- "$cur"))
}

complete -F _cachefilesctl cachefilesctl
