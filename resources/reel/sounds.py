"""The loops of sound of the sample reel. Everything is periodic in the loop, so the end joins the beginning without a click."""

import numpy as np

RATE = 48_000


class Loop:
    """A stereo loop to add to; what runs over the end goes on at the beginning."""

    def __init__(self, seconds, seed):
        self.length = round(seconds * RATE)
        self.seconds = seconds
        self.time = np.arange(self.length) / RATE
        self.rng = np.random.default_rng(seed)
        self.samples = np.zeros((2, self.length))

    def whole(self, hertz):
        """The nearest frequency that fits whole periods into the loop."""
        return max(1, round(hertz * self.seconds)) / self.seconds

    def cycle(self, turns, shift=0.0):
        """A slow wave between 0 and 1 with whole turns in the loop."""
        return 0.5 + 0.5 * np.sin(2 * np.pi * (turns * self.time / self.seconds + shift))

    def add(self, mono, level=1.0, pan=0.0):
        left, right = np.cos((pan + 1) * np.pi / 4), np.sin((pan + 1) * np.pi / 4)
        self.samples += level * np.stack([left * mono, right * mono])

    def place(self, sound, at, level=1.0, pan=0.0):
        """Adds a short sound that begins at `at` seconds."""
        whole = np.zeros(-(-len(sound) // self.length) * self.length)
        whole[: len(sound)] = sound
        self.add(np.roll(whole.reshape(-1, self.length).sum(0), round(at * RATE)), level, pan)

    def noise(self, shape):
        """Noise whose spectrum is shape(hertz): random phases over whole frequencies are periodic by nature."""
        hertz = np.fft.rfftfreq(self.length, 1 / RATE)
        spectrum = shape(np.maximum(hertz, 1.0)) * np.exp(2j * np.pi * self.rng.random(len(hertz)))
        spectrum[0] = 0
        sound = np.fft.irfft(spectrum, self.length)
        return sound / np.sqrt((sound ** 2).mean())

    def pad(self, hertz, level, partials=5, dark=1.6, beat=0.35):
        """A held note: detuned partials that swell slowly, different left and right."""
        phases = {}
        for partial in range(1, partials + 1):
            for pan in (-0.7, 0.0, 0.7):
                pitch = self.whole(hertz * partial * (1 + 0.0016 * pan))
                # Equal pitches share their phase: left and right must not cancel where they are mixed.
                wave = np.sin(2 * np.pi * (pitch * self.time + phases.setdefault(pitch, self.rng.random())))
                swell = 1 - beat + beat * self.cycle(self.rng.integers(1, 4), self.rng.random())
                self.add(wave * swell, level / partial ** dark, pan)

    def pluck(self, at, hertz, level, pan=0.0, decay=1.1, tones=((1, 1.0, 1.0), (2, 0.35, 0.6), (3.01, 0.12, 0.35), (5.4, 0.05, 0.15))):
        """A struck note; tones are (ratio, level, decay)."""
        time = np.arange(round(decay * 5 * RATE)) / RATE
        note = sum(power * np.sin(2 * np.pi * hertz * ratio * time) * np.exp(-time / (decay * fade)) for ratio, power, fade in tones)
        self.place(note * np.minimum(1, time / 0.006), at, level, pan)

    def echo(self, delays, level=0.4, turns=4):
        """Echoes that go round the loop, swapping sides."""
        wet = self.samples.copy()
        for turn in range(1, turns + 1):
            self.samples += level ** turn * np.stack([np.roll(wet[turn % 2], round(delays[0] * turn * RATE)), np.roll(wet[1 - turn % 2], round(delays[1] * turn * RATE))])

    def hall(self, level=0.5, seconds=2.2, bright=3500):
        """A soft hall: convolution, around the loop, with noise that dies away."""
        time = np.arange(self.length) / RATE
        hertz = np.fft.rfftfreq(self.length, 1 / RATE)
        wet = np.zeros_like(self.samples)
        for side in range(2):
            tail = self.rng.standard_normal(self.length) * np.exp(-time * 6.9 / seconds) * (1 - np.exp(-time / 0.012))
            response = np.fft.rfft(tail) / (1 + (hertz / bright) ** 2) * hertz / (hertz + 250)
            response /= np.sqrt((np.abs(response) ** 2).mean())
            wet[side] = np.fft.irfft(np.fft.rfft(self.samples[side]) * response, self.length)
        self.samples = self.samples + level * wet


def band(low, high, slope=2):
    return lambda hertz: 1 / (1 + (low / hertz) ** slope) / (1 + (hertz / high) ** slope) / np.sqrt(hertz)


def note(name):
    steps = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}
    return 440 * 2 ** ((steps[name[0]] + ("#" in name) - ("b" in name) + 12 * (int(name[-1]) - 4)) / 12)


def aurora(seconds):
    loop = Loop(seconds, 1)
    for name, level in (("A2", 0.40), ("E3", 0.42), ("A3", 0.42), ("B3", 0.34), ("C#4", 0.34), ("G#4", 0.22)):
        loop.pad(note(name), level, 6, 1.25, 0.55)
    for index in range(14):
        name = ("E5", "A5", "B5", "C#6", "E6", "G#5", "F#5")[index % 7]
        loop.pluck((index * 0.457 + 0.1) % seconds, note(name), 0.10, loop.rng.uniform(-0.9, 0.9), 1.3, ((1, 1, 1), (2.76, 0.25, 0.5)))
    loop.add(loop.noise(band(400, 1500)) * (0.3 + 0.7 * loop.cycle(1)), 0.05)
    loop.hall(0.7, 4.0, 3000)
    return loop.samples


def ocean(seconds):
    loop = Loop(seconds, 2)
    for pan, shift in ((-0.6, 0.0), (0.6, 0.10)):
        wash = loop.cycle(2, shift) ** 2.2
        loop.add(loop.noise(band(60, 420)) * (0.35 + 0.65 * loop.cycle(2, shift - 0.06)), 0.55, pan)
        loop.add(loop.noise(band(500, 3600)) * (0.06 + 0.94 * wash), 0.33, pan)
        loop.add(loop.noise(band(2500, 9000)) * loop.cycle(2, shift + 0.07) ** 4, 0.13, -pan)
    for name, level in (("D3", 0.22), ("A3", 0.16), ("F#4", 0.09), ("E4", 0.07)):
        loop.pad(note(name), level, 3, 2.0, 0.6)
    loop.hall(0.25, 2.5, 4000)
    return loop.samples


def jellyfish(seconds):
    loop = Loop(seconds, 3)
    loop.add(loop.noise(band(30, 170, 3)) * (0.6 + 0.4 * loop.cycle(1)), 0.20)
    for name, level in (("C2", 0.25), ("G2", 0.26), ("Eb3", 0.22), ("Bb3", 0.16)):
        loop.pad(note(name), level, 4, 2.0, 0.6)
    for index, name in enumerate(("C5", "G4", "Eb5", "Bb4", "D5", "G4", "F5", "C5", "Bb4", "Eb5", "G5", "D5")):
        loop.pluck(index * seconds / 12, note(name), 0.20 if index % 3 else 0.27, 0.7 * (-1) ** index, 0.7, ((1, 1, 1), (2, 0.12, 0.4)))
    for index in range(9):
        time = np.arange(round(0.09 * RATE)) / RATE
        blip = np.sin(2 * np.pi * (300 + 250 * index % 400) * time * (1 + 4 * time)) * np.sin(np.pi * time / 0.09) ** 2
        loop.place(blip, 0.6 * index + 0.3 * loop.rng.random(), 0.05, loop.rng.uniform(-1, 1))
    loop.echo((seconds / 8, seconds / 6), 0.42)
    loop.hall(0.6, 3.5, 1800)
    return loop.samples


def rain(seconds):
    loop = Loop(seconds, 4)
    for pan in (-0.8, 0.8):
        loop.add(loop.noise(band(700, 6500)) * (0.85 + 0.15 * loop.cycle(2, pan)), 0.15, pan)
        loop.add(loop.noise(band(50, 300)) * (0.7 + 0.3 * loop.cycle(1, pan)), 0.10, pan)
    for _ in range(170):
        hertz, time = loop.rng.uniform(900, 4200), np.arange(round(0.03 * RATE)) / RATE
        loop.place(np.sin(2 * np.pi * hertz * time) * np.exp(-time / 0.006), loop.rng.uniform(0, seconds), 0.09 * loop.rng.random() ** 2, loop.rng.uniform(-1, 1))
    bell = ((1, 1, 1), (2, 0.30, 0.5), (4, 0.06, 0.25), (7, 0.03, 0.08))
    for begin, chord in ((0.0, ("F2", "C3", "E4", "A3", "G4")), (seconds / 2, ("D2", "A2", "F4", "C4", "E4"))):
        for index, name in enumerate(chord):
            loop.pluck(begin + 0.035 * index, note(name), 0.30 / (1 + 0.25 * index), -0.4 + 0.2 * index, 1.3, bell)
    for at, name in ((0.25, "C5"), (0.31, "D5"), (0.375, "A4"), (0.75, "G4"), (0.8125, "A4"), (0.875, "E5")):
        loop.pluck(at * seconds, note(name), 0.15, 0.3, 0.8, bell)
    loop.hall(0.30, 2.0, 3000)
    return loop.samples


def hills(seconds):
    loop = Loop(seconds, 5)
    for name, level in (("G2", 0.20), ("D3", 0.20), ("B3", 0.14), ("A4", 0.07)):
        loop.pad(note(name), level, 4, 1.9, 0.45)
    wood = ((1, 1, 1), (3.0, 0.16, 0.25), (6.3, 0.08, 0.08))
    for step, name in ((0, "G4"), (2, "B4"), (3, "D5"), (5, "E5"), (6, "D5"), (8, "A4"), (10, "B4"), (11, "G5"), (13, "E5"), (14, "D5")):
        loop.pluck(step * seconds / 16, note(name), 0.24, 0.5 * np.sin(step), 0.45, wood)
    for begin, high in ((1.1, 3300), (1.34, 3600), (4.2, 2900), (4.38, 3250), (4.56, 3000)):
        time = np.arange(round(0.11 * RATE)) / RATE
        chirp = np.sin(2 * np.pi * (high * time + 900 * np.sin(np.pi * time / 0.11) * time)) * np.sin(np.pi * time / 0.11) ** 2
        loop.place(chirp, begin, 0.035, 0.6 if begin < 3 else -0.7)
    loop.add(loop.noise(band(250, 1200)) * loop.cycle(1) ** 1.5, 0.05)
    loop.hall(0.45, 2.4, 4200)
    return loop.samples


def koi(seconds):
    loop = Loop(seconds, 6)
    for _ in range(120):
        # A bubble rings and rises.
        hertz, life = loop.rng.uniform(380, 1500), loop.rng.uniform(0.03, 0.10)
        time = np.arange(round(life * RATE)) / RATE
        bubble = np.sin(2 * np.pi * hertz * (time + 0.9 * time ** 2 / life * 0.5)) * np.sin(np.pi * time / life) ** 2
        loop.place(bubble, loop.rng.uniform(0, seconds), 0.10 * loop.rng.random() ** 1.6, loop.rng.uniform(-0.9, 0.9))
    loop.add(loop.noise(band(300, 1400)) * (0.5 + 0.5 * loop.cycle(3)), 0.05, -0.4)
    loop.add(loop.noise(band(300, 1400)) * (0.5 + 0.5 * loop.cycle(2, 0.4)), 0.05, 0.4)
    string = tuple((n * (1 + 0.0004 * n * n), 0.9 / n ** 1.25, 1 / n ** 0.55) for n in range(1, 9))
    for step, name in ((0, "D4"), (3, "A4"), (4, "Bb4"), (6, "G4"), (8, "D5"), (11, "Eb5"), (12, "D5"), (14, "A4")):
        loop.pluck(step * seconds / 16, note(name), 0.17, 0.5 * np.cos(step * 2), 0.75, string)
    for name, level in (("D3", 0.13), ("A3", 0.08)):
        loop.pad(note(name), level, 3, 2.0, 0.5)
    loop.hall(0.40, 2.6, 3600)
    return loop.samples


def dunes(seconds):
    loop = Loop(seconds, 7)
    for index, middle in enumerate((260, 400, 620, 950, 1450)):
        for pan in (-0.6, 0.6):
            gust = loop.cycle(1 + index % 3, 0.21 * index + 0.08 * pan) ** (1.5 + 0.5 * index)
            loop.add(loop.noise(band(middle * 0.8, middle * 1.25, 5)) * (0.10 + 0.90 * gust), 0.17 / (1 + 0.35 * index), pan)
    for name, level in (("E2", 0.30), ("B2", 0.28), ("E3", 0.20)):
        loop.pad(note(name), level, 5, 1.7, 0.35)
    reed = tuple((n, 0.8 / n ** 1.4, 1.0) for n in range(1, 7))
    for begin, length, name in ((0.2, 2.2, "B4"), (2.3, 0.9, "C5"), (3.1, 2.4, "A4"), (5.3, 1.5, "G#4")):
        time = np.arange(round(length * RATE)) / RATE
        sway = 1 + 0.0045 * np.sin(2 * np.pi * 5.0 * time) * np.minimum(1, time / 0.8)
        phase = np.cumsum(note(name) / 2 * sway) / RATE
        voice = sum(power * np.sin(2 * np.pi * ratio * phase) for ratio, power, _ in reed) * np.sin(np.pi * np.minimum(time / length, 1)) ** 0.8
        loop.place(voice, begin, 0.11, 0.15)
    loop.hall(0.65, 3.6, 2400)
    return loop.samples


LOOPS = {"aurora": aurora, "ocean": ocean, "jellyfish": jellyfish, "rain": rain, "hills": hills, "koi": koi, "dunes": dunes}
