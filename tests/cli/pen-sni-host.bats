# pen-sni: names as the host has them at the time: resolv.conf, hosts and
# nsswitch.conf, which are links to wherever.
load ../lib/common

setup() {
	scratch
	unshare -Urmn true 2>/dev/null || skip_missing "user namespaces"
	SNI=$ROOT/tests/lib/sni_client.py
	LOG=$T/log
	echo nameserver 127.0.0.1 >"$T/inside"
	# an /etc of its own, and what its links lead to outside of it
	mkdir -p "$T/etc" "$T/one" "$T/two"
	cp -a /etc/{passwd,group,ld.so.cache,alternatives} "$T/etc"
	echo nameserver 127.0.0.2 >"$T/one/resolv.conf"
	echo nameserver 127.0.0.3 >"$T/two/resolv.conf"
	echo 127.0.0.1 localhost >"$T/one/hosts"
	echo hosts: files dns >"$T/one/nsswitch.conf"
	ln -s "$T/one/"{resolv.conf,hosts,nsswitch.conf} "$T/etc"
}

# host SCRIPT : runs it where that is /etc; 127.0.0.2 and .3 are DNS servers
# that say 10.2.2.2 and 10.3.3.3 for each name that ends in .test.  The chain
# runs `. $T/in` inside, and waits for a line in the FIFO $T/go where that says
# so.
host() {
	mkfifo "$T/go" "$T/went"
	cat >"$T/host" <<-EOF
		$(declare -f until_true moved)
		T=$T SNI=$SNI
		mount --bind "$T/etc" /etc || exit 99
		ip link set lo up
		trap 'kill \$(jobs -p) 2>/dev/null' EXIT
		for i in 2 3; do
			ADDRESS=127.0.0.\$i PORT=53 "$SNI" serve "$T/asked.\$i" \\
				{one,two,three}.test=10.\$i.\$i.\$i \\
				>"$T/ready.\$i" &
			until_true grep -qs ready "$T/ready.\$i"
		done
		exec 9<>"$T/went"
		$1
	EOF
	expect 0 unshare -Urmn bash "$T/host" 3>&-
}

# in the host: moved FILE TO : it is a link to there from now on
moved() {
	ln -sfn "$2" "$T/etc/.new"
	mv -T "$T/etc/.new" "$T/etc/$1"
}

# chain SCRIPT : runs it inside
chain() {
	cat >"$T/in" <<-EOF
		reach() {
			local to=\$("$SNI" ask "\$1" A)
			"$SNI" raw "\${to#* }" 5000 42
		}
		went() { echo >"$T/went"; read -r _ <"$T/go"; }
		$1
	EOF
	echo "pen-sni --log '$LOG' --allow tcp://*.own.test:5000 \\
		$(printf -- '--allow tcp://%s.test:5000 ' one two three blocked) \\
		'$PROBE/sni_handover' '$T/inside' bash '$T/in'"
}

# addresses : what was dialled, or was not, one after the other
addresses() {
	jq -r 'select(.kind == "tcp") | .name + " " + (.address // .why)' "$LOG"
}

@test "resolv.conf that is linked to another directory is read from there" {
	host "$(chain 'reach one.test; went; reach two.test') &
		read -r _ <&9
		moved resolv.conf '$T/two/resolv.conf'
		echo >'$T/go'
		wait -n \$!"
	run -0 addresses
	[ "$output" = $'one.test 10.2.2.2\ntwo.test 10.3.3.3' ]
	lacks "cannot read"
}

@test "resolv.conf that changes while a lookup is open is taken at once" {
	echo nameserver 127.0.0.4 >"$T/one/resolv.conf" # who says nothing
	host "ADDRESS=127.0.0.4 PORT=53 HOLD='$T/never' '$SNI' serve '$T/asked.4' \\
			>/dev/null &
		mkfifo '$T/never'
		$(chain 'reach one.test') &
		chain=\$!
		until_true grep -qs one.test '$T/asked.4'
		moved resolv.conf '$T/two/resolv.conf'
		wait \$chain"
	run -0 addresses
	[ "$output" = "one.test 10.3.3.3" ]
}

@test "where resolv.conf cannot be read the servers stay, and it is said" {
	host "$(chain 'reach one.test; went; reach two.test; reach three.test') &
		read -r _ <&9
		moved resolv.conf '$T/nowhere'
		echo >'$T/go'
		wait -n \$!"
	[ "$(grep -c "cannot read '/etc/resolv.conf': No such file or directory: the servers that it named stay" <<<"$output")" -eq 1 ]
	run -0 addresses
	[ "$output" = $'one.test 10.2.2.2\ntwo.test 10.2.2.2\nthree.test 10.2.2.2' ]
}

@test "hosts is read where it is linked to, as it is then, before DNS is asked" {
	printf '%s\n' '0.0.0.0 blocked.test # not there' \
		'10.9.9.9 other One.TEST alias' >"$T/one/hosts"
	echo 10.8.8.8 one.test >"$T/two/hosts"
	host "$(chain 'reach one.test; reach blocked.test; reach two.test; went
			reach one.test; reach blocked.test') &
		read -r _ <&9
		moved hosts '$T/two/hosts'
		echo >'$T/go'
		wait -n \$!"
	run -0 addresses
	[ "$output" = 'one.test 10.9.9.9
blocked.test 0.0.0.0
two.test 10.2.2.2
one.test 10.8.8.8
blocked.test Domain name not found' ]
	run -0 sort -u "$T/asked.2"
	lacks one.test
}

@test "nsswitch.conf says whether hosts counts, and when" {
	echo 10.9.9.9 one.test mine.own.test >"$T/one/hosts"
	echo hosts: dns files >"$T/one/nsswitch.conf"
	echo hosts: dns >"$T/two/nsswitch.conf"
	host "$(chain 'reach one.test; reach mine.own.test; went; reach two.test
			reach mine.own.test') &
		read -r _ <&9
		moved nsswitch.conf '$T/two/nsswitch.conf'
		rm '$T/etc/resolv.conf' # what was answered does not count any more
		cp '$T/two/resolv.conf' '$T/etc'
		echo >'$T/go'
		wait -n \$!"
	run -0 addresses
	[ "$output" = 'one.test 10.2.2.2
mine.own.test 10.9.9.9
two.test 10.3.3.3
mine.own.test Domain name not found' ]
}
