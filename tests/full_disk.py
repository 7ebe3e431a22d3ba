"""Writing that fails halfway, as on a full disk, without one."""

import contextlib
import resource


@contextlib.contextmanager
def no_file_larger_than(size):
    """Inside, this process and those it starts can write no file beyond `size` bytes: OSError, EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
