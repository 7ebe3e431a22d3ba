"""Names of files that are to be written."""

from stylecam.realtime.common.whole_files import unused_path


def test_names_are_never_taken_twice(tmp_path):
    path = tmp_path / "a.png"
    assert unused_path(path) == path
    path.touch()
    (tmp_path / "a-2.png").touch()
    assert unused_path(path).name == "a-3.png"
