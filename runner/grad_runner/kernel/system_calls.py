"""The system calls that user code is refused, and their numbers on both machines that a runner can have.

Everything else is allowed: the sandbox and its namespaces decide what code sees, and this list removes what would give it new
namespaces, another process's memory, keys, or parts of the system that have had many faults and that analysis does not need.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Machine: TypeAlias = Literal["x86_64", "aarch64"]
"""As `os.uname().machine` names it."""

Numbers: TypeAlias = Mapping[str, tuple[int | None, int | None]]
"""By name: the number on x86_64 and on aarch64; None where the call does not exist. From 424 on both are the same."""

_OTHER_PROCESSES: Final[Numbers] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
}
"""Reading, writing or directing another process."""

_KEYS: Final[Numbers] = {"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)}
"""The kernel's keyrings, which namespaces do not separate."""

_NAMESPACES_AND_MOUNTS: Final[Numbers] = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_tree_attr": (467, 467),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
}
"""A user namespace gives code capabilities in it: with them it mounted the cgroup file system, and froze and killed its user's
own processes."""

_KERNEL_INTERFACES: Final[Numbers] = {
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "_sysctl": (156, None),
    "nfsservctl": (180, 42),
}
"""Parts of the kernel with a long record of faults, and what tells about other users."""

_MACHINE: Final[Numbers] = {
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "vhangup": (153, 58),
}
"""For administrators of a machine. Code has no capability for them; the filter holds where that would fail."""

_LIMITS: Final[Numbers] = {
    "sched_setaffinity": (203, 122),
}
"""What would end a limit of the runner: it may use these cores and no others."""

REFUSED: Final[Numbers] = {
    **_OTHER_PROCESSES,
    **_KEYS,
    **_NAMESPACES_AND_MOUNTS,
    **_KERNEL_INTERFACES,
    **_MACHINE,
    **_LIMITS,
}
"""Answered with EPERM."""

ABSENT: Final[Numbers] = {
    # Its flags are in memory, which a filter cannot read; libraries then go on with clone.
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # System V IPC and POSIX message queues: memory and queues that belong to no process, so that no limit of a runner counts
    # them; and containers of a pod share them.
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    # Its mode is in memory, too: see `MODES`.
    "openat2": (437, 437),
}
"""Answered with ENOSYS, as by a system that does not have them: programs then do without."""

MODES: Final[Mapping[str, int]] = {
    "chmod": 1,
    "fchmod": 1,
    "fchmodat": 2,
    "fchmodat2": 2,
    "creat": 1,
    "mknod": 1,
    "mknodat": 2,
}
"""The argument that is a mode. What code writes in a read-write directory lies on the machine, and belongs to code's user there:
with the bit for set-user-ID or set-group-ID, whoever runs it there would have that user's rights."""

MODES_AFTER_FLAGS: Final[Mapping[str, int]] = {"open": 1, "openat": 2}
"""The argument with the flags. A mode follows it, which counts only if they make a file."""

CHECKED: Final[Numbers] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "creat": (85, None),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "open": (2, None),
    "openat": (257, 56),
    "fcntl": (72, 25),
    "clone": (56, 220),
    "ioctl": (16, 29),
    "socket": (41, 198),
    "socketpair": (53, 199),
}
"""Allowed or refused by their arguments."""

LAST_KNOWN: Final = 469
"""`file_setattr`, Linux 6.17. Later calls are answered with ENOSYS: nobody has read what they do. So are calls of the x32 ABI,
whose numbers are larger."""


def numbers_on(machine: Machine, calls: Numbers) -> list[int]:
    """The numbers of `calls` that exist on `machine`, in ascending order."""
    column = 0 if machine == "x86_64" else 1
    return sorted(number for pair in calls.values() if (number := pair[column]) is not None)


def number_on(machine: Machine, name: str) -> int:
    """The number of a call in CHECKED that both machines have."""
    (number,) = numbers_on(machine, {name: CHECKED[name]})
    return number
