#!/usr/bin/env python3
"""Makes the sample reel: make-reel.py [OUT] [--only NAME,…] [--frame NAME:PHASE]

Each clip is a shader in scenes/ and a loop from sounds.py, encoded as H.264 and AAC. Runs without a GPU (Mesa's llvmpipe is
enough, about a quarter of an hour for all). Needs ffmpeg with libx264, EGL, and `pip install numpy==2.3.1 moderngl==5.12.0`.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import moderngl
import numpy as np

import sounds

HERE = pathlib.Path(__file__).resolve().parent
WIDTH, HEIGHT, FPS = 720, 1280, 30
# 192 pictures and 300 AAC frames of 1024 samples: the loop ends on a frame of both.
FRAMES = 192
SECONDS = FRAMES / FPS
# A keyframe every 1.6 s, so that all groups of pictures are equally long.
GOP = 48
AUDIO_KBITS = 48
LOUDNESS_LUFS = -20.0
# What each picture needs, in kbit/s; the sum with the sound stays under 3 MB.
VIDEO_KBITS = {"aurora": 420, "ocean": 540, "jellyfish": 480, "rain": 455, "hills": 330, "koi": 620, "dunes": 380}
# Scenes with details smaller than a pixel are painted twice as fine in each direction and averaged.
FINE = {"ocean", "jellyfish", "dunes"}
# Strength of the grain that hides the steps of gradients, in 8-bit steps. It stands still, so that it costs bits in keyframes alone.
GRAIN = 1.3


class Painter:
    """Renders a scene's frames as 8-bit RGB."""

    def __init__(self, name):
        self.finer = finer = 2 if name in FINE else 1
        ctx = moderngl.create_context(standalone=True, backend="egl", libgl="libGL.so.1", libegl="libEGL.so.1")
        prelude = (HERE / "scenes" / "prelude.glsl").read_text()
        prelude = prelude[prelude.index("#version"):]
        main = "void main() { painted = vec4(scene((2.0 * gl_FragCoord.xy - res) / res.y), 1.0); }"
        self.program = ctx.program(
            vertex_shader="#version 330\nin vec2 corner; void main() { gl_Position = vec4(corner, 0, 1); }",
            fragment_shader=prelude + (HERE / "scenes" / f"{name}.glsl").read_text() + main,
        )
        corners = ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4"))
        self.triangle = ctx.vertex_array(self.program, [(corners, "2f", "corner")])
        size = (WIDTH * finer, HEIGHT * finer)
        self.target = ctx.framebuffer([ctx.texture(size, 4, dtype="f2")])
        self.target.use()
        self.program["res"] = size
        rng = np.random.default_rng(7)
        self.grain = GRAIN * (rng.random((HEIGHT, WIDTH, 1), "f4") + rng.random((HEIGHT, WIDTH, 1), "f4") - 1)

    def frame(self, phase):
        self.program["u"] = phase
        self.triangle.render()
        fine = np.frombuffer(self.target.read(components=3, dtype="f2"), "f2").reshape(HEIGHT, self.finer, WIDTH, self.finer, 3)
        mean = np.clip(fine.astype("f4"), 0, 1).mean((1, 3))[::-1]
        return np.clip(mean * 255 + self.grain + 0.5, 0, 255).astype("u1")


def run(*words, **options):
    return subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", "-y", *map(str, words)], check=True, capture_output=True, **options)


def sound(name, folder):
    """Writes the loop as a WAV file of the wanted loudness."""
    samples = sounds.LOOPS[name](SECONDS)
    samples = samples / np.abs(samples).max() * 0.25
    wav = ["-f", "f32le", "-ar", sounds.RATE, "-ac", 2, "-i", "-"]
    # Three turns, so that the measure hears the seam as well.
    heard = subprocess.run(["ffmpeg", "-hide_banner", *map(str, wav), "-af", "ebur128", "-f", "null", "-"],
                           input=np.tile(samples.T, (3, 1)).astype("f4").tobytes(), check=True, capture_output=True)
    loudness = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", heard.stderr.decode())[-1])
    samples = samples * 10 ** ((LOUDNESS_LUFS - loudness) / 20)
    peak = np.abs(samples).max()
    if peak > 0.89:
        samples *= 0.89 / peak
    path = folder / "sound.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, wav), str(path)], input=samples.T.astype("f4").tobytes(), check=True)
    return path


def clip(name, out):
    painter = Painter(name)
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp)
        wav = sound(name, folder)
        lossless = folder / "pictures.mkv"
        colour = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
        writer = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-",
             "-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int+bicubic,format=yuv420p",
             "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", *colour, str(lossless)], stdin=subprocess.PIPE)
        for index in range(FRAMES):
            writer.stdin.write(painter.frame(index / FRAMES).tobytes())
            print(f"\r{name} {index + 1}/{FRAMES}", end="", file=sys.stderr)
        writer.stdin.close()
        if writer.wait():
            sys.exit("ffmpeg failed")
        x264 = ["-c:v", "libx264", "-preset", "veryslow", "-profile:v", "high", "-level", "3.1", "-pix_fmt", "yuv420p", *colour,
                "-b:v", f"{VIDEO_KBITS[name]}k", "-maxrate", "1800k", "-bufsize", "3600k", "-passlogfile", folder / "pass", "-x264-params",
                f"keyint={GOP}:min-keyint={GOP}:scenecut=0:open-gop=0:aq-mode=3:aq-strength=0.9:psy-rd=0.7,0.0:deblock=0,0:ref=5:bframes=5"]
        run("-i", lossless, *x264, "-pass", 1, "-an", "-f", "null", "/dev/null")
        # No information about the program that wrote it: the same input makes the same bytes.
        run("-i", lossless, "-i", wav, *x264, "-pass", 2, "-c:a", "aac", "-b:a", f"{AUDIO_KBITS}k", "-ac", 2, "-fflags", "+bitexact", "-flags:a", "+bitexact",
            "-map_metadata", -1, "-movflags", "+faststart", out / f"{name}.mp4")
    print(f"\r{name}.mp4 {(out / f'{name}.mp4').stat().st_size} bytes", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", type=pathlib.Path, default=HERE)
    parser.add_argument("--only", help="names of clips, with commas between")
    parser.add_argument("--frame", metavar="NAME:PHASE", help="write one picture (PPM) to standard output instead")
    options = parser.parse_args()
    if options.frame:
        name, phase = options.frame.split(":")
        sys.stdout.buffer.write(f"P6 {WIDTH} {HEIGHT} 255\n".encode() + Painter(name).frame(float(phase)).tobytes())
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only.split(",") if options.only else VIDEO_KBITS:
        clip(name, options.out)
    total = sum(path.stat().st_size for path in options.out.glob("*.mp4"))
    print(json.dumps({"clips": len(VIDEO_KBITS), "bytes": total}))
    if total > 3_000_000:
        sys.exit("the reel is larger than 3 MB")


if __name__ == "__main__":
    main()
