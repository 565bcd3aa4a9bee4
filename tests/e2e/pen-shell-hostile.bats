#!/usr/bin/env bats
# What a hostile program inside can make pen-shell do: nothing that it could
# not be seen doing.

load ../lib/common
load ../lib/shell

setup() {
	scratch
	export SHELL=/bin/bash
}

@test "the relay has no capability, a seccomp filter, and cannot be traced" {
	terminal pen-shell sh -c 'echo ready; read x' <<-'EOF'
		expect ready
		run s=/proc/$TTY_PID/status; grep -q '^Seccomp:.2' $s && grep -q '^NoNewPrivs:.1' $s && grep -q '^CapEff:.0000000000000000' $s
		run ! ls /proc/$TTY_PID/fd
		send \r
		end 0
	EOF
}

@test "neither process of pen-shell, nor its terminal, can be seen from inside" {
	terminal pen-shell bash -c 'cat /proc/[0-9]*/comm; ls /dev/pts
		tty; echo x >/proc/1/fd/1; echo done' <<-'EOF'
		expect done
		never pen-shell
		end 0
	EOF
}

@test "garbage without end is drawn, and opens, changes and leaves nothing" {
	terminal pen-shell bash -c 'head -c 3000000 /dev/urandom; printf "\030\033\\\\"
		for i in {1..300}; do head -c 40 /dev/urandom |
		sed "s/^/\x1b[/;s/.\{8\}/&\x1b]/g;s/.\{9\}/&\x1b[?/g"; done; printf "\030\n"
		echo the-end; stty -echo; read x; echo got $x' <<-'EOF'
		expect the-end
		never \x1b]52
		never \xc2\x9d
		never pen> 
		send \x1d
		expect pen> 
		send \r
		expect \x1b[?1049l
		send ok\r
		expect got ok
		end 0
		modes
	EOF
}

@test "an answer with the escape key in it, which the inside chose, opens nothing" {
	terminal pen-shell bash -c 'stty raw -echo; echo ready; dd bs=1 count=25 2>/dev/null | od -An -c' <<-'EOF'
		expect ready
		send \x1b]l\x1dallow evil.org\r\x1b\\\x1b[0n\r
		expect 035   a   l   l   o   w
		never pen> 
		end 0
	EOF
}

@test "a program that never reads cannot keep the escape key from being seen" {
	terminal pen-shell bash -c 'stty raw -echo; echo ready; exec tail -f /dev/null' <<-'EOF'
		expect ready
		paste 30000
		send \x1d
		expect pen> 
		send quit\r
		end 129
		modes
	EOF
}

@test "nor can one that has not read what 8 MB of keys, or of answers, become" {
	terminal pen-shell bash -c 'stty raw -echo; echo ready; exec tail -f /dev/null' <<-'EOF'
		expect ready
		paste 8000000
		send \x1d
		expect pen> 
		send quit\r
		end 129
		modes
	EOF
}

@test "8-bit titles that are kept while the console is open overflow nothing" {
	LC_ALL=C terminal pen-shell /usr/bin/python3 -c 'if 1:
		import os
		os.write(1, b"ready")
		os.read(0, 1)
		while True: os.write(1, b"\x9d1\a" * 1000 + b"\x9d0\a" * 4000)' <<-'EOF'
		expect ready
		send \r
		expect [pen] 
		send \x1d
		expect pen> 
		send help\r
		expect pen> 
		send \r
		expect [pen] 
		send \x1d
		expect pen> 
		send quit\r
		end 129
		modes
	EOF
}

# what the shell behind pen-shell reads of hello, once that has ended
behind() {
	cat >"$T/after" <<-'EOF'
		pen-shell /usr/bin/python3 -c 'import os, sys
		os.write(1, sys.argv[1].encode().decode("unicode_escape").encode())' "$1"
		stty raw -echo
		echo BEHIND
		head -c 5 | od -An -c
		stty sane
	EOF
	TTY_DELAY=1 terminal bash "$T/after" "$1" <<-'EOF'
		expect BEHIND
		send hello
		expect   h   e   l   l   o
		end 0
	EOF
}

@test "answers that come after the end are not typed into the shell" {
	local q
	for q in '\x1bZ' '\x1b]4;1;?;2;red\a' '\x1b]10;?;red\a' '\x1b[?1004h' \
		'\x1b[c\x1b[>q\x1b]4;1;?;2;?\a\x1b[?u\x1b[?2026$p'; do
		behind "$q" || { echo "after $q" >&2; return 1; }
	done
}

@test "questions about every place do not hide what else was asked" {
	behind "$(for c in {1..20}; do printf '\\x1b[1;%dH\\x1b[6n' "$c"; done)"'\x1bZ\x1b[>q\x1b[?7$p'
}

@test "a terminal that does not answer has the shell's modes all the same" {
	terminal pen-shell printf '\033[c' <<-'EOF'
		deaf
		end 0
		modes
	EOF
}

@test "pen-shell that is killed as soon as the terminal is raw leaves it as it was" {
	local k
	terminal sh -c "strace -o '$T/trace' -e trace=ioctl pen-shell true; :" <<-'EOF'
		end 0
	EOF
	k=$(grep ^ioctl "$T/trace" | grep -n "TCSETS," | sed -n "2s,:.*,,p")
	# it comes back from that call late enough for us
	terminal strace -D -o "$T/trace" -e trace=ioctl \
		-e inject=ioctl:delay_exit=3000000:when="$k" pen-shell cat <<-'EOF'
		raw
		signal 9
		modes
		end -9
	EOF
}

@test "a program that writes for ever cannot keep the console closed" {
	terminal pen-shell bash -c 'yes "$(printf "\033[31mspam\033]2;x\007")"' <<-'EOF'
		expect spam
		send \x1d
		expect pen> 
		send quit\r
		end 129
		modes
	EOF
}

@test "names from inside are shown, and not obeyed" {
	terminal pen-shell bash -c 'read x; getent hosts "$(printf "a\033[31m;b.org")"
		getent hosts zz.evil.org; read x' <<-'EOF'
		send \r
		expect \x1b]2;[pen: refused
		send \x1d
		expect pen> 
		send denied\r
		expect zz.evil.org
		never \x1b[31m
		send log\r
		expect refused
		send allow \t\r
		expect until the pen ends
		never \x1b[31m
		send \r
		send \r
		end 0
	EOF
}

@test "questions without end answer themselves with nothing, and leave the console usable" {
	terminal pen-shell --ask bash -c 'for i in {1..60}; do
		curl -so /dev/null "http://n$i.evil.org/" & done; wait' <<-'EOF'
		expect asks http://n
		send \x1d
		expect answer> 
		send rules\r
		expect nothing was allowed or denied here
		expect answer> 
		send d\r
		expect : deny
		expect answer> 
		send quit\r
		end 129
		modes
	EOF
}

@test "PEN, PATH and a pen in the project cannot replace pen" {
	printf '#!/bin/sh\necho EVIL\n' >pen
	chmod +x pen
	cp pen pen-sni
	PATH=.:$PWD:$PATH terminal "$BIN/pen-shell" echo good <<-'EOF'
		expect good
		never EVIL
		end 0
	EOF
}
