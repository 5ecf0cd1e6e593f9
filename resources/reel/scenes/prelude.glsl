// What the scenes share. A scene defines `vec3 scene(vec2 p)`: p.y runs from -1 (bottom) to 1 (top), p.x is in the same unit.
// `u` is where in the loop we are, 0 to 1; everything that moves is periodic in it, so the last frame joins the first.
#version 330
uniform vec2 res;
uniform float u;
out vec4 painted;
const float TAU = 6.28318530718;

float hash(float n) { return fract(sin(n * 127.1) * 43758.5453); }
float hash(vec2 p) { p = fract(p * vec2(123.34, 456.21)); p += dot(p, p + 45.32); return fract(p.x * p.y); }
float hash(vec3 p) { p = fract(p * vec3(0.1031, 0.11369, 0.13787)); p += dot(p, p.yzx + 19.19); return fract((p.x + p.y) * p.z); }
vec2 hash2(vec2 p) { return vec2(hash(p), hash(p + 71.7)); }
mat2 turn(float a) { float c = cos(a), s = sin(a); return mat2(c, -s, s, c); }

float noise(vec2 p) {
    vec2 i = floor(p), f = fract(p);
    f = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}
float fbm(vec2 p) {
    float sum = 0.0, a = 0.5;
    for (int k = 0; k < 5; k++) { sum += a * noise(p); p = mat2(1.6, 1.2, -1.2, 1.6) * p + 3.1; a *= 0.5; }
    return sum / 0.97;
}
// Noise that changes in place and is back where it was after `cells` steps of z.
float boil(vec2 p, float z, float cells) {
    vec2 i = floor(p), f = fract(p);
    f = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    float z0 = mod(floor(z), cells), z1 = mod(z0 + 1.0, cells), g = smoothstep(0.0, 1.0, fract(z));
    vec4 lo = vec4(hash(vec3(i, z0)), hash(vec3(i + vec2(1, 0), z0)), hash(vec3(i + vec2(0, 1), z0)), hash(vec3(i + vec2(1, 1), z0)));
    vec4 hi = vec4(hash(vec3(i, z1)), hash(vec3(i + vec2(1, 0), z1)), hash(vec3(i + vec2(0, 1), z1)), hash(vec3(i + vec2(1, 1), z1)));
    vec4 m = mix(lo, hi, g);
    return mix(mix(m.x, m.y, f.x), mix(m.z, m.w, f.x), f.y);
}
float boilfbm(vec2 p, float z, float cells) {
    float sum = 0.0, a = 0.5;
    for (int k = 0; k < 4; k++) { sum += a * boil(p, z, cells); p = mat2(1.6, 1.2, -1.2, 1.6) * p + 3.1; a *= 0.5; }
    return sum / 0.94;
}
// Noise that drifts by `way` during one loop: two copies, half a loop apart, each faded out while it jumps back.
float drift(vec2 p, vec2 way) {
    float a = u, b = fract(u + 0.5), w = 0.5 - 0.5 * cos(TAU * a);
    float va = fbm(p - way * (a - 0.5)), vb = fbm(p + 17.3 - way * (b - 0.5));
    return 0.5 + ((va - 0.5) * w + (vb - 0.5) * (1.0 - w)) / sqrt(w * w + (1.0 - w) * (1.0 - w));
}
float soft(float edge, float x) { return smoothstep(-edge, edge, x); }
vec3 screen(vec3 a, vec3 b) { return 1.0 - (1.0 - a) * (1.0 - b); }
vec3 filmic(vec3 c) { c = max(c, 0.0); return (c * (2.51 * c + 0.03)) / (c * (2.43 * c + 0.59) + 0.14); }
