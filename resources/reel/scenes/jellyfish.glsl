// Jellyfish, lit from within, in the last of the daylight.
vec3 jelly(vec2 p, vec2 at, float size, float phase, vec3 tint, float lean, float haze) {
    float beat = sin(TAU * (2.0 * u + phase));
    float swim = sin(TAU * (2.0 * u + phase) - 1.1);
    vec2 q = (p - at - vec2(0.012 * sin(TAU * (u + phase)), 0.030 * swim) * size * 3.0) / size;
    q *= turn(lean + 0.05 * sin(TAU * (u + phase)));
    if (abs(q.x) > 2.2 || q.y > 1.6 || q.y < -5.2) return vec3(0);
    vec3 sum = vec3(0);
    float blur = 0.012 + haze;
    // The bell narrows when it beats.
    float wide = 1.0 - 0.13 * beat, tall = 0.86 + 0.09 * beat;
    vec2 b = vec2(q.x / wide, q.y / tall);
    float rim = -0.10 + 0.06 * cos(b.x * 21.0) * smoothstep(0.2, 0.9, abs(b.x)) - 0.14 * (1.0 - b.x * b.x);
    float r = length(b * vec2(1.0, b.y > 0.0 ? 1.0 : 1.9));
    float inside = soft(blur * 1.6, 1.0 - r) * soft(blur * 1.6, b.y - rim);
    float shell = pow(clamp(r, 0.0, 1.0), 3.5);
    float ribs = 0.5 + 0.5 * cos(9.0 * asin(clamp(b.x / max(sqrt(max(1.0 - b.y * b.y, 0.02)), 0.05), -1.0, 1.0)) * 2.0);
    sum += tint * inside * (0.16 + 0.62 * shell + 0.20 * ribs * smoothstep(0.25, 1.0, r) + 0.22 * exp(-8.0 * abs(b.y - rim)));
    sum += mix(tint, vec3(1), 0.5) * inside * 0.55 * exp(-7.0 * length((b - vec2(-0.30, 0.52)) * vec2(1.0, 1.7)));
    // The four-leaved glow in the middle.
    vec2 heart = (b - vec2(0.0, 0.30)) * vec2(1.0, 1.7);
    float leaf = length(heart);
    float petals = 0.31 + 0.065 * cos(4.0 * atan(heart.y, heart.x));
    sum += mix(tint.brg, vec3(1.0, 0.75, 0.85), 0.45) * inside * (0.75 * exp(-pow((leaf - petals) / 0.070, 2.0)) + 0.22 * smoothstep(petals, 0.0, leaf));
    // Arms: wide veils in the middle.
    float down = -(q.y - 0.0);
    if (down > -0.05) {
        for (int k = 0; k < 5; k++) {
            float f = float(k) - 2.0;
            float sway = 0.24 * sin(TAU * (2.0 * u + phase) - down * 2.3 - f * 0.8) * smoothstep(0.0, 2.0, down);
            float x = f * 0.13 * (1.0 - 0.12 * down) + sway;
            float broad = (0.115 + 0.05 * sin(down * 11.0 + f * 2.0 + TAU * phase + TAU * u)) * smoothstep(2.7, 0.5, down) + blur * 0.4;
            float d = abs(q.x - x) / broad;
            float frill = exp(-d * d * 1.4) * 0.24 + 0.28 * exp(-pow((d - 0.9) / 0.30, 2.0));
            sum += mix(tint, vec3(1.0, 0.85, 0.92), 0.35) * frill * smoothstep(2.8, 0.2, down) * smoothstep(-0.05, 0.15, down);
        }
        // Tentacles: long threads from the rim.
        for (int k = 0; k < 12; k++) {
            float f = (float(k) - 5.5) / 5.5, h = hash(float(k) + phase * 17.0);
            float long_ = 2.9 + 1.9 * h;
            float sway = (0.16 + 0.10 * h) * sin(TAU * (2.0 * u + phase) - down * (1.5 + 0.5 * h) - f * 1.3) * smoothstep(-0.1, 1.6, down);
            sway += 0.12 * sin(TAU * (u + h) + down * 1.1) * smoothstep(0.4, 3.0, down);
            float x = f * (0.93 * wide - 0.10 * smoothstep(0.0, 3.0, down)) + sway;
            float line = 0.011 + blur * 0.45;
            float d = (q.x - x) / line;
            sum += tint * 0.50 * exp(-d * d) * smoothstep(long_, 0.6, down) * smoothstep(-0.02, 0.2, down - 0.10 * (1.0 - f * f));
        }
    }
    sum += tint * 0.10 * exp(-2.1 * length(q - vec2(0.0, 0.1)));
    return sum;
}
vec3 scene(vec2 p) {
    vec3 c = mix(vec3(0.002, 0.008, 0.030), vec3(0.008, 0.075, 0.150), smoothstep(-1.1, 1.15, p.y));
    c += vec3(0.03, 0.20, 0.26) * exp(-2.4 * length((p - vec2(0.1, 1.25)) * vec2(0.9, 1.0)));
    // Shafts from the surface.
    vec2 s = p - vec2(0.18, 1.9);
    float a = atan(s.x, -s.y);
    float shafts = 0.6 * boil(vec2(a * 14.0, 0.3), u * 2.0, 2.0) + 0.4 * boil(vec2(a * 31.0, 5.0), u * 3.0, 3.0);
    c += vec3(0.02, 0.12, 0.16) * smoothstep(0.42, 0.95, shafts) * smoothstep(-0.9, 1.0, p.y) * 0.9;
    c += jelly(p, vec2(-0.36, 0.60), 0.085, 0.35, vec3(0.22, 0.50, 0.85), 0.20, 0.05) * 0.40;
    c += jelly(p, vec2(0.40, 0.16), 0.105, 0.70, vec3(0.40, 0.38, 0.90), -0.22, 0.035) * 0.50;
    c += jelly(p, vec2(-0.42, -0.30), 0.070, 0.10, vec3(0.20, 0.55, 0.80), 0.10, 0.06) * 0.35;
    c += jelly(p, vec2(0.27, 0.70), 0.150, 0.55, vec3(0.30, 0.55, 0.98), -0.16, 0.012) * 0.72;
    c += jelly(p, vec2(-0.06, 0.10), 0.270, 0.0, vec3(0.98, 0.42, 0.62), 0.10, 0.0);
    // Snow of the sea, sinking.
    for (int k = 0; k < 3; k++) {
        float f = float(k), size = 5.0 + 4.0 * f;
        vec2 q = p * size + vec2(0.35 * sin(TAU * (u + 0.3 * f)), 0.0) + vec2(f * 7.0, 0.0);
        // Whole cells in a loop; the pattern repeats every four of them.
        q.y += u * (k == 0 ? 4.0 : 4.0);
        vec2 cell = floor(q), h = hash2(vec2(cell.x, mod(cell.y, 4.0)) + 13.0 * f);
        vec2 d = q - cell - 0.25 - 0.5 * h;
        float on = step(0.68, hash(vec2(cell.x + 3.0, mod(cell.y, 4.0)) + f));
        c += vec3(0.22, 0.40, 0.48) * on * exp(-dot(d, d) * (190.0 - 45.0 * f)) * (0.6 - 0.15 * f) * (0.4 + 0.6 * h.x);
    }
    return filmic(c * 1.35);
}
