# SPDX-License-Identifier: GPL-2.0-or-later
# The bus: everybody may look, only the administrator may change something, or whom the administrator allows it.
get() { busctl get-property $BUS "$cache" $BUS.Cache "$1"; }

# denied METHOD ARGUMENT...: to nobody, and with the reason.
denied() {
    if said=$(quietly as_nobody busctl call $BUS "$cache" $BUS.Cache "$@"); then fail "nobody may call $1"; fi
    case $said in *denied* | *polkit* | *authentication*) ;; *) fail "nobody, $1: $said" ;; esac
}

assert_eq "$(busctl get-property $BUS /org/cachefiles1 $BUS.Manager Backend)" 's "kernel"'
cache=$(busctl tree --list $BUS | grep -m 1 '^/org/cachefiles1/cache/')
busctl introspect $BUS "$cache"

busctl call $BUS "$cache" $BUS.Cache Pause
wait_until '[ "$(get Paused)" = "b true" ]'
busctl call $BUS "$cache" $BUS.Cache Resume
wait_until '[ "$(get Paused)" = "b false" ]'
note "root: paused and resumed, by busctl"

assert_eq "$(as_nobody busctl get-property $BUS "$cache" $BUS.Cache State)" 's "online"'
assert as_nobody cachefilesctl status
denied Pause
denied Verify
denied Cull 'a{sv}' 1 bytes t 1000000
denied SetLimits 'a{sv}' 1 max-size t 1000000
note "nobody: looks at the state; Pause, Verify, Cull and SetLimits are denied:" $said
said=$(quietly as_nobody cachefilesctl pause || echo "exit status $?")
case $said in *"exit status 4") ;; *) fail "nobody, cachefilesctl pause: $said" ;; esac
note "nobody: cachefilesctl pause:" $said
assert_eq "$(get Paused)" 'b false'
# The bus itself denies the name, and properties that can be written.
if said=$(quietly as_nobody busctl call org.freedesktop.DBus / org.freedesktop.DBus RequestName su $BUS 4); then
    fail "nobody may take the name: $said"
fi
note "nobody: takes the name: $said"
if said=$(quietly as_nobody busctl set-property $BUS /org/freedesktop/LogControl1 org.freedesktop.LogControl1 LogLevel s debug); then
    fail "nobody may set the log level"
fi
note "nobody: sets the log level: $said"

# A rule of the administrator's lets nobody do one thing.
assert_eq "$(systemctl is-active polkit.service)" active
cat >/etc/polkit-1/rules.d/10-test.rules <<'END'
polkit.addRule(function(action, subject) {
    if (action.id == "org.cachefiles1.manage" && subject.user == "nobody")
        return polkit.Result.YES;
});
END
wait_until 'as_nobody busctl call $BUS "$cache" $BUS.Cache Pause 2>/dev/null' "the rule is in effect"
assert_eq "$(get Paused)" 'b true'
denied Cull 'a{sv}' 1 bytes t 1000000
rm /etc/polkit-1/rules.d/10-test.rules
wait_until '! as_nobody busctl call $BUS "$cache" $BUS.Cache Resume 2>/dev/null' "the rule is no longer in effect"
cachefilesctl resume
note "nobody, by a rule of polkit's: Pause is allowed, Cull is not"

# LogControl1, by way of the unit's BusName=.
systemctl service-log-level $UNIT debug
assert_eq "$(systemctl service-log-level $UNIT)" debug
systemctl service-log-level $UNIT info
state "looked at by all, changed by root"
