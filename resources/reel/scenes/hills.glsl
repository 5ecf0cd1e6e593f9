// Hills cut from paper, one sheet behind the other, with mist between them.
float rough(vec2 p) { return 0.5 * noise(p * 210.0) + 0.5 * noise(p * 95.0); }
float outline(float x, float layer) {
    float s = 11.3 * layer + 2.0;
    float h = 0.62 * noise(vec2(x * (1.15 + 0.12 * layer) + s, s)) + 0.26 * noise(vec2(x * 2.9 + s * 2.0, s)) + 0.10 * noise(vec2(x * 6.3 - s, s));
    return h;
}
float tree(vec2 q, float tall) {
    // A fir of three triangles on a trunk; q from its foot.
    float y = q.y / tall, x = abs(q.x) / tall;
    float d = -1.0;
    for (int k = 0; k < 3; k++) {
        float foot = 0.12 + 0.24 * float(k), top = foot + 0.44 - 0.02 * float(k), wide = 0.24 - 0.055 * float(k);
        d = max(d, min(wide * (top - y) / (top - foot) - x, y - foot));
    }
    d = max(d, min(0.028 - x, min(0.16 - y, y + 0.2)));
    return d * tall;
}
// How far inside the sheet p is; positive is paper.
float sheet(vec2 p, float layer) {
    float base = 0.36 - 0.235 * layer, swing = 0.30 + 0.03 * layer;
    float d = base - 0.16 + swing * outline(p.x, layer) - p.y;
    d *= 0.8;
    if (layer > 1.5) {
        float wide = 0.085 + 0.022 * layer, cell = floor(p.x / wide);
        for (float o = -1.0; o <= 1.0; o++) {
            float h = hash(cell + o + layer * 31.0);
            if (h < 0.36) continue;
            float x = (cell + o + 0.25 + 0.5 * hash(h * 77.0)) * wide;
            float foot = base - 0.16 + swing * outline(x, layer) - 0.012;
            d = max(d, tree(p - vec2(x, foot), (0.09 + 0.10 * h) * (0.55 + 0.20 * layer)));
        }
    }
    if (layer > 4.5) {
        // Grass at the front.
        float wide = 0.013, cell = floor(p.x / wide);
        for (float o = -2.0; o <= 2.0; o++) {
            float h = hash(cell + o + 5.0), x = (cell + o + h) * wide, foot = base - 0.16 + swing * outline(x, layer);
            float y = p.y - foot, tall = 0.018 + 0.045 * h * h;
            d = max(d, min((1.0 - y / tall) * 0.0042 - abs(p.x - x - (h - 0.5) * 0.9 * y * y / tall), y + 0.02));
        }
    }
    return d;
}
vec3 scene(vec2 p) {
    float sway = sin(TAU * u);
    vec3 top = vec3(0.98, 0.80, 0.62), low = vec3(1.0, 0.91, 0.78);
    vec3 c = mix(low, mix(top, vec3(0.55, 0.66, 0.74), smoothstep(0.35, 1.05, p.y)), smoothstep(0.0, 0.8, p.y));
    vec2 sun = vec2(0.14, 0.46 + 0.008 * sin(TAU * u));
    float d = length(p - sun);
    for (int k = 4; k >= 0; k--) {
        // Rings of thin paper around the sun.
        float r = 0.125 + 0.085 * float(k) + 0.006 * sin(TAU * (u + 0.17 * float(k)));
        c = mix(c, k == 0 ? vec3(1.0, 0.985, 0.93) : mix(vec3(1.0, 0.93, 0.80), c, 0.60 + 0.06 * float(k)), soft(0.0025, r - d));
    }
    // Clouds on threads.
    for (int k = 0; k < 3; k++) {
        float f = float(k);
        vec2 at = vec2(-0.36 + 0.38 * f + 0.030 * sin(TAU * (u + 0.33 * f)), 0.80 - 0.13 * mod(f * 2.0, 3.0));
        float e = -1.0;
        for (int j = 0; j < 5; j++) {
            float g = float(j) - 2.0;
            e = max(e, (0.052 - 0.012 * abs(g) + 0.01 * hash(f * 7.0 + g)) - length((p - at - vec2(g * 0.047, 0.0)) * vec2(1.0, 1.0)));
        }
        e = min(e, p.y - at.y + 0.018);
        float shade = smoothstep(0.030, -0.012, -(e - 0.0)) ;
        c *= 1.0 - 0.10 * smoothstep(-0.030, 0.010, min(e + 0.012, 1.0)) * step(e, 0.0);
        c = mix(c, vec3(1.0, 0.965, 0.91), soft(0.002, e) * 0.96);
    }
    // Birds.
    for (int k = 0; k < 5; k++) {
        float f = float(k), way = fract(u + 0.06 * f + 0.30);
        vec2 at = vec2(mix(-0.85, 0.85, way) - 0.05 * f, 0.36 + 0.05 * sin(f * 2.1) + 0.03 * f + 0.10 * way);
        vec2 q = (p - at) / (0.019 + 0.003 * hash(f));
        float flap = sin(TAU * (8.0 * u + 0.21 * f));
        float wing = abs(q.x) * (0.55 * flap + 0.15) - 0.32 * q.x * q.x * flap;
        float line = 0.13 * (1.0 - abs(q.x) / 1.7);
        c = mix(c, vec3(0.25, 0.25, 0.34), soft(0.05, line - abs(q.y - wing)) * step(abs(q.x), 1.7));
    }
    for (int k = 0; k < 6; k++) {
        float f = float(k);
        vec2 q = p + vec2(sway * 0.004 * (f + 1.0) * (f + 1.0) * 0.35, 0.0);
        float body = sheet(q, f);
        // The sheet's shadow falls on what lies behind it.
        float shadow = smoothstep(-0.020, 0.006, sheet(q + vec2(0.009, -0.013), f));
        c *= 1.0 - (0.20 + 0.03 * f) * shadow;
        vec3 paint = f < 0.5 ? vec3(0.93, 0.76, 0.66) : f < 1.5 ? vec3(0.84, 0.62, 0.58) : f < 2.5 ? vec3(0.62, 0.49, 0.55) : f < 3.5 ? vec3(0.37, 0.38, 0.50) : f < 4.5 ? vec3(0.19, 0.27, 0.38) : vec3(0.075, 0.15, 0.22);
        paint *= 0.955 + 0.09 * rough(q + f);
        paint *= 1.0 + 0.10 * smoothstep(0.30, 0.0, body) - 0.05 * smoothstep(0.0, 0.5, body);
        // The cut edge catches light.
        paint += vec3(0.10, 0.085, 0.065) * smoothstep(0.0065, 0.0, body) * (1.0 - 0.10 * f);
        c = mix(c, paint, soft(0.0016, body));
        if (k < 5) {
            float level = 0.30 - 0.235 * f;
            float fog = drift(vec2(p.x * 1.5, p.y * 3.4) + 7.0 * f, vec2(0.55 + 0.10 * f, 0.0));
            float band = exp(-pow((p.y - level + 0.11) / 0.155, 2.0));
            c = mix(c, mix(vec3(1.0, 0.93, 0.85), vec3(0.66, 0.71, 0.78), f / 5.0), band * smoothstep(0.28, 0.80, fog) * (0.80 - 0.06 * f));
        }
    }
    return pow(max(c, 0.0), vec3(1.08));
}
