// A moon over dunes; the wind carries sand off the crests.
const vec2 MOON = vec2(0.06, 0.40);
float crest(float x, float layer) {
    float s = 5.7 * layer + 1.0, a = 0.0;
    float q = x * (0.85 + 0.10 * layer) + s;
    // Smooth backs and sharp tips.
    float n = noise(vec2(q * 1.25, s));
    a += 0.62 * (1.0 - abs(2.0 * n - 1.0));
    a += 0.30 * noise(vec2(q * 2.1 + 3.0, s));
    return a;
}
float height(float x, float layer) { return 0.02 - 0.225 * layer + (0.22 + 0.06 * layer) * crest(x, layer) - 0.10; }
vec3 sky(vec2 p) {
    vec3 c = mix(vec3(0.33, 0.20, 0.36), vec3(0.085, 0.085, 0.24), smoothstep(-0.15, 0.45, p.y));
    c = mix(c, vec3(0.018, 0.026, 0.090), smoothstep(0.30, 1.05, p.y));
    c += vec3(0.42, 0.20, 0.18) * exp(-5.5 * max(p.y + 0.02, 0.0));
    float d = length(p - MOON);
    c += vec3(0.55, 0.42, 0.40) * (0.34 * exp(-max(d - 0.30, 0.0) * 4.2) + 0.25 * exp(-max(d - 0.30, 0.0) * 16.0));
    for (int k = 0; k < 2; k++) {
        float size = 24.0 + 20.0 * float(k);
        vec2 q = p * size, cell = floor(q), h = hash2(cell + 31.0 * float(k));
        vec2 e = q - cell - 0.2 - 0.6 * h;
        float twinkle = 0.7 + 0.3 * sin(TAU * (u * (1.0 + floor(3.0 * h.x)) + h.y));
        c += vec3(0.9, 0.9, 1.0) * pow(hash(cell + 3.3 + float(k)), 22.0) * twinkle * exp(-dot(e, e) * 80.0) * smoothstep(0.05, 0.7, p.y) * 1.1 * smoothstep(0.30, 0.42, d);
    }
    vec2 m = (p - MOON) / 0.30;
    float r = length(m);
    if (r < 1.06) {
        float z = sqrt(max(1.0 - r * r, 0.0));
        vec3 n = vec3(m, z);
        vec2 s = m / (1.0 + 0.55 * z) * 2.4;
        float seas = smoothstep(0.42, 0.66, fbm(s * 0.9 + 6.3));
        float craters = 0.0;
        for (int k = 0; k < 26; k++) {
            float f = float(k);
            vec2 at = (hash2(vec2(f, 4.0)) - 0.5) * 2.4;
            float size = 0.04 + 0.13 * pow(hash(f + 8.0), 3.0), e = length(s * 0.62 - at) / size;
            vec2 rim = (s * 0.62 - at) / size;
            craters += (0.10 * exp(-pow((e - 1.0) / 0.20, 2.0)) * (0.5 + 0.8 * dot(rim, vec2(0.55, -0.38))) - 0.10 * smoothstep(1.0, 0.5, e)) * (0.5 + 0.5 * hash(f));
        }
        vec3 face = mix(vec3(1.0, 0.93, 0.84), vec3(0.70, 0.64, 0.64), seas * 0.75) + craters * 0.9 + 0.16 * (fbm(s * 4.0) - 0.5);
        float lit = clamp(dot(n, normalize(vec3(-0.55, 0.38, 0.85))), 0.0, 1.0);
        face *= 0.15 + 0.86 * pow(lit, 0.8);
        face += c * 0.62 * (1.0 - lit);
        c = mix(c, face * 1.05, soft(0.010, 1.0 - r));
    }
    // Cloud before the moon, lit where it is thin.
    float veil = smoothstep(0.42, 0.78, drift(vec2(p.x * 0.9, p.y * 4.5) + 11.0, vec2(0.55, 0.0))) * (exp(-pow((p.y - 0.24) / 0.10, 2.0)) + 0.45 * exp(-pow((p.y - 0.62) / 0.06, 2.0)));
    vec3 lit_cloud = mix(vec3(0.36, 0.23, 0.36), vec3(0.80, 0.62, 0.64), exp(-d * d * 5.0));
    c = mix(c, lit_cloud, veil * 0.80);
    return c;
}
float bar(vec2 p, vec2 a, vec2 b, float r) { vec2 d = b - a; return length(p - a - d * clamp(dot(p - a, d) / dot(d, d), 0.0, 1.0)) - r; }
// A camel of height 1 that stands at the origin and looks to the right; `gait` is where in its step it is.
float camel(vec2 q, float gait) {
    float d = length((q - vec2(0.0, 0.60)) / vec2(0.36, 0.165)) * 0.165 - 0.165;
    d = min(d, length((q - vec2(-0.03, 0.77)) / vec2(0.17, 0.17)) * 0.17 - 0.17);
    float nod = 0.02 * sin(TAU * 2.0 * gait);
    d = min(d, bar(q, vec2(0.27, 0.60), vec2(0.46, 0.60), 0.085));
    d = min(d, bar(q, vec2(0.46, 0.59), vec2(0.56, 0.92 + nod), 0.050));
    d = min(d, bar(q, vec2(0.57, 0.95 + nod), vec2(0.73, 0.90 + nod), 0.045));
    d = min(d, bar(q, vec2(-0.35, 0.62), vec2(-0.42, 0.38), 0.018));
    for (int k = 0; k < 4; k++) {
        // Both legs of a side step together: camels pace.
        float w = TAU * (gait + 0.5 * mod(float(k), 2.0) + (k < 2 ? 0.06 : 0.0));
        vec2 hip = vec2(k < 2 ? 0.23 : -0.24, 0.50), foot = vec2(hip.x + 0.13 * sin(w), 0.03 + 0.055 * max(cos(w), 0.0));
        vec2 knee = mix(hip, foot, 0.5) + vec2((k < 2 ? 0.035 : -0.02) * max(cos(w), 0.0), 0.0);
        d = min(d, min(bar(q, hip, knee, 0.050), bar(q, knee, foot, 0.030)));
    }
    return d;
}
// They walk along a crest in single file; in one loop each takes the place of the one before it.
float caravan(vec2 p, float layer) {
    const float APART = 0.165, TALL = 0.074;
    float x = p.x / APART - u, cell = floor(x), d = 1.0;
    for (float o = -1.0; o <= 1.0; o++) {
        float at = (cell + o + 0.5 + u) * APART, ground = height(at, layer) - 0.004;
        float lean = (height(at + 0.02, layer) - height(at - 0.02, layer)) / 0.04;
        d = min(d, camel(turn(lean * 0.7) * (p - vec2(at, ground)) / TALL, 5.0 * u) * TALL);
    }
    return d;
}
vec3 scene(vec2 p) {
    vec3 c = sky(p);
    for (int k = 0; k < 5; k++) {
        float f = float(k), near = f / 4.0;
        float h = height(p.x, f), slope_ = (height(p.x + 0.01, f) - height(p.x - 0.01, f)) / 0.02;
        float below = h - p.y;
        if (k == 2) c = mix(c, vec3(0.115, 0.070, 0.135), soft(0.0016, -caravan(p, f)));
        // Sand blown over the crest, before the dune itself covers it.
        float gust = drift(vec2(p.x * 2.2 - p.y * 1.2, (p.y - h) * 9.0) + 5.0 * f, vec2(1.5, 0.25));
        float lift = exp(-max(-below, 0.0) / (0.026 + 0.034 * near)) * smoothstep(0.40, 0.72, gust) * step(below, 0.0);
        c = mix(c, mix(vec3(0.62, 0.42, 0.44), vec3(0.80, 0.58, 0.47), near), lift * (0.62 + 0.20 * near));
        if (below > -0.004) {
            // The crest line winds down the face and parts light from shade.
            float spine = p.x + below * (0.55 + 0.5 * sin(f * 2.3)) + 0.09 * sin(below * 9.0 + f) * smoothstep(0.0, 0.3, below);
            float side = (height(spine + 0.012, f) - height(spine - 0.012, f)) / 0.024;
            float shade = smoothstep(-0.26, 0.34, side + 0.10);
            vec3 lit = mix(vec3(0.50, 0.34, 0.42), vec3(0.86, 0.58, 0.42), near), dark = mix(vec3(0.235, 0.165, 0.285), vec3(0.085, 0.060, 0.125), near);
            vec3 sand = mix(dark, lit, shade * (0.95 - 0.45 * smoothstep(0.0, 0.55, below)));
            // Ripples, combed along the slope.
            float wave = sin((below * 105.0 + 12.0 * noise(vec2(p.x * 3.2, below * 5.0) + f) + p.x * (16.0 + 8.0 * f)) * (1.15 - 0.55 * near));
            sand *= 1.0 + (0.035 + 0.055 * near) * wave * smoothstep(0.0, 0.10, below) * (0.4 + 0.6 * shade);
            // Sand that runs over the surface.
            float run = drift(vec2(p.x * 2.6 - below * 3.0, below * 15.0) + 3.0 * f, vec2(2.0, 0.0));
            sand = mix(sand, lit * 1.05, 0.50 * smoothstep(0.50, 0.80, run) * (0.08 + 0.92 * shade));
            sand += vec3(0.34, 0.25, 0.20) * exp(-below * 130.0) * (0.35 + 0.65 * shade);
            sand = mix(sand, vec3(0.42, 0.27, 0.38), (0.62 - 0.62 * near) * (0.65 + 0.35 * smoothstep(0.0, 0.3, below)));
            c = mix(c, sand, soft(0.0022, below));
        }
        float haze = exp(-pow((p.y - (h - 0.16)) / 0.10, 2.0)) * step(f, 3.5);
        c = mix(c, vec3(0.50, 0.32, 0.40), haze * 0.16 * (1.0 - near));
    }
    c *= 1.0 - 0.30 * smoothstep(-0.55, -1.05, p.y);
    return pow(max(c, 0.0), vec3(1.06));
}
