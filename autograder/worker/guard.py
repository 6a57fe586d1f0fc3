"""What bubblewrap leaves open: system calls that reach beyond one submission, and memory of all its processes together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from pathlib import Path

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_EPERM, _ENOMEM, _ENOSYS, _EAFNOSUPPORT = 1, 12, 38, 97
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000

# Numbers of system calls on (x86-64, 64-bit ARM), from the kernel's tables.
_REFUSED = {
    # Memory, queues and keys that outlive their process, or are counted to nobody.
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "memfd_secret": (447, 447),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "ioprio_set": (251, 30),
    # Much of the kernel's past holes: namespaces, mounts, programs within the kernel.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
}
_MISSING = {  # programs do without these, where the kernel does not have them
    "memfd_create": (319, 279),
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
_CLONE, _SOCKET, _MMAP, _PRLIMIT, _SETPRIORITY = (56, 220), (41, 198), (9, 222), (302, 261), (141, 140)
_CLONE_NEW = 0x7E020000
"""Any new namespace."""
_FAMILIES = (1, 2, 10, 16)
"""Unix, IPv4, IPv6 and netlink: those that a network namespace encloses."""
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def _filter(machine: str) -> bytes:
    """The program that decides about a system call, as the kernel's struct sock_filter one after the other."""
    column, architecture = _MACHINES[machine]
    program: list[tuple[int, int, int, int]] = []

    def load(offset: int) -> None:
        program.append((0x20, 0, 0, offset))

    def give(error: int) -> None:
        program.append((0x06, 0, 0, _ERRNO | error if error else _ALLOW))

    def argument(number: int) -> int:
        return 16 + 8 * number

    def when(call: tuple[int, int], body: list[tuple[int, int, int, int]]) -> None:
        """`body`, which begins with the number loaded and ends with it loaded, only for `call`."""
        program.append((0x15, 0, len(body), call[column]))
        program.extend(body)

    load(4)
    program.append((0x15, 1, 0, architecture))
    give(_EPERM)  # the other word length, whose calls have other numbers
    load(0)
    if machine == "x86_64":
        program.append((0x35, 0, 1, 0x40000000))  # x32
        give(_EPERM)
    for error, calls in ((_EPERM, _REFUSED), (_ENOSYS, _MISSING)):
        for call in calls.values():
            when(call, [(0x06, 0, 0, _ERRNO | error)])
    back = (0x20, 0, 0, 0)
    refuse, no_memory, no_family = ((0x06, 0, 0, _ERRNO | error) for error in (_EPERM, _ENOMEM, _EAFNOSUPPORT))
    when(_CLONE, [(0x20, 0, 0, argument(0)), (0x45, 0, 1, _CLONE_NEW), refuse, back])
    when(_PRLIMIT, [(0x20, 0, 0, argument(0)), (0x15, 1, 0, 0), refuse, back])
    when(_SETPRIORITY, [(0x20, 0, 0, argument(0)), (0x15, 1, 0, 0), refuse, back])
    # Shared memory without a name belongs to no process's limit. MAP_ANONYMOUS is 0x20, MAP_SHARED 1.
    shared = [(0x20, 0, 0, argument(3)), (0x54, 0, 0, 0x21), (0x15, 0, 1, 0x21), no_memory, back]
    when(_MMAP, shared)
    families = [(0x15, len(_FAMILIES) - n, 0, family) for n, family in enumerate(_FAMILIES)]
    when(_SOCKET, [(0x20, 0, 0, argument(0)), *families, no_family, back])
    give(0)
    return b"".join(struct.pack("=HBBI", *line) for line in program)


def forbid_calls() -> bool:
    """Filter the system calls of this process and all it starts. False where this machine has no filter that we know."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _MACHINES:
        return False
    code = _filter(machine)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    program = Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0


def standing() -> tuple[object, ...]:
    """What a process of the same user can change about this one: its limits, its cores, its rank."""
    kinds = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    limits = [resource.getrlimit(getattr(resource, name)) for name in sorted(kinds)]
    if sys.platform != "linux":
        return tuple(limits)
    rank = (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), frozenset(os.sched_getaffinity(0)))
    return (*limits, *rank)


def private_mb(process: int | str) -> float:
    """Memory of a process that is not a file's, in MB; 0 where there is no such process."""
    found = 0
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{process}/status").read_text(errors="replace").splitlines():
            if line.startswith(("RssAnon:", "RssShmem:")):
                found += int(line.split()[1])
    return found / 1024


def others_mb(own: float) -> float:
    """Memory of all other processes in this PID namespace together, beyond the `own` MB that each has by birth."""
    others = [at.name for at in Path("/proc").iterdir() if at.name.isdigit() and int(at.name) not in (1, os.getpid())]
    return sum(max(0.0, private_mb(name) - own) for name in others)
