"""Puts the libraries that Mneme needs into one folder. Debian packages are unpacked on a machine that can download them, and
the folder is used on a machine where nothing can be installed."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Packages that every machine with a compiler has. They must not be replaced.
BASE = re.compile(r"(libc6|libc-|libgcc|libstdc\+\+|libgomp|linux-libc)")
LIBRARY = re.compile(r"(lib|zlib|nlohmann|doctest|ocl-icd)")
NOT_OFFLINE = re.compile(r"(libcurl|libarchive)")  # these packages download files, and the check has no network


def listed_packages():
    lines = (ROOT / "third_party" / "debian-packages").read_text().splitlines()
    names = [line.split()[1] for line in lines if line and not line.startswith("#")]
    return [name for name in names if LIBRARY.match(name) and not NOT_OFFLINE.match(name)]


def dependencies(package):
    done = subprocess.run(["apt-cache", "depends", "--important", package], capture_output=True, text=True)
    return re.findall(r"^ [ |]Depends: ([^<\s]+)", done.stdout, re.MULTILINE)


def with_dependencies(packages, depends_on=dependencies):
    wanted, ahead = [], list(packages)
    while ahead:
        package = ahead.pop(0)
        if package in wanted or BASE.match(package) or not LIBRARY.match(package):
            continue
        wanted.append(package)
        ahead += depends_on(package)
    return wanted


def relative_links(folder):
    """Absolute links inside a package mean the root of a system; here they must mean `folder`."""
    for path in folder.rglob("*"):
        if path.is_symlink() and os.path.isabs(os.readlink(path)):
            target = folder / os.readlink(path).lstrip("/")
            path.unlink()
            path.symlink_to(os.path.relpath(target, path.parent))


def drop_what_is_not_needed(folder):
    for name in ("doc", "man", "lintian", "bug", "locale"):
        shutil.rmtree(folder / "usr" / "share" / name, ignore_errors=True)
    for archive in folder.rglob("*.a"):
        if archive.with_suffix(".so").exists():
            archive.unlink()


def make(folder):
    for tool in ("apt-get", "apt-cache", "dpkg"):
        if not shutil.which(tool):
            sys.exit(f"gpu-check: --make-deps needs {tool}, so a Debian or Ubuntu machine")
    packages = with_dependencies(listed_packages())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as downloads:
        done = subprocess.run(["apt-get", "-q", "download", *packages], cwd=downloads, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"gpu-check: apt-get download failed: {done.stderr.strip().splitlines()[-1]}")
        for archive in sorted(pathlib.Path(downloads).glob("*.deb")):
            subprocess.run(["dpkg", "-x", archive, folder], check=True)
    drop_what_is_not_needed(folder)
    relative_links(folder)
    size = sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
    print(f"{folder}: {len(packages)} packages, {size / 2**20:.0f} MiB; use it with --deps {folder}")


def environment(folder):
    """The environment in which CMake, the linker and the loader find the unpacked libraries first. Unchanged if there are none."""
    env = dict(os.environ)
    if not folder:
        return env
    usr = folder.resolve() / "usr"
    libraries = [str(p) for part in (usr.parent, usr) for p in sorted((part / "lib").glob("*-linux-gnu"))]

    def prepend(name, paths):
        env[name] = os.pathsep.join(paths + ([env[name]] if env.get(name) else []))

    prepend("CMAKE_PREFIX_PATH", [str(usr)])
    headers = usr / "include"
    prepend("CMAKE_INCLUDE_PATH", [str(headers)] + [str(p) for p in sorted(headers.glob("*-linux-gnu"))])
    prepend("CMAKE_LIBRARY_PATH", libraries)
    prepend("LIBRARY_PATH", libraries)
    prepend("LD_LIBRARY_PATH", libraries)
    return env
