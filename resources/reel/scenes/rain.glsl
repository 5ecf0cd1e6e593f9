// Lights of a city behind a window that it rains on.
vec3 lights(vec2 p) {
    vec3 c = mix(vec3(0.050, 0.028, 0.060), vec3(0.010, 0.022, 0.060), smoothstep(-0.4, 0.7, p.y));
    c += vec3(0.30, 0.11, 0.06) * exp(-pow((p.y + 0.26) / 0.26, 2.0));
    c += vec3(0.05, 0.03, 0.12) * exp(-pow((p.y - 0.15) / 0.45, 2.0));
    // Towers, out of focus.
    for (int k = 0; k < 3; k++) {
        float f = float(k), wide = 0.27 - 0.04 * f, x = p.x / wide + 3.7 * f + 0.4, cell = floor(x);
        float h = hash(cell + 17.0 * f), top = -0.10 + 0.95 * h - 0.22 * f;
        float body = smoothstep(0.05, -0.05, p.y - top) * smoothstep(0.0, 0.12, fract(x)) * smoothstep(1.0, 0.88, fract(x));
        c = mix(c, mix(vec3(0.018, 0.026, 0.070), vec3(0.055, 0.032, 0.066), h), body * 0.62);
    }
    // Discs: windows and signs above, lamps and cars below.
    for (int k = 0; k < 84; k++) {
        float f = float(k), a = hash(f + 0.5), b = hash(f + 20.5), d = hash(f + 40.5), g = hash(f + 60.5);
        bool high = k < 38;
        vec2 at = vec2((a - 0.5) * 1.30, high ? mix(-0.18, 0.74, b) : mix(-0.62, -0.10, sqrt(b)));
        float r = high ? 0.016 + 0.020 * d : 0.034 + 0.050 * d;
        vec3 tint = g < 0.44 ? vec3(1.0, 0.56, 0.20) : g < 0.62 ? vec3(1.0, 0.80, 0.55) : g < 0.76 ? vec3(0.24, 0.70, 1.0) : g < 0.88 ? vec3(1.0, 0.20, 0.45) : vec3(0.25, 0.92, 0.70);
        float power = (high ? 0.10 + 0.30 * d * d : 0.10 + 0.26 * b) * (0.86 + 0.14 * sin(TAU * (floor(1.0 + 3.0 * a) * u + d)));
        float e = length(p - at) / r;
        c += tint * power * smoothstep(1.0, 0.76, e) * (0.65 + 0.35 * e * e);
    }
    // The street: red lights leave, white ones come.
    for (int k = 0; k < 12; k++) {
        float f = float(k), way = mod(f, 2.0) * 2.0 - 1.0, row = floor(f / 2.0), lane = -0.42 - 0.055 * mod(row, 3.0) - 0.03 * way;
        float x = mod(way * u * 2.2 + f * 0.53 + row * 0.19, 2.2) - 1.1;
        float r = 0.040 + 0.012 * mod(row, 3.0), e = length(p - vec2(x, lane)) / r;
        c += (way > 0.0 ? vec3(1.0, 0.13, 0.08) : vec3(1.0, 0.90, 0.70)) * 0.40 * smoothstep(1.0, 0.55, e);
    }
    return c;
}
// What the mist on the glass shows: the same, as good as without shape.
vec3 glow(vec2 p) {
    vec3 c = mix(vec3(0.095, 0.055, 0.085), vec3(0.024, 0.040, 0.090), smoothstep(-0.5, 0.75, p.y));
    c += vec3(0.30, 0.130, 0.075) * exp(-pow((p.y + 0.27) / 0.30, 2.0));
    for (int k = 0; k < 7; k++) {
        float f = float(k);
        vec2 at = vec2((hash(f + 3.0) - 0.5) * 1.1, mix(-0.5, 0.35, hash(f + 9.0)));
        vec3 tint = mod(f, 3.0) < 1.0 ? vec3(0.9, 0.45, 0.18) : mod(f, 3.0) < 2.0 ? vec3(0.20, 0.45, 0.75) : vec3(0.75, 0.16, 0.38);
        c += tint * 0.13 * exp(-dot(p - at, p - at) * 26.0);
    }
    return c;
}
// A drop: where in it we are (xy, -1 to 1) and how much it covers (z); w is glass that was wiped clear.
vec4 over(vec4 under, vec4 drop) { return vec4(mix(under.xy, drop.xy, step(0.02, drop.z)), max(under.z, drop.z), max(under.w, drop.w)); }
vec4 still(vec2 p, float size, float share) {
    vec2 q = p * size, cell = floor(q), h = hash2(cell + size);
    float n = hash(cell + 5.1 + size);
    if (n > share) return vec4(0);
    n /= share;
    vec2 d = q - cell - 0.5 - (h - 0.5) * 0.42;
    d += 0.035 * vec2(sin(d.y * 9.0 + h.x * 40.0), sin(d.x * 11.0 + h.y * 40.0));
    float r = mix(0.09, 0.30, n * n);
    d.y *= 0.82 + 0.25 * h.x;
    return vec4(d / r, smoothstep(r, r * 0.86, length(d)), 0.0);
}
vec4 running(vec2 p, float columns, float seed) {
    float x = p.x * columns + seed, cell = floor(x), h = hash(cell + seed * 3.0), g = hash(cell + seed * 5.0 + 9.0);
    if (g > 0.72) return vec4(0);
    // One drop a column a loop: it hangs, slips, hangs, slips.
    float t = fract(u + h), y = 1.30 - 2.75 * (t + 0.060 * sin(TAU * 2.0 * t) + 0.026 * sin(TAU * 5.0 * t));
    float wander = (0.16 * sin(p.y * 6.0 + g * 20.0) + 0.07 * sin(p.y * 15.0 + h * 30.0)) / columns;
    vec2 d = vec2((fract(x) - 0.5) / columns - wander, p.y - y);
    float r = 0.022 + 0.012 * h;
    vec2 e = vec2(d.x, d.y * (d.y > 0.0 ? 0.58 : 0.92)) / r;
    float drop = smoothstep(1.0, 0.88, length(e));
    float behind = smoothstep(0.0, 0.02, d.y);
    float trail = smoothstep(0.80 * r, 0.55 * r, abs(d.x)) * behind * smoothstep(1.5, 0.1, d.y);
    // Beads that it left.
    float row = p.y * 30.0, jump = hash(floor(row) + h * 7.0), size = r * (0.16 + 0.30 * jump * jump) * smoothstep(1.2, 0.2, d.y);
    vec2 b = vec2(d.x - (jump - 0.5) * r * 0.5, (fract(row) - 0.5) / 30.0) / max(size, 1e-4);
    float bead = smoothstep(1.0, 0.80, length(b)) * behind * step(0.002, size);
    return bead > drop ? vec4(b, bead, trail) : vec4(e, drop, trail);
}
vec3 scene(vec2 p) {
    vec4 glass = still(p + 1.7, 30.0, 0.26);
    glass = over(glass, still(p, 17.0, 0.46));
    glass = over(glass, still(p + 3.3, 8.5, 0.34));
    vec4 a = running(p, 3.4, 1.7), b = running(p + vec2(0.11, 0.0), 4.7, 4.1);
    // Where a drop ran there are no others.
    glass.z *= 1.0 - max(a.w, b.w);
    glass = over(over(glass, a), b);
    float clear = clamp(glass.w, 0.0, 1.0);
    vec3 c = mix(glow(p) * 0.80 + lights(p) * 0.42, lights(p), clear * 0.85);
    if (glass.z > 0.0) {
        // A drop is a lens: it shows all of the street, upside down.
        vec2 local = clamp(glass.xy, -1.0, 1.0);
        float depth = dot(local, local);
        vec3 inside = lights(vec2(p.x * 0.75 - local.x * 0.42, mix(p.y, -0.10, 0.75) - local.y * 0.55)) * 1.25;
        inside *= 1.0 - 0.78 * smoothstep(0.35, 1.0, depth);
        inside += vec3(0.60, 0.66, 0.80) * exp(-dot(local - vec2(-0.30, 0.45), local - vec2(-0.30, 0.45)) * 22.0) * 0.55;
        inside += vec3(0.55, 0.30, 0.20) * smoothstep(0.45, 0.95, -local.y) * smoothstep(1.0, 0.55, depth) * 0.5;
        c = mix(c, inside, glass.z);
    }
    c *= 1.0 - 0.42 * smoothstep(0.40, 1.20, length(p * vec2(1.0, 0.85)));
    return filmic(c * 1.35);
}
