"""Descriptors from one process to another by a socket in a shared directory.

pass_fd.py receive SOCKET WRITE PATH	waits for a descriptor at SOCKET, then
	for its sender's end and a second connection, and appends WRITE to PATH
	below the descriptor, or to the descriptor itself if PATH is "-"
pass_fd.py send SOCKET FILE	sends FILE, opened
pass_fd.py go SOCKET		the second connection
"""
import os
import socket
import sys

mode, name = sys.argv[1:3]
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
if mode == "receive":
    s.bind(name)
    s.listen()
    c = s.accept()[0]
    fd = socket.recv_fds(c, 1, 1)[1][0]
    print("received", flush=True)
    s.accept()
    if sys.argv[4] != "-":
        fd = os.open(sys.argv[4], os.O_WRONLY | os.O_APPEND, dir_fd=fd)
    os.write(fd, sys.argv[3].encode())
    print("written", flush=True)
else:
    while s.connect_ex(name) != 0:
        pass
    if mode == "send":
        fd = os.open(sys.argv[3], os.O_RDONLY if os.path.isdir(sys.argv[3])
                     else os.O_RDWR | os.O_NOCTTY)
        socket.send_fds(s, [b"x"], [fd])
