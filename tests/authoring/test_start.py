"""What starts the course on a student's computer: start.py, the lock, and the files for conda, Docker, VS Code and Colab."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from autograder import weeks
from autograder.authoring import release, wheels
from autograder.paths import ROOT

HERE = ROOT / "autograder" / "authoring" / "for_students"
GUIDES = ROOT / "docs" / "students"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """What students receive."""
    return release.gather([weeks.load(1)])


@pytest.fixture
def start(files: dict[str, bytes], tmp_path: Path) -> ModuleType:
    """start.py in a folder with the lock and the project file, as in the zip."""
    for name in ("start.py", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes(files[name])
    (tmp_path / "assignments" / "week02_receptive_field").mkdir(parents=True)
    (tmp_path / "assignments" / "week01_convolution").mkdir()
    spec = importlib.util.spec_from_file_location("start", tmp_path / "start.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_old_pythons_can_read_it() -> None:
    ast.parse((HERE / "start.py").read_text(encoding="utf-8"), feature_version=(3, 4))
    (HERE / "start.py").read_text(encoding="ascii")  # an old Python takes ASCII where nothing else is said


@pytest.mark.parametrize(
    ("computer", "word"),
    [
        (((3, 10), "linux", "x86_64"), "needs Python 3.11 to 3.13, and this is 3.10"),
        (((3, 14), "linux", "x86_64"), "and this is 3.14: run `python3.12 start.py`"),
        (((3, 12), "darwin", "x86_64"), "Intel"),
        (((3, 12), "darwin", "arm64", "", "11.7"), "macOS 12 or newer, and this is 11.7"),
        (((3, 12), "win32", "ARM64"), "Windows on ARM"),
        (((3, 12), "linux", "riscv64"), "riscv64"),
        (((3, 12), "linux", "x86_64", "musl"), "glibc"),
    ],
)
def test_why_a_computer_is_not_fit(start: ModuleType, computer: tuple[Any, ...], word: str) -> None:
    assert word in start.unfit(*computer)


def test_what_it_says_of_a_computer_is_what_the_wheels_say(start: ModuleType) -> None:
    """Each computer that start.py takes has a wheel of each package in the lock; the others lack TensorFlow's."""
    lock = wheels.pins(wheels.LOCK.read_text(encoding="utf-8"))
    table = json.loads(wheels.TABLE.read_text(encoding="utf-8"))
    assert {f"{pin.name}=={pin.version}" for pin in lock} == set(table), "run `make lock`"
    fit = 0
    for computer in wheels.computers():
        missing = wheels.without_wheel(computer, lock, table)
        if start.unfit(computer.python, computer.system, computer.machine):
            assert "tensorflow" in missing, computer
        else:
            assert not missing, computer
            fit += 1
    assert fit == 12  # Linux on x86-64 and ARM, macOS, Windows; 3.11, 3.12, 3.13


def test_a_wheel_is_found_by_its_tags() -> None:
    linux, arm, mac, windows = (
        next(c for c in wheels.computers() if name in c.name) for name in ("x86", "ARM", "mac", "Win")
    )
    names = [
        "a-1-cp311-cp311-manylinux_2_17_x86_64.whl",
        "a-1-cp312-cp312-win_amd64.whl",
        "a-1-cp310-abi3-macosx_11_0_arm64.whl",
    ]
    assert [wheels.wheel_for(computer, names) for computer in (linux, arm, mac, windows)] == [
        names[0],
        None,
        names[2],
        None,
    ]
    pin = wheels.Pin("a", "1", "sys_platform == 'win32'", frozenset({"f" * 64}))
    assert wheels.without_wheel(linux, [pin], {}) == [] and wheels.without_wheel(windows, [pin], {}) == ["a"]
    table = {"a==1": {"a-1-py3-none-any.whl": "0" * 64}}
    assert wheels.without_wheel(windows, [pin], table) == ["a"], "a wheel whose hash is not in the lock"


