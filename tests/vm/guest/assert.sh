# SPDX-License-Identifier: GPL-2.0-or-later
# Judging: every helper says in the log what it found wrong.

fail() {
    { set +x; } 2>/dev/null
    echo "FAILED: $*"
    exit 1
}

# skip WHY: this kernel or build cannot run the scenario.
skip() {
    { set +x; } 2>/dev/null
    echo "$*"
    exit 77
}

# assert COMMAND ARGUMENT...
assert() { "$@" || fail "not true: $*"; }

# refute COMMAND ARGUMENT...
refute() { ! "$@" || fail "true, though it should not be: $*"; }

# assert_eq ACTUAL EXPECTED [WHAT]
assert_eq() { [ "$1" = "$2" ] || fail "${3:-value} is '$1', expected '$2'"; }

# assert_ne ACTUAL UNEXPECTED [WHAT]
assert_ne() { [ "$1" != "$2" ] || fail "${3:-value} is '$1', expected anything else"; }

# assert_num ACTUAL -gt|-ge|-lt|-le|-eq|-ne BOUND [WHAT]
assert_num() { test "$1" "$2" "$3" || fail "${4:-value} is $1, expected $2 $3"; }

# assert_error TEXT COMMAND ARGUMENT...: it fails, saying TEXT, e.g. "Device or resource busy".
assert_error() {
    _text=$1
    shift
    if _said=$("$@" 2>&1); then fail "succeeded, expected '$_text': $*"; fi
    case $_said in *"$_text"*) ;; *) fail "said '$_said', expected '$_text': $*" ;; esac
}

# wait_until 'SHELL CONDITION' [WHAT]. The bound is there to end a hang, not to judge speed: five minutes at
# the least. The dots are signs of life for the host.
wait_until() {
    { _options=$- && set +x; } 2>/dev/null
    _tries=0
    until eval "$1"; do
        _tries=$((_tries + 1))
        [ $_tries -lt 1500 ] || fail "never came true: ${2:-$1}"
        [ $((_tries % 100)) -ne 0 ] || printf .
        sleep 0.2
    done
    case $_options in *x*) set -x ;; esac
}

# kernel_is 6.1: of that series.
kernel_is() {
    case $(uname -r) in "$1".*) return 0 ;; *) return 1 ;; esac
}

# checksum FILE...: one word for the contents of them all.
checksum() { cat "$@" | md5sum | cut -d ' ' -f 1; }

# expect_splat 'PATTERN': lines of the kernel's log that would otherwise fail the scenario.
expect_splat() { echo "$1" >>/run/vm/expected_splats; }
