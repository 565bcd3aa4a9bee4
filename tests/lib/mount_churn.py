"""mount_churn: mounts and unmounts a tmpfs, in namespaces of its own, until it is
killed.  The kernel is then unsure of every lookup that meets a ".." (EAGAIN)."""
import ctypes
import os

CLONE_NEWUSER, CLONE_NEWNS, MNT_DETACH = 0x10000000, 0x00020000, 2
libc = ctypes.CDLL(None, use_errno=True)
ids = os.getuid(), os.getgid()
if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
    raise OSError(ctypes.get_errno(), "unshare")
for name, text in (("setgroups", "deny"), ("uid_map", f"0 {ids[0]} 1"),
                   ("gid_map", f"0 {ids[1]} 1")):
    with open(f"/proc/self/{name}", "w") as f:
        f.write(text)
print("ready", flush=True)
while libc.mount(b"x", b"/tmp", b"tmpfs", 0, None) == 0:
    libc.umount2(b"/tmp", MNT_DETACH)