def test_it_sets_up_once_and_again_when_lock_or_place_change(
    start: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[tuple[str, ...]] = []

    def run(*order: str) -> None:
        orders.append(order)
        if "venv" in order:
            Path(start.PYTHON).parent.mkdir(parents=True)
            Path(start.PYTHON).touch()

    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(start, "run", run)
    monkeypatch.setattr(start, "course", lambda *words: calls.append(words) or 0)
    monkeypatch.setattr(start.shutil, "which", lambda name: None)
    monkeypatch.delenv("UV", raising=False)
    assert start.main([]) == 0 and calls == [("start", "week01_convolution")]
    assert [order[-1] for order in orders] == [start.ENVIRONMENT, "requirements.lock", "."]
    assert "--require-hashes" in orders[1] and "--no-deps" in orders[2]
    assert start.main(["check", "1"]) == 0 and calls[-1] == ("check", "1") and len(orders) == 3
    with (tmp_path / "requirements.lock").open("a") as stream:
        stream.write("# renewed\n")
    assert start.main(["--only"]) == 0 and len(orders) == 6 and len(calls) == 2
    assert start.main(["--again"]) == 0 and len(orders) == 9
    monkeypatch.setattr(start.shutil, "which", lambda name: "/bin/uv")
    start.main(["--again"])
    assert [order[:2] for order in orders[9:]] == [("/bin/uv", "venv"), ("/bin/uv", "pip"), ("/bin/uv", "pip")]


def test_a_set_up_whose_output_goes_to_a_file_says_where_it_is(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It once said nothing for minutes."""
    installer = "print('Collecting numpy', flush=True)"
    monkeypatch.setattr(start, "EVERY", -1.0)
    start.run(sys.executable, "-c", installer)
    assert capsys.readouterr().out == "  Collecting numpy\n"
    monkeypatch.setattr(start, "EVERY", 60.0)
    start.run(sys.executable, "-c", installer)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(start, "run", lambda *order: print("runs", order[-1]))
    monkeypatch.setattr(start.shutil, "which", lambda name: None)
    monkeypatch.delenv("UV", raising=False)
    Path(start.PYTHON).parent.mkdir(parents=True)  # `open(READY)` needs the folder that venv would have made
    monkeypatch.setattr(start.shutil, "rmtree", lambda *_, **__: None)
    start.set_up()
    _, one, _, two, _, three, _ = capsys.readouterr().out.splitlines()
    assert one.startswith("1 of 3: ") and two.startswith("2 of 3: the packages") and three == "3 of 3: the course"


def test_what_fails_is_one_sentence_and_status_2(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start.shutil, "disk_usage", lambda folder: start.shutil._ntuple_diskusage(1, 1, 5e8))
    assert start.main([]) == 2
    assert (
        capsys.readouterr().err
        == "start.py: 0.5 GB are free on this disk, and the course needs 3.0: make room first.\n"
    )
    monkeypatch.undo()
    monkeypatch.setattr(start.shutil, "which", lambda name: None)
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: None)
    assert start.main([]) == 2
    assert "sudo apt install python3-venv" in capsys.readouterr().err and not Path(start.ENVIRONMENT).exists()
    with pytest.raises(start.Problem, match=r"could not be installed: ERROR: no network\. Is there a network\?"):
        start.run(sys.executable, "-c", "print('ERROR: no network'); raise SystemExit(1)")


def test_what_a_kernel_of_ones_own_lacks(start: ModuleType, tmp_path: Path) -> None:
    project = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    have = {"numpy": "2.1.0", "matplotlib": "3.10", "keras": "3.10.0", "click": "8.0", "scipy": "1.16"}
    lacking = start.missing(project, have.get)
    assert {"keras<3.16,>=3.12", "click>=8.1", "msgspec>=0.19"} <= set(lacking)
    names = {re.split("[<>=]", one)[0] for one in lacking}
    assert not names & {
        "numpy",
        "matplotlib",
        "scipy",
        "jupyterlab",
        "nbgrader",
        "ipykernel",
        "tensorflow",
        "tensorflow-cpu",
    }
    assert start.missing(project, lambda name: "99" if name != "keras" else "3.15") == []


def cells(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (GUIDES / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_first_cells_of_the_pages_do_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VSCODE_PID", "VSCODE_CWD"):
        monkeypatch.delenv(name, raising=False)
    path = list(sys.path)
    for page in ("colab.md", "vscode.md"):
        (cell,) = cells(page)
        exec(compile(cell, page, "exec"), {})
    assert sys.path == path and "start" not in sys.modules


def test_the_first_cell_for_colab_makes_course_importable_from_the_zip(files: dict[str, bytes], tmp_path: Path) -> None:
    """As in Colab, but for the place of the files: the zip is unpacked, and `start.here` is called from it."""
    release.write_zip(files, tmp_path / "course.zip")
    (cell,) = cells("colab.md")
    cell = cell.replace("/content", str(tmp_path))
    colab = "import sys, types\nsys.modules['google.colab'] = types.ModuleType('google.colab')"
    script = f"{colab}\n{cell}\nimport course\nprint(course.__file__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    ready, where = done.stdout.splitlines()
    assert ready.startswith("The course is ready in ") and where.startswith(str(tmp_path / release.FOLDER))


def test_conda_docker_and_the_development_container_agree_with_the_lock(files: dict[str, bytes]) -> None:
    conda = yaml.safe_load(files["environment.yml"])
    (python,) = (one for one in conda["dependencies"] if str(one).startswith("python="))
    (pip,) = (one["pip"] for one in conda["dependencies"] if isinstance(one, dict))
    version = python.removeprefix("python=")
    assert tuple(map(int, version.split("."))) in wheels.PYTHONS
    assert pip == ["--require-hashes", "--requirement requirements.lock"]
    docker = files["Dockerfile"].decode()
    assert re.search(rf"^FROM python:{re.escape(version)}-slim$", docker, re.MULTILINE)
    for source in re.findall(r"^COPY (\S+) ", docker, re.MULTILINE):
        assert source == "." or source in files, source
    assert ".venv" in files[".dockerignore"].decode().split()
    container = json.loads(files[".devcontainer/devcontainer.json"])
    assert container["build"] == {"dockerfile": "../Dockerfile", "context": ".."}
    extensions = json.loads(files[".vscode/extensions.json"])["recommendations"]
    assert container["customizations"]["vscode"]["extensions"] == extensions


def test_every_command_of_these_files_and_pages_is_one_that_the_bundle_has(files: dict[str, bytes]) -> None:
    texts = [
        files[name].decode()
        for name in files
        if name.startswith("docs/") or name in ("README.md", "environment.yml", "Dockerfile")
    ]
    named = {name for text in texts for name in re.findall(r"\b([A-Za-z.]+\.(?:py|lock|yml|toml))\b", text)}
    inside = {Path(name).name for name in files}
    assert {"start.py", "requirements.lock", "environment.yml"} <= named
    assert not {name for name in named if name not in inside}
    for name in [name for name in files if name == "README.md" or name.startswith("docs/")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", files[name].decode()):
            assert (Path(name).parent / target).as_posix() in files, f"{name}: {target}"


def test_the_installed_size_that_is_printed_is_that_of_the_lock() -> None:
    """Measured where the packages are: this environment has those of the student's lock, and more."""
    from importlib import metadata

    def size(name: str) -> float:
        files = metadata.distribution(name).files or []
        return sum(path.stat().st_size for one in files if (path := Path(str(one.locate()))).is_file()) / 1e9

    here = next(computer for computer in wheels.computers() if computer.name == "Linux, x86-64")
    sizes = {
        pin.name: size(pin.name) for pin in wheels.pins(wheels.LOCK.read_text(encoding="utf-8")) if pin.applies(here)
    }
    said = (GUIDES / "index.md").read_text(encoding="utf-8")
    whole, tensorflow = (
        float(one)
        for one in re.search(r"([\d.]+) GB when installed on Linux, .*?([\d.]+) GB", said, re.DOTALL).groups()
    )
    assert abs(sum(sizes.values()) - whole) < 0.2, sum(sizes.values())
    assert abs(sizes["tensorflow-cpu"] - tensorflow) < 0.1
    for page in (ROOT / "README.md", HERE / "README.md", GUIDES / "problems.md"):
        assert f"{whole} GB" in page.read_text(encoding="utf-8"), page


def interpreter(version: str) -> str | None:
    """A Python of this version on this machine: on the PATH, pyenv's, or one that uv knows; nothing is downloaded."""
    uv = [sys.executable, "-m", "uv", "python", "find", "--no-python-downloads", "--system", version]
    known = subprocess.run(uv, capture_output=True, text=True, check=False).stdout.strip()
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}"), known, *map(str, sorted(pyenv.glob(f"{version}.*/bin/python")))]
    for path in filter(None, candidates):
        order = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if subprocess.run(order, capture_output=True, text=True, check=False).stdout.strip() == version:
            return path
    return None


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_from_the_zip_to_the_first_check(version: str, files: dict[str, bytes], tmp_path: Path) -> None:
    """On each Python of this machine: set up in a folder whose name has a space and an accent, and count points.

    uv is on the PATH for all but 3.12, which shows the way of pip and venv.
    """
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    folder = tmp_path / "Ma thèse"
    release.write_zip(files, tmp_path / "course.zip")
    with zipfile.ZipFile(tmp_path / "course.zip") as archive:
        archive.extractall(folder)
    import uv

    tools = tmp_path / "tools"
    tools.mkdir()
    if version != "3.12":
        (tools / "uv").symlink_to(uv.find_uv_bin())
    ours = ("PYTHON", "VIRTUAL_ENV", "COURSE_", "PYENV_VERSION")  # what is said of package indexes stays
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours) and name != "UV"}
    clean["PATH"] = f"{tools}:/usr/bin:/bin"
    start = [python, "start.py"]
    home = folder / release.FOLDER
    made = subprocess.run([*start, "--only"], cwd=home, env=clean, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    checked = subprocess.run([*start, "check", "1"], cwd=home, env=clean, capture_output=True, text=True, check=False)
    assert checked.returncode == 1 and "0 of 90 points so far" in checked.stdout, checked.stdout + checked.stderr
