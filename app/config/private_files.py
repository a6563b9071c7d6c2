"""Make the instance folder 0700 and what is in it 0600, and say in a line where it cannot be written."""

import errno
import logging
import os
import stat
from pathlib import Path

from app.config.credentials import ConfigurationError

FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
FILES = ("gateway.db*", "upgrade.lock", "secret_key*", "refused_keys", "tiger-rest.toml")
FOLDERS = ("credentials", "metrics", "simulator")
"""What is ours; a host may keep other things in the same folder."""

logger = logging.getLogger(__name__)


def prepare_instance(instance: Path) -> None:
    """Make the instance folder, or tighten the one that is there; one line of the log says what was open to others.

    Raises:
        ConfigurationError: Nothing can be written there.
    """
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A command that root has run may have left files that only root can write.
        for path in (instance, *instance.glob("gateway.db*"), *instance.glob("upgrade.lock")):
            # SQLite may just have removed what it keeps beside its file.
            if not os.access(path, os.R_OK | os.W_OK) and path.exists():
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except OSError as error:
        raise get_unwritable(error, instance) from error
    own = [instance, *(path for pattern in FILES for path in instance.glob(pattern))]
    own += [path for name in FOLDERS for path in (instance / name, *(instance / name).rglob("*"))]
    if tightened := [path.name for path in own if _tighten(path)]:
        logger.warning("In %s were open to other users, and no longer are: %s", instance, ", ".join(tightened))


def get_unwritable(error: OSError, instance: Path) -> ConfigurationError:
    """Return in one line that the instance folder, or a file there, cannot be written, and what to do."""
    return ConfigurationError(
        f"{error.filename} cannot be written ({error.strerror}): give the instance folder to user {os.geteuid()} "
        f"with chown -R {os.geteuid()} {instance}, or name another one in TIGER_REST_INSTANCE"
    )


def _tighten(path: Path) -> bool:
    """Take a file or folder from other users; one that is not ours to change stays as it is."""
    try:
        mode = path.lstat().st_mode
        if not mode & FOR_OTHERS or stat.S_ISLNK(mode):
            return False
        path.chmod(stat.S_IMODE(mode) & ~FOR_OTHERS)
    except OSError:
        return False
    return True
