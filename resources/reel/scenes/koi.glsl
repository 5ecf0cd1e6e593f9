// Three koi circle in a pond, seen from above.
float caustic(vec2 p) {
    float sum = 0.0;
    for (int k = 0; k < 2; k++) {
        vec2 q = p * (3.6 + 2.4 * float(k)) + 5.0 * float(k);
        q += 0.55 * vec2(sin(q.y * 1.3 + TAU * (u + 0.2)), cos(q.x * 1.1 + TAU * u));
        vec2 cell = floor(q);
        float near = 9.0, next = 9.0;
        for (int y = -1; y <= 1; y++) for (int x = -1; x <= 1; x++) {
            vec2 o = vec2(x, y), h = hash2(cell + o);
            vec2 at = o + 0.5 + 0.42 * vec2(sin(TAU * (u + h.x)), cos(TAU * (u + h.y))) - (q - cell);
            float d = dot(at, at);
            if (d < near) { next = near; near = d; } else next = min(next, d);
        }
        sum += pow(smoothstep(0.34, 0.0, sqrt(next) - sqrt(near)), 3.0) * (0.65 - 0.25 * float(k));
    }
    return sum;
}
// Where a fish's body lies: `along` from nose (0) to tail (1) gives a point on its path.
vec2 route(float t, float kind) {
    float a = TAU * t;
    vec2 r = kind < 0.5 ? vec2(0.335, 0.50) : kind < 1.5 ? vec2(0.30, 0.44) : vec2(0.25, 0.37);
    return vec2(cos(a), sin(a)) * r + vec2(0.02, 0.02 + 0.03 * kind) + 0.035 * vec2(sin(2.0 * a + kind), cos(3.0 * a + kind));
}
struct Fish { float inside; float side; float along; float fin; };
Fish fish(vec2 p, float t, float kind, float size, float way) {
    Fish best = Fish(-1.0, 0.0, 0.0, -1.0);
    float near = 9.0;
    if (length(p - route(t - way * size * 0.12, kind)) > size * 0.95) return best;
    const int N = 18;
    vec2 before = vec2(0);
    float last = 0.0;
    for (int k = 0; k <= N; k++) {
        float s = float(k) / float(N);
        float step_ = size * 0.27;
        float turn_ = t - way * s * step_;
        vec2 at = route(turn_, kind), ahead = route(turn_ + way * 0.004, kind);
        vec2 tangent = normalize(ahead - at), side = vec2(-tangent.y, tangent.x);
        at += side * size * 0.050 * s * s * sin(TAU * (7.0 * u - s * 0.95 + kind * 0.37)) * 2.2;
        float r = size * (0.118 * pow(sin(3.14159 * pow(clamp(s * 0.93 + 0.045, 0.0, 1.0), 0.62)), 0.85) * (1.0 - 0.50 * s) + 0.008);
        vec2 d = p - at;
        if (k > 0) {
            // The nearest point of the spine's piece between the last joint and this one.
            vec2 piece = at - before;
            float part = clamp(dot(p - before, piece) / dot(piece, piece), 0.0, 1.0);
            float thick = mix(last, r, part);
            vec2 away = p - before - piece * part;
            float e = length(away);
            if (e - thick < near) {
                near = e - thick;
                best.inside = thick - e;
                best.side = e / thick * sign(away.x * piece.y - away.y * piece.x);
                best.along = s - (1.0 - part) / float(N);
            }
        }
        before = at;
        last = r;
        // Fins at the breast and before the tail, and the tail itself.
        if (k == 4 || k == 10) {
            float big = k == 4 ? 0.80 : 0.45;
            for (float w = -1.0; w <= 1.0; w += 2.0) {
                float beat = 0.16 * sin(TAU * (3.0 * u + kind * 0.3) + w);
                vec2 q = vec2(dot(d, -tangent), dot(d, side) * w - r * 0.7) * turn(-(0.62 + beat));
                q /= size * 0.17 * big;
                best.fin = max(best.fin, 1.0 - length((q - vec2(0.55, 0.0)) * vec2(1.35, 2.7 - 1.0 * q.x)));
            }
        }
        if (k == N) {
            float bend = 0.42 * cos(TAU * (7.0 * u - 0.95 + kind * 0.37));
            vec2 q = vec2(dot(d, -tangent), dot(d, side)) * turn(bend) / (size * 0.30);
            float fork = 0.30 + 0.42 * q.x + 0.10 * sin(q.x * 3.0);
            float tail = min(min(q.x + 0.16, 1.0 - q.x - 0.28 * exp(-abs(q.y) * 8.0)), 0.55 * fork - abs(q.y));
            best.fin = max(best.fin, tail);
        }
    }
    return best;
}
vec3 skin(Fish f, float kind) {
    float patches = noise(vec2(f.along * 4.2 + 3.0 * kind, f.side * 0.9 + 5.0 * kind)) + 0.25 * noise(vec2(f.along * 11.0, f.side * 2.5 + kind));
    vec3 white = vec3(0.98, 0.94, 0.88), red = vec3(0.93, 0.27, 0.10);
    vec3 c = kind < 0.5 ? mix(white, red, smoothstep(0.52, 0.60, patches)) : kind < 1.5 ? mix(vec3(0.97, 0.52, 0.10), vec3(1.0, 0.78, 0.36), smoothstep(0.3, 0.9, patches)) : mix(mix(white, red, smoothstep(0.55, 0.62, patches)), vec3(0.08, 0.08, 0.10), smoothstep(0.66, 0.70, noise(vec2(f.along * 7.0 + 8.0, f.side * 1.4))));
    float round_ = sqrt(max(1.0 - f.side * f.side, 0.0));
    c *= 0.52 + 0.55 * round_;
    c += 0.10 * exp(-pow(f.side / 0.16, 2.0)) * smoothstep(0.06, 0.2, f.along);
    float eye = length(vec2((f.along - 0.115) * 8.0, abs(f.side) - 0.62));
    c = mix(vec3(0.03), c, smoothstep(0.09, 0.17, eye));
    return c;
}
// A lily pad: xy from its middle, returns how far inside.
float pad(vec2 q, float r, float cut) {
    float a = atan(q.y, q.x), d = r * (1.0 + 0.005 * sin(a * 7.0)) - length(q);
    float notch = abs(mod(a - cut + 3.14159, TAU) - 3.14159) * length(q) - 0.10 * length(q) - 0.002;
    return min(d, notch);
}
vec3 scene(vec2 p) {
    vec2 wob = 0.006 * vec2(boil(p * 3.0, u * 3.0, 3.0) - 0.5, boil(p * 3.0 + 9.0, u * 3.0, 3.0) - 0.5);
    vec2 w = p + wob;
    vec3 c = mix(vec3(0.045, 0.235, 0.235), vec3(0.012, 0.085, 0.115), smoothstep(0.1, 1.1, length(w * vec2(1.25, 0.85))));
    float stones = fbm(w * 3.3 + 4.0);
    c *= 0.78 + 0.40 * stones;
    // Pebbles at the bottom.
    vec2 g = w * 8.5, cell = floor(g);
    float pebble = 0.0, tone = 0.0;
    for (int y = -1; y <= 1; y++) for (int x = -1; x <= 1; x++) {
        vec2 o = vec2(x, y), h = hash2(cell + o);
        float r = 0.22 + 0.26 * h.x, e = length((g - cell - o - 0.5 - 0.35 * (h - 0.5)) * turn(h.y * 6.0) * vec2(1.0, 1.35));
        float in_ = smoothstep(r, r * 0.72, e);
        if (in_ > pebble) { pebble = in_; tone = h.y; }
    }
    c = mix(c, c * (1.15 + 0.75 * tone) + 0.010, pebble * 0.42);
    float net = caustic(w);
    c += vec3(0.09, 0.20, 0.17) * net * (0.80 - 0.40 * smoothstep(0.2, 1.1, length(w)));
    for (int k = 0; k < 3; k++) {
        float kind = float(k);
        float way = k == 1 ? 1.0 : 1.0, t = u + (k == 0 ? 0.0 : k == 1 ? 0.40 : 0.72), size = k == 0 ? 0.56 : k == 1 ? 0.50 : 0.45;
        Fish s = fish(w + vec2(0.045, -0.065), t, kind, size, way);
        float shadow = max(smoothstep(-0.030, 0.03, s.inside), 0.5 * smoothstep(-0.1, 0.3, s.fin));
        c *= 1.0 - 0.55 * shadow;
    }
    for (int k = 0; k < 3; k++) {
        float kind = float(k);
        float way = 1.0, t = u + (k == 0 ? 0.0 : k == 1 ? 0.40 : 0.72), size = k == 0 ? 0.56 : k == 1 ? 0.50 : 0.45;
        Fish f = fish(w, t, kind, size, way);
        vec3 fin = kind < 0.5 ? vec3(1.0, 0.86, 0.78) : kind < 1.5 ? vec3(1.0, 0.74, 0.36) : vec3(0.92, 0.90, 0.88);
        c = mix(c, fin * 0.80, soft(0.03, f.fin) * (0.34 + 0.30 * smoothstep(0.0, 0.7, f.fin)));
        vec3 body = skin(f, kind);
        body += vec3(0.20, 0.24, 0.20) * net * 0.45;
        c = mix(c, mix(body, vec3(0.04, 0.25, 0.25), 0.10), soft(0.0028, f.inside));
    }
    // Rings on the surface.
    for (int k = 0; k < 3; k++) {
        float f = float(k), t = fract(u + 0.37 * f);
        vec2 at = vec2(-0.28 + 0.33 * f, 0.55 - 0.62 * f + 0.25 * f * f);
        float d = length(p - at), ring = sin((d - t * 0.42) * 95.0) * exp(-pow((d - t * 0.42) / 0.045, 2.0));
        c += vec3(0.55, 0.75, 0.75) * ring * 0.10 * (1.0 - t) * smoothstep(0.0, 0.1, t);
    }
    // Pads float above everything and cast a shade.
    for (int k = 0; k < 8; k++) {
        float f = float(k), h = hash(f + 2.0);
        vec2 at = k < 3 ? vec2(-0.50 + 0.17 * f, 0.86 + 0.07 * sin(f * 3.0)) : k < 6 ? vec2(0.53 - 0.15 * (f - 3.0), -0.72 - 0.13 * abs(f - 4.0) * 1.3) : vec2(0.50 - 0.98 * (f - 6.0), 0.62 - 1.08 * (f - 6.0));
        at += 0.010 * vec2(sin(TAU * (u + h)), cos(TAU * (u + h * 3.0)));
        float r = 0.10 + 0.07 * h, cut = h * 9.0 + 0.12 * sin(TAU * (u + h));
        c *= 1.0 - 0.45 * smoothstep(-0.035, 0.02, pad(p - at + vec2(0.035, -0.05), r, cut));
        float e = pad(p - at, r, cut);
        vec2 q = p - at;
        float a = atan(q.y, q.x) - cut;
        vec3 green = mix(vec3(0.13, 0.36, 0.13), vec3(0.30, 0.52, 0.16), hash(f + 9.0));
        green *= 0.80 + 0.30 * length(q) / r;
        green += vec3(0.09, 0.10, 0.03) * pow(abs(cos(a * 5.5)), 22.0) * smoothstep(r, 0.0, length(q) * 0.9);
        green += vec3(0.10, 0.12, 0.05) * smoothstep(0.012, 0.0, e);
        green *= 0.92 + 0.16 * dot(normalize(q + 1e-4), vec2(-0.5, 0.8)) * length(q) / r;
        c = mix(c, green, soft(0.002, e));
    }
    c += vec3(0.05, 0.07, 0.08) * smoothstep(0.55, 0.85, drift(p * vec2(1.2, 1.8) + 3.0, vec2(0.3, 0.2)));
    return pow(filmic(c * 1.05), vec3(0.92));
}
