// Curtains of light over a ridge, and a lake that repeats them.
float curtain(vec2 g) {
    // The curtains wander on a small circle and fold as they go, so that every moment of the loop is as full as the others.
    g += 0.16 * vec2(cos(TAU * u), sin(TAU * u));
    vec2 warp = vec2(boil(g * 0.55, 0.0, 2.0), boil(g * 0.55 + 9.0, 0.0, 2.0)) - 0.5;
    warp += 0.22 * (vec2(boil(g * 0.9 + 2.0, u * 2.0, 2.0), boil(g * 0.9 + 7.0, u * 2.0, 2.0)) - 0.5);
    g += 2.1 * warp;
    float fine = 0.30 + 1.05 * pow(boil(vec2(g.x * 8.0, g.y * 2.6), u * 4.0, 4.0), 1.6) * (0.6 + 0.8 * boil(g * 2.2 + 3.0, u * 3.0, 3.0));
    float n = boil(vec2(g.x * 0.42 + 4.0, g.y * 1.15), 0.0, 2.0);
    float ridge = 1.0 - abs(2.0 * n - 1.0);
    float second = 1.0 - abs(2.0 * boil(vec2(g.x * 0.60 + 14.0, g.y * 0.80 + 6.0), 0.0, 2.0) - 1.0);
    return (pow(ridge, 17.0) + 0.45 * pow(second, 22.0)) * fine;
}
vec3 aurora(vec3 rd) {
    if (rd.y < 0.02) return vec3(0);
    vec3 sum = vec3(0);
    float smoothed = 0.0;
    float jitter = hash(gl_FragCoord.xy) * 0.9;
    for (int k = 0; k < 44; k++) {
        float h = (float(k) + jitter) / 44.0;
        float t = (1.0 + 0.95 * h * h + 0.40 * h) / (rd.y * 1.7 + 0.24);
        float d = curtain(rd.xz * t * 1.15 + vec2(1.3, 0.4));
        smoothed = mix(d, smoothed, 0.35);
        vec3 tint = mix(vec3(0.10, 1.00, 0.55), vec3(0.16, 0.62, 0.95), smoothstep(0.05, 0.5, h));
        tint = mix(tint, vec3(0.72, 0.22, 0.95), smoothstep(0.35, 0.9, h));
        sum += tint * smoothed * exp(-2.5 * h) * smoothstep(0.0, 0.06, h);
    }
    return sum / 44.0 * 8.6 * smoothstep(0.02, 0.26, rd.y);
}
vec3 stars(vec2 p) {
    vec3 sum = vec3(0);
    for (int k = 0; k < 3; k++) {
        float size = 26.0 + 22.0 * float(k);
        vec2 q = p * size, cell = floor(q);
        vec2 h = hash2(cell + 31.0 * float(k));
        float bright = pow(hash(cell + 7.7 + float(k)), 34.0);
        vec2 d = q - cell - 0.2 - 0.6 * h;
        float twinkle = 0.75 + 0.25 * sin(TAU * (u * (1.0 + floor(3.0 * h.x)) + h.y));
        sum += mix(vec3(0.75, 0.85, 1.0), vec3(1.0, 0.9, 0.75), h.x) * bright * twinkle * exp(-dot(d, d) * (95.0 - 22.0 * float(k))) * 1.25;
    }
    return sum;
}
float ridge(float x, float seed, float scale) {
    float h = 0.0, a = 0.5;
    x = x * scale + seed;
    for (int k = 0; k < 7; k++) { h += a * (1.0 - abs(2.0 * noise(vec2(x, seed)) - 1.0)); x = x * 2.07 + 1.7; a *= 0.47; }
    return h;
}
// The upper edge of the firs at the shore.
float firs(float x) {
    float top = 0.0;
    for (int k = 0; k < 2; k++) {
        float wide = k == 0 ? 0.052 : 0.031, q = x / wide + 13.0 * float(k), cell = floor(q);
        for (float o = -1.0; o <= 1.0; o++) {
            float h = hash(cell + o + 57.0 * float(k));
            float d = abs(q - (cell + o + 0.3 + 0.4 * hash(h * 91.0)));
            float tall = (0.35 + 0.65 * h) * (k == 0 ? 0.135 : 0.085) * (0.55 + 0.6 * noise(vec2(x * 2.2 + 3.0, 1.0)));
            float y = tall * (1.0 - d * 1.9);
            // Branches hang in steps.
            y -= 0.010 * abs(fract(y * 62.0 + h) - 0.5);
            top = max(top, y);
        }
    }
    return top;
}
vec3 above(vec2 p) {
    vec3 rd = normalize(vec3(p.x, p.y * 0.62 + 0.31, 1.15));
    vec3 sky = mix(vec3(0.020, 0.050, 0.085), vec3(0.006, 0.011, 0.032), smoothstep(-0.2, 0.9, p.y));
    sky += vec3(0.01, 0.07, 0.06) * exp(-4.0 * abs(p.y + 0.12));
    vec3 lights = aurora(rd);
    sky += stars(p) * (1.0 - 0.75 * clamp(lights.g * 1.3, 0.0, 1.0)) * smoothstep(-0.25, 0.1, p.y);
    sky += lights;
    float far = -0.30 + 0.44 * ridge(p.x, 3.2, 1.35) - 0.08 * abs(p.x);
    float near = -0.455 + 0.27 * ridge(p.x, 8.6, 1.9) + 0.10 * p.x;
    vec2 face = turn(0.5) * (p + vec2(0.0, far * 0.6));
    float snow = smoothstep(0.46, 0.70, fbm(face * vec2(13.0, 26.0)) * 0.62 + (p.y - far + 0.25) * 0.85);
    vec3 rock = mix(vec3(0.016, 0.050, 0.066) + vec3(0.0, 0.020, 0.018) * fbm(face * vec2(30.0, 44.0)), vec3(0.10, 0.21, 0.22), snow);
    sky = mix(rock, sky, soft(0.0022, p.y - far));
    sky = mix(vec3(0.010, 0.040, 0.048) + vec3(0.012, 0.055, 0.050) * smoothstep(-0.30, -0.46, p.y), sky, soft(0.0022, p.y - near));
    float mist = exp(-pow((p.y + 0.42) / 0.06, 2.0));
    sky += vec3(0.016, 0.050, 0.052) * mist;
    return sky;
}
const float SHORE = -0.46;
vec3 scene(vec2 p) {
    vec3 c;
    if (p.y > SHORE) {
        c = above(p);
    } else {
        float deep = SHORE - p.y;
        float wave = boil(vec2(p.x * 6.0 / (0.25 + deep), 9.0 / (0.12 + deep)), u * 3.0, 3.0) - 0.5;
        float small = boil(vec2(p.x * 16.0 / (0.25 + deep), 30.0 / (0.12 + deep)), u * 4.0, 4.0) - 0.5;
        vec2 m = vec2(p.x + 0.02 * small * (0.3 + deep), SHORE + deep * 1.55 + (0.10 * wave + 0.03 * small) * (0.06 + deep));
        c = above(vec2(m.x, max(m.y, SHORE + 0.002))) * mix(vec3(0.62, 0.70, 0.74), vec3(0.26, 0.34, 0.40), smoothstep(0.0, 0.5, deep));
        float reflected = firs(m.x);
        c = mix(vec3(0.004, 0.009, 0.013), c, soft(0.008, m.y - SHORE - reflected));
    }
    c = mix(vec3(0.003, 0.007, 0.010), c, p.y > SHORE ? soft(0.0025, p.y - SHORE - firs(p.x)) : 1.0);
    return filmic(c * 1.25);
}
