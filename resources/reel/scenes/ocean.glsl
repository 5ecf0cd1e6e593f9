// A low sun over a slow swell.
const float LINE = 0.12;
const vec2 SUN = vec2(-0.07, 0.235);
vec3 sky(vec2 p) {
    float h = clamp((p.y - LINE) / (1.0 - LINE), 0.0, 1.0);
    vec3 c = mix(vec3(1.00, 0.50, 0.20), vec3(0.95, 0.33, 0.28), smoothstep(0.0, 0.16, h));
    c = mix(c, vec3(0.50, 0.20, 0.36), smoothstep(0.10, 0.42, h));
    c = mix(c, vec3(0.13, 0.10, 0.27), smoothstep(0.32, 0.72, h));
    c = mix(c, vec3(0.035, 0.04, 0.13), smoothstep(0.62, 1.0, h));
    float d = length(p - SUN);
    c += vec3(1.0, 0.55, 0.20) * (0.55 * exp(-d * 3.2) + 0.55 * exp(-d * 11.0));
    return c;
}
vec3 clouds(vec2 p, vec3 c) {
    float h = p.y - LINE;
    vec2 q = vec2(p.x * 1.1, 0.0) + vec2(0.0, 1.6 * log(h + 0.16) * 2.6);
    float thick = drift(q * vec2(1.0, 1.7) + 2.0, vec2(0.22, 0.0));
    float cover = smoothstep(0.50, 0.78, thick + 0.05 * sin(h * 9.0)) * smoothstep(0.02, 0.16, h) * (1.0 - 0.6 * smoothstep(0.5, 0.9, h));
    float d = length(p - SUN);
    vec3 lit = mix(vec3(1.0, 0.52, 0.30), vec3(0.42, 0.20, 0.36), smoothstep(0.1, 0.75, h));
    vec3 body = mix(vec3(0.45, 0.17, 0.24), vec3(0.10, 0.08, 0.20), smoothstep(0.0, 0.7, h));
    float edge = smoothstep(0.78, 0.52, thick);
    return mix(c, mix(body, lit * (1.0 + 0.8 * exp(-d * 3.0)), edge), cover * 0.85);
}
// The slope of the water: waves of whole numbers of turns in a loop.
vec2 slope(vec2 g, float far) {
    vec2 s = vec2(0);
    for (int k = 0; k < 13; k++) {
        float f = float(k), len = 2.4 * pow(0.735, f);
        float a = (hash(f + 3.0) - 0.5) * 2.1 + 1.5708;
        vec2 dir = vec2(cos(a), sin(a));
        float turns = max(1.0, floor(1.25 / sqrt(len) + 0.6));
        float steep = 0.085 * smoothstep(far * 0.9, far * 0.25, 1.0 / len * 0.0 + f / 13.0);
        float phase = TAU * (dot(g, dir) / len + turns * u + hash(f + 11.0)) + 0.9 * sin(TAU * (dot(g, dir.yx) / (len * 3.1) + hash(f)));
        s += dir * steep * cos(phase);
    }
    return s;
}
vec3 scene(vec2 p) {
    vec3 c;
    if (p.y > LINE) {
        c = clouds(p, sky(p));
        float d = length(p - SUN);
        c = mix(c, vec3(1.55, 1.12, 0.62), soft(0.004, 0.085 - d));
    } else {
        float y = LINE - p.y;
        float dist = 0.34 / (y + 0.012);
        vec2 g = vec2(p.x * dist * 2.6, dist * 2.2);
        vec2 s = slope(g, 1.35) * mix(1.0, 0.55, smoothstep(1.0, 6.0, dist));
        s *= smoothstep(28.0, 5.0, dist);
        vec3 n = normalize(vec3(-s.x, 1.0, -s.y));
        vec3 eye = normalize(vec3(p.x, -y * 0.9 - 0.015, 1.3));
        vec3 r = reflect(eye, n);
        r.y = abs(r.y);
        vec2 at = vec2(r.x / r.z * 1.25, LINE + 0.02 + r.y / max(r.z, 0.25) * 1.15);
        float fresnel = 0.03 + 0.97 * pow(1.0 - clamp(dot(-eye, n), 0.0, 1.0), 4.0);
        vec3 mirrored = sky(at);
        vec3 water = mix(vec3(0.010, 0.045, 0.085), vec3(0.05, 0.10, 0.14), clamp(0.5 - s.y * 4.0, 0.0, 1.0));
        c = mix(water, mirrored * 0.92, clamp(fresnel * 1.15, 0.0, 1.0));
        vec3 sun = normalize(vec3(SUN.x, SUN.y - LINE + 0.02, 1.3));
        float spark = max(dot(r, sun), 0.0);
        c += vec3(1.0, 0.60, 0.26) * (pow(spark, 420.0) * 2.1 + pow(spark, 60.0) * 0.30);
        c = mix(c, vec3(1.0, 0.52, 0.27), 0.62 * exp(-y * 26.0));
    }
    return filmic(c * 0.92);
}
