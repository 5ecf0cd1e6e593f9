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
        c += vec3(0.9, 0.9, 1.0) * pow(hash(cell + 3.3 + float(k)), 14.0) * twinkle * exp(-dot(e, e) * 42.0) * smoothstep(0.05, 0.7, p.y) * 1.1 * smoothstep(0.30, 0.42, d);
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
            craters += (0.16 * exp(-pow((e - 1.0) / 0.22, 2.0)) - 0.14 * smoothstep(1.0, 0.4, e)) * (0.5 + 0.5 * hash(f));
        }
        vec3 face = mix(vec3(1.0, 0.93, 0.84), vec3(0.70, 0.64, 0.64), seas * 0.75) + craters * 0.55 + 0.10 * (fbm(s * 5.0) - 0.5);
        float lit = clamp(dot(n, normalize(vec3(-0.55, 0.38, 0.85))), 0.0, 1.0);
        face *= 0.20 + 0.95 * pow(lit, 0.75);
        c = mix(c, face * 1.05, soft(0.010, 1.0 - r));
    }
    // Thin cloud over the moon's lower part.
    float veil = smoothstep(0.45, 0.85, drift(vec2(p.x * 0.9, p.y * 4.5) + 11.0, vec2(0.28, 0.0))) * exp(-pow((p.y - 0.20) / 0.16, 2.0));
    c = mix(c, vec3(0.46, 0.31, 0.42), veil * 0.62);
    return c;
}
vec3 scene(vec2 p) {
    vec3 c = sky(p);
    for (int k = 0; k < 5; k++) {
        float f = float(k), near = f / 4.0;
        float h = height(p.x, f), slope_ = (height(p.x + 0.01, f) - height(p.x - 0.01, f)) / 0.02;
        float below = h - p.y;
        // Sand blown over the crest, before the dune itself covers it.
        float gust = drift(vec2(p.x * 2.2 - p.y * 1.2, (p.y - h) * 9.0) + 5.0 * f, vec2(1.5, 0.25));
        float lift = exp(-max(-below, 0.0) / (0.020 + 0.022 * near)) * smoothstep(0.42, 0.85, gust) * step(below, 0.0);
        c = mix(c, mix(vec3(0.62, 0.42, 0.44), vec3(0.80, 0.58, 0.47), near), lift * (0.42 + 0.18 * near));
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
            sand = mix(sand, lit * 1.05, 0.30 * smoothstep(0.52, 0.86, run) * (0.35 + 0.65 * shade));
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
