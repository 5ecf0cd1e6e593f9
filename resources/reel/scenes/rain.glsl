// Lights of a city behind a window that it rains on.
vec3 lights(vec2 p) {
    vec3 c = mix(vec3(0.030, 0.022, 0.050), vec3(0.012, 0.020, 0.052), smoothstep(-0.6, 0.8, p.y));
    c += vec3(0.20, 0.08, 0.05) * exp(-pow((p.y + 0.30) / 0.30, 2.0));
    // Towers, out of focus, with rows of windows.
    for (int k = 0; k < 3; k++) {
        float f = float(k), wide = 0.23 - 0.03 * f, x = p.x / wide + 3.7 * f, cell = floor(x);
        float h = hash(cell + 17.0 * f);
        float top = -0.25 + 0.95 * h - 0.18 * f;
        float body = smoothstep(0.06, -0.06, p.y - top) * smoothstep(0.0, 0.16, fract(x)) * smoothstep(1.0, 0.84, fract(x));
        c = mix(c, mix(vec3(0.020, 0.026, 0.060), vec3(0.050, 0.036, 0.060), h), body * 0.55);
    }
    // Discs: far windows and signs, lamps, cars.
    for (int k = 0; k < 58; k++) {
        float f = float(k), a = hash(f + 0.5), b = hash(f + 20.5), d = hash(f + 40.5);
        vec2 at = vec2((a - 0.5) * 1.45, mix(-0.62, 0.62, b * b * 0.75 + 0.12 * d));
        float r = 0.030 + 0.055 * d * d + 0.02 * (1.0 - b);
        vec3 tint = a < 0.0 ? vec3(0) : d < 0.42 ? vec3(1.0, 0.58, 0.22) : d < 0.60 ? vec3(1.0, 0.82, 0.58) : d < 0.74 ? vec3(0.25, 0.75, 1.0) : d < 0.87 ? vec3(1.0, 0.22, 0.42) : vec3(0.30, 0.95, 0.72);
        float power = 0.16 + 0.40 * hash(f + 60.5);
        power *= 0.88 + 0.12 * sin(TAU * (floor(1.0 + 3.0 * a) * u + d));
        float e = length(p - at) / r;
        c += tint * power * (smoothstep(1.0, 0.86, e) * (0.55 + 0.45 * e * e));
    }
    // The street: red lights leave, white ones come.
    for (int k = 0; k < 10; k++) {
        float f = float(k), way = mod(f, 2.0) * 2.0 - 1.0, lane = -0.50 - 0.085 * floor(f / 2.0) * 0.6;
        float x = mod(way * u * 2.4 + f * 0.47, 2.4) - 1.2;
        float r = 0.050 + 0.010 * floor(f / 2.0), e = length(p - vec2(x, lane)) / r;
        c += (way > 0.0 ? vec3(1.0, 0.16, 0.10) : vec3(1.0, 0.92, 0.75)) * 0.42 * smoothstep(1.0, 0.84, e) * (0.6 + 0.4 * e * e);
    }
    float wet = smoothstep(-0.62, -1.0, p.y);
    c += vec3(0.34, 0.13, 0.07) * wet * 0.22;
    return c;
}
// Returns the bend of the glass (xy) and how much of it is clear of mist (z).
vec3 still(vec2 p, float size, float share) {
    vec2 q = p * size, cell = floor(q), h = hash2(cell);
    vec2 d = q - cell - 0.5 - (h - 0.5) * 0.55;
    float n = hash(cell + 5.1);
    float r = mix(0.10, 0.36, n * n) * step(n, share) ;
    d.y *= 0.88 + 0.25 * h.x;
    float life = 0.86 + 0.14 * sin(TAU * (u + h.y));
    float inside = smoothstep(r * life, r * life * 0.55, length(d));
    return vec3(d / max(r, 0.02) * inside * step(n, share), inside * step(n, share));
}
vec3 running(vec2 p, float columns, float seed) {
    float x = p.x * columns + seed, cell = floor(x), h = hash(cell + seed * 3.0), g = hash(cell + seed * 5.0 + 9.0);
    // One drop a column a loop: it hangs, slips, hangs, slips.
    float t = fract(u + h), y = 1.35 - 2.75 * (t + 0.055 * sin(TAU * 2.0 * t) + 0.028 * sin(TAU * 5.0 * t + g * 6.0));
    float wander = 0.20 * sin(p.y * 7.0 + g * 20.0) + 0.10 * sin(p.y * 17.0 + h * 30.0);
    vec2 d = vec2((fract(x) - 0.5 - wander * 0.8) / columns, p.y - y);
    if (g > 0.62) return vec3(0);
    float r = 0.020 + 0.013 * h;
    vec2 e = vec2(d.x, d.y * (d.y > 0.0 ? 0.62 : 0.95)) / r;
    float drop = smoothstep(1.0, 0.6, length(e));
    // Behind it the mist is wiped off, and small beads stay.
    float trail = smoothstep(0.55 * r, 0.30 * r, abs(d.x)) * smoothstep(0.0, 0.03, d.y) * smoothstep(0.85, 0.05, d.y);
    float row = p.y * 26.0, bead_at = (fract(row) - 0.5 - 0.3 * (hash(floor(row) + h) - 0.5)) / 26.0;
    vec2 b = vec2(d.x, bead_at) / (r * (0.22 + 0.22 * hash(floor(row) * 1.7 + g)));
    float bead = smoothstep(1.0, 0.6, length(b)) * smoothstep(0.0, 0.05, d.y) * smoothstep(0.75, 0.25, d.y);
    return vec3(e * drop + b * bead * 0.8, max(max(drop, bead), trail * 0.75));
}
vec3 scene(vec2 p) {
    vec3 glass = still(p, 26.0, 0.45) * vec3(0.6, 0.6, 0.7) + still(p + 3.3, 13.0, 0.36);
    glass = glass + running(p, 3.6, 1.7) + running(p + 0.2, 5.3, 4.1) * 0.9;
    glass.z = min(glass.z, 1.0);
    vec2 bend = clamp(glass.xy, -1.0, 1.0);
    // A drop is a lens: it shows the city upside down.
    vec3 c = lights(p - bend * 0.34 * vec2(0.75, 1.0));
    vec3 mist = vec3(0.040, 0.044, 0.066) + 0.014 * p.y;
    float fog = 0.30 * (1.0 - glass.z);
    c = mix(c, mist + c * 0.55, fog);
    float lit = smoothstep(0.15, 0.95, dot(bend, normalize(vec2(-0.45, 0.9)))) ;
    float dark = smoothstep(0.25, 1.0, -dot(bend, normalize(vec2(-0.3, 0.95))));
    c *= 1.0 - 0.55 * dark * step(0.02, glass.z);
    c += vec3(0.55, 0.60, 0.72) * pow(lit, 3.0) * 0.30;
    c *= 1.0 - 0.35 * smoothstep(0.35, 1.15, length(p * vec2(1.1, 0.8)));
    return filmic(c * 1.55);
}
