"""Painters mixed on the page: the mixes that `realtime` makes, by keys, sliders and addresses."""

import numpy as np
import onnx
import onnxruntime
import pytest

from stylecam.models.catalog import BUNDLED, StyleCatalog
from stylecam.realtime.painting.mixing import mix_between

from .conftest import told
from .test_painting import inspect

HOKUSAI, SCREAM = "The Great Wave off Kanagawa", "The Scream"


def _title(page, text):
    page.wait_for_selector(f"#title:text-is('{text}')")


def _mix(share, names=("hokusai", "scream")):
    catalog = StyleCatalog([BUNDLED])
    return mix_between(*(catalog.find(name) for name in names), share)


def _is_painted_by(page, style):
    given, painted = inspect(page)
    wanted = onnxruntime.InferenceSession(style.data).run(None, {"frame": given[None]})[0][0]
    apart = np.abs(wanted.astype(int) - painted)
    return apart.max() <= 4 and apart.mean() <= 1.0


@pytest.fixture
def mixing(page):
    """The page with half of The Scream in The Great Wave."""
    page.evaluate("stylecam.mixer.on && stylecam.mix()")
    for key, title in (("4", "Udnie"), ("3", SCREAM)):
        page.keyboard.press(key)
        _title(page, title)
    page.evaluate("stylecam.share(0.5)")
    page.keyboard.press("1")
    _title(page, HOKUSAI)
    assert page.is_hidden("#share")
    page.keyboard.press("x")
    _title(page, f"{HOKUSAI} 50 % + {SCREAM} 50 %")
    return page


def test_a_mix_is_painted_as_realtime_paints_it(mixing):
    page = mixing
    assert page.get_attribute("[data-act=mix]", "aria-pressed") == "true"
    assert _is_painted_by(page, _mix(0.5))
    assert not _is_painted_by(page, _mix(0.3))
    page.keyboard.press(",")
    page.keyboard.press(",")
    _title(page, f"{HOKUSAI} 70 % + {SCREAM} 30 %")
    assert page.input_value("#share") == "30"
    assert _is_painted_by(page, _mix(0.3))


def test_the_slider_goes_from_painter_to_painter_and_x_ends_the_mix(mixing):
    page = mixing
    page.fill("#share", "100")
    _title(page, SCREAM)
    page.fill("#share", "0")
    _title(page, HOKUSAI)
    page.fill("#share", "60")
    _title(page, f"{HOKUSAI} 40 % + {SCREAM} 60 %")
    page.click("[data-act=mix]")
    _title(page, HOKUSAI)
    assert page.is_hidden("#share")


def test_another_painter_ends_the_mix_and_is_mixed_with_the_one_before(mixing):
    page = mixing
    page.keyboard.press("4")
    _title(page, "Udnie")
    assert page.get_attribute("[data-act=mix]", "aria-pressed") == "false"
    page.keyboard.press("x")
    _title(page, f"Udnie 50 % + {HOKUSAI} 50 %")


def test_an_address_names_a_mix(mixing, visit):
    address = mixing.evaluate("location.hash")
    page = visit(address)
    _title(page, f"{HOKUSAI} 50 % + {SCREAM} 50 %")
    page.evaluate("location.hash = '#style=udnie:3+hokusai'")
    _title(page, f"Udnie 75 % + {HOKUSAI} 25 %")
    page.evaluate("location.hash = '#style=udnie:3+nobody'")
    assert told(page, "nobody") == 'There is no painter "nobody" here: choose one of these.'


def test_a_style_file_is_mixed_with_a_painter_of_the_page(page, tmp_path):
    (tmp_path / "own.onnx").write_bytes(_mix(0.4, ("shipwreck", "udnie")).data)  # no twin
    page.set_input_files("#file", str(tmp_path / "own.onnx"))
    told(page, "newest painter")
    own = page.inner_text("#title")
    page.keyboard.press("3")
    _title(page, SCREAM)
    page.keyboard.press("x")
    _title(page, f"{SCREAM} 50 % + {own} 50 %")
    assert _is_painted_by(
        page, mix_between(_mix(0.4, ("shipwreck", "udnie")), StyleCatalog([BUNDLED]).find("scream"), 0.5)
    )


def test_painters_without_a_common_start_are_not_mixed(page, tmp_path, tiny_style):
    foreign = onnx.load(BUNDLED / "scream-fast.onnx")
    for entry in foreign.metadata_props:
        if entry.key == "stylecam.training":
            entry.value = '{"recipe": {"name": "other", "steps": 5, "seed": 1}, "step": 5}'
        if entry.key == "stylecam.title":
            entry.value = "Foreign"
    onnx.save(foreign, tmp_path / "foreign.onnx")
    page.keyboard.press("1")
    _title(page, HOKUSAI)
    for file, title in ((tmp_path / "foreign.onnx", "Foreign"), (tiny_style, "The negative")):
        page.set_input_files("#file", str(file))
        _title(page, title)
        page.keyboard.press("x")
        assert told(page, "cannot be mixed").startswith(f"{title} and ")
        _title(page, title)
        assert page.get_attribute("[data-act=mix]", "aria-pressed") == "false"


def test_numbers_of_16_bits_are_read_and_rounded_as_numpy_does(page):
    numbers = np.float32(
        [0, -0.0, 1, 1e-8, 3e-8, 6e-8, 65504, 65519, 65520, 1e9, 0.1, 1 / 3, 2049, 2051, -6.1e-5, 5.96e-8]
    )
    found = page.evaluate(
        """async (numbers) => {
          const { fromHalf, toHalf } = await import("/js/weights.js");
          const all = Array.from({ length: 1 << 16 }, (_, bits) => bits);
          const back = all.filter((bits) => !Number.isNaN(fromHalf(bits)) && toHalf(fromHalf(bits)) !== bits);
          return [numbers.map(toHalf), back, toHalf(NaN)];
        }""",
        [float(number) for number in numbers],
    )
    with np.errstate(over="ignore"):
        assert found[0] == numbers.astype(np.float16).view(np.uint16).tolist()
    assert found[1] == []
    assert np.isnan(np.uint16(found[2]).view(np.float16))
