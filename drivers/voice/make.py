"""`make voice`: the generated set of recordings, by espeak-ng, with the readings of pypinyin.

A tool and no part of the daemon. The set is a build result and is not part of the sources: espeak-ng is
under GPL-3.0 and mixes recorded consonants of its own into what it says, so that the licence of its output
is not ours to give; and a hall makes it within seconds, or puts recordings of a speaker in its place.

Numbers of windows are said as numbers, 1 to 99, composed of these words: 十, 二 十 一. A number names a
window and counts nothing, so 2 is always 二 (èr) and never 两; 1 is 一 (yī), since the yāo of telephone
numbers is not said in halls. The same recordings serve for the digits of a ticket.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path

from pypinyin import Style, lazy_pinyin

from drivers.voice.clips import CHIME, Clip, read_clip, write_clip
from drivers.voice.settings import GENERATED

PROGRAM = "espeak-ng"
VOICE = "cmn-latn-pinyin"  # reads syllables with the number of their tone
SPEED = "150"  # words a minute, as espeak counts them: slower than talk, for a hall's echo
RATE = 22_050  # of espeak-ng's own voices
QUIET = 300  # of 32,767: what is below it, before and after a word, is cut off
EDGE_S = 0.01  # that is left of the silence
LOUD = 29_000  # to which the loudest sample of every word is raised
DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
PHRASES = ("请", "再请", "号", "到", "号窗口", "窗口", "十")
# As the letters are called in China; they have no characters that pypinyin could read.
LETTERS = {
    **{"A": "ei1", "B": "bi4", "C": "xi1", "D": "di4", "E": "yi4", "F": "ai2 fu5", "G": "ji4"},
    **{"H": "ei1 qi5", "I": "ai4", "J": "zhei4", "K": "kei4", "L": "ai2 lou5", "M": "ai2 mu5", "N": "en1"},
    **{"O": "ou1", "P": "pi1", "Q": "kiu1", "R": "a1 er5", "S": "ai2 si5", "T": "ti4", "U": "you1"},
    **{"V": "wei1", "W": "da2 bu5 liu5", "X": "ai2 ke5 si5", "Y": "wai1", "Z": "zei4"},
}
# A gong of two tones, the second lower: each a sine with its octave, dying away.
CHIME_TONES = ((0.0, 659.3), (0.35, 523.3))
CHIME_S = 1.3


def readings() -> dict[str, str]:
    """Each word of the set in pinyin: {"请": "qing3", "A": "ei1", "2": "er4", …}."""
    spelt = {word: _pinyin(word) for word in PHRASES}
    return spelt | {digit: _pinyin(character) for digit, character in DIGITS.items()} | LETTERS


def _pinyin(word: str) -> str:
    return " ".join(lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True))


def make(folder: Path) -> Iterator[Path]:
    """Write the whole set. Raises FileNotFoundError without espeak-ng, CalledProcessError where it fails."""
    if shutil.which(PROGRAM) is None:
        raise FileNotFoundError(f"{PROGRAM} is not installed: apt-get install {PROGRAM}")
    folder.mkdir(parents=True, exist_ok=True)
    for word, pinyin in readings().items():
        path = folder / f"{word}.wav"
        write_clip(path, _said(pinyin))
        yield path
    path = folder / f"{CHIME}.wav"
    write_clip(path, chime())
    yield path


def _said(pinyin: str) -> Clip:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "word.wav")
        subprocess.run([PROGRAM, "-v", VOICE, "-s", SPEED, "-w", str(path), pinyin], check=True)
        clip = read_clip(path)
    return trim(clip)


def trim(clip: Clip) -> Clip:
    """Without the silence around it, as loud as all others."""
    values = array("h", clip.samples)
    loud = [index for index, value in enumerate(values) if abs(value) >= QUIET]
    if not loud:
        return clip
    edge = int(EDGE_S * clip.rate)
    values = values[max(loud[0] - edge, 0) : loud[-1] + edge]
    factor = LOUD / max(map(abs, values))
    return Clip(clip.rate, array("h", [round(value * factor) for value in values]).tobytes())


def chime() -> Clip:
    samples = array("h", bytes(2 * int(CHIME_S * RATE)))
    for index in range(len(samples)):
        now_s = index / RATE
        level = 0.0
        for begin_s, pitch in CHIME_TONES:
            if (age_s := now_s - begin_s) >= 0:
                swell = min(1.0, age_s / 0.005) * math.exp(-3.5 * age_s)
                turn = 2 * math.pi * pitch * age_s
                level += swell * (0.75 * math.sin(turn) + 0.25 * math.sin(2 * turn))
        samples[index] = round(0.4 * LOUD * level * min(1.0, (CHIME_S - now_s) / 0.1))
    return Clip(RATE, samples.tobytes())


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else GENERATED
    try:
        paths = list(make(folder))
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
    size = sum(path.stat().st_size for path in paths)
    sys.stdout.write(f"{len(paths)} recordings, {size / 1e6:.1f} MB, in {folder}\n")


if __name__ == "__main__":
    main()
