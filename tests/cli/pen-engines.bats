#!/usr/bin/env bats
# A container engine's socket that is granted is root on the host.

load ../lib/common

setup() {
	scratch
}

# listen PATH : a socket there
listen() {
	mkdir -p "${1%/*}"
	(cd "${1%/*}" && /usr/bin/python3 -c \
		'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' \
		"${1##*/}")
}

# warned OPTION PATH SOCKET : pen says what that gives away
warned() {
	expect 0 pen --offline "$1" "$2" true
	has "pen: ${1#--} '$2' (command line) gives '$3' to whatever runs inside"
	has "that is root on the host"
}

@test "a granted socket of an engine is a warning, read-only or not" {
	local name
	for name in docker.sock podman.sock containerd.sock crio.sock \
		buildkitd.sock libvirt-sock; do
		listen "$T/s/$name"
		warned --rw "$T/s/$name" "$T/s/$name"
		warned --ro "$T/s/$name" "$T/s/$name"
		rm "$T/s/$name"
	done
}

@test "so is a directory that has one" {
	listen "$T/host/podman/podman.sock"
	warned --ro "$T/host" "$T/host/podman/podman.sock"
	warned --rw "$T/host/podman" "$T/host/podman/podman.sock"
	listen "$HOME/.docker/run/docker.sock"
	warned --ro "$HOME/.docker" "$HOME/.docker/run/docker.sock"
}

@test "the name does not count: a link, another name, DOCKER_HOST" {
	listen "$XDG_RUNTIME_DIR/docker.sock"
	ln -s "$XDG_RUNTIME_DIR/docker.sock" "$HOME/d"
	warned --rw "$HOME/d" "$XDG_RUNTIME_DIR/docker.sock"
	ln "$XDG_RUNTIME_DIR/docker.sock" "$HOME/other"
	warned --rw "$HOME/other" "$HOME/other"
	listen "$HOME/engine/api"
	expect 0 pen --offline --rw "$HOME/engine" true
	[ -z "$output" ]
	DOCKER_HOST=unix://$HOME/engine/api \
		warned --rw "$HOME/engine" "$HOME/engine/api"
}

@test "pen.conf that grants one is named" {
	listen "$T/docker.sock"
	mkdir -p "$HOME/.config/pen"
	echo "profile default { rw += {\"$T/docker.sock\"} }" \
		>"$HOME/.config/pen/pen.conf"
	expect 0 pen --offline true
	has "$HOME/.config/pen/pen.conf, profile default) gives '$T/docker.sock'"
}

@test "other sockets, and files of that name, are granted without a word" {
	listen "$T/x/agent.sock"
	: >"$T/x/docker.sock"
	expect 0 pen --offline --rw "$T/x" --ro "$T/x/agent.sock" true
	[ -z "$output" ]
}
