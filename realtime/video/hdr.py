"""HDR video for screens that are not: PQ and HLG to BT.709.

PQ and HLG: ITU-R BT.2100-2, tables 4 and 5. BT.2020 to BT.709 primaries: ITU-R BT.2087-0. Reference white of 203 cd/m2:
ITU-R BT.2408. The result is for a display of BT.1886, gamma 2.4.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from stylecam.realtime.video.libraries import av, cv2
from stylecam.realtime.video.reformat import reformat

__all__ = ["BT2020", "TRANSFERS", "curve", "linear_light", "tone_mapped"]

PQ, HLG = 16, 18  # ITU-T H.273
TRANSFERS = frozenset({PQ, HLG})
BT2020, UNSPECIFIED = 9, 2
WHITE = 255 << 8  # swscale's 16-bit RGB made from YUV
REFERENCE_WHITE = 203.0  # cd/m2: a sheet of paper, or a page with text
PEAK = 1000.0  # cd/m2 that become full white; what few films go beyond is clipped
KNEE = 0.5  # of reference white: below, light stays as it is
GAMMA = 2.4
# Rows and columns R, G, B.
TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)
LUMA_2020 = np.array([[0.2627, 0.6780, 0.0593]], np.float32)


def tone_mapped(frame: av.VideoFrame, matrix: int) -> np.ndarray:
    """A PQ or HLG frame as uint8 `[H, W, 3]` BGR, BT.709; `matrix` is its own, as swscale numbers it.

    The curve is applied to the largest of R, G and B, so that bright colours keep their hue.
    """
    source = None if frame.format.is_rgb else matrix
    signal = reformat(frame, "gbrp16le", src_colorspace=source).to_ndarray()
    light = linear_light(int(frame.color_trc), 65535 if frame.format.is_rgb else WHITE)[signal]
    if frame.color_trc == HLG:
        # The system gamma of a display of 1000 cd/m2.
        light *= cv2.pow(np.maximum(cv2.transform(light, LUMA_2020), 1e-6), 0.2)[..., None] * (PEAK / REFERENCE_WHITE)
    if frame.color_primaries in (BT2020, UNSPECIFIED):
        light = cv2.transform(light, TO_BT709)
        np.maximum(light, 0, out=light)
    red, green, blue = cv2.split(light)
    brightest = cv2.max(cv2.max(red, green), blue)
    scale = curve(brightest) / np.maximum(brightest, 1e-6)
    # The root, because whole numbers of light itself are too few for the darkest greys.
    index = cv2.sqrt(cv2.multiply(light, cv2.merge([scale] * 3))) * np.float32(65535)
    return cv2.cvtColor(_encoded()[index.astype(np.uint16)], cv2.COLOR_RGB2BGR)


@cache
def linear_light(transfer: int, white: int = 65535) -> np.ndarray:
    """float32 [65536]: for each 16-bit signal the light; for PQ over reference white, for HLG of the scene in 0..1.

    `white` is the number of the full signal; what is above it is as bright.
    """
    signal = np.minimum(np.arange(65536) / white, 1)
    if transfer == PQ:
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        root = signal ** (1 / m2)
        nits = 10000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
        return (nits / REFERENCE_WHITE).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12).astype(np.float32)


def curve(light: np.ndarray) -> np.ndarray:
    """Light over reference white to a display's 0..1: unchanged below the knee, above it rolled off to the peak.

    Above the knee it is the curve of Reinhard et al. 2002, "Photographic Tone Reproduction", eq. 4.
    """
    above = np.maximum(light - KNEE, 0) / (1 - KNEE)
    peak = (PEAK / REFERENCE_WHITE - KNEE) / (1 - KNEE)
    rolled = above * (1 + above / peak**2) / (1 + above)
    return np.asarray(np.minimum(np.minimum(light, KNEE) + (1 - KNEE) * rolled, 1))


@cache
def _encoded() -> np.ndarray:
    """For each 16-bit root of the light the signal."""
    return np.rint(255 * (np.arange(65536) / 65535) ** (2 / GAMMA)).astype(np.uint8)
